//! How an SPF policy ends, with everything that it includes.

use jiff::Timestamp;

use super::super::check::Check;
use super::super::finding::{Finding, Inapplicable, Unknown, Word};
use super::super::subjects::{Said, domain};
use super::spf::{own, read, seen};
use crate::evidence::scan::Evidence;
use crate::policy::SpfRecord;
use crate::policy::spf::{DomainSpec, Mechanism, Qualifier, SpfEnd, SpfError, Term};

/// What `all` says, if the policy can be evaluated at all. Names with macros depend on the mail; they cost their
/// look-up and are not followed.
pub(in super::super) fn spf_policy(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match own(evidence) {
        Err(why) => Said::inconclusive(why),
        Ok(Err(SpfError::Absent | SpfError::Several)) => Said::not_applicable(Inapplicable::NoRecord),
        Ok(Err(fault)) => Said::is(Word::Invalid).detail(fault.to_string()),
        Ok(Ok(record)) => followed(evidence, &record),
    };
    domain(Check::SpfPolicy, evidence, said.seen(seen(evidence)))
}

fn followed(evidence: &Evidence, record: &SpfRecord) -> Said {
    let mut walk = Walk { evidence, lookups: 0, wrong: None, unknown: None };
    let end = walk.through(0, record);
    let said = match (walk.wrong, end, walk.unknown) {
        (Some(wrong), ..) => Said::is(Word::Invalid).detail(wrong),
        _ if walk.lookups > SpfRecord::LOOKUPS_MAX => Said::is(Word::TooMany),
        // What is not known cannot make these better.
        (None, Some(word @ (Word::PassAll | Word::Neutral | Word::NoEnd)), _) => Said::is(word),
        (None, _, Some(why)) => Said::inconclusive(why),
        (None, Some(word), None) => Said::is(word),
        (None, None, None) => Said::inconclusive(Unknown::Cut),
    };
    said.detail(format!("{}/{}", walk.lookups, SpfRecord::LOOKUPS_MAX))
}

/// A walk through the policies that one includes.
struct Walk<'a> {
    evidence: &'a Evidence,
    /// How many terms cost a look-up so far.
    lookups: usize,
    /// A permanent error.
    wrong: Option<String>,
    /// Why something is not known.
    unknown: Option<Unknown>,
}

impl Walk<'_> {
    /// Through the policy at a place of the list; returns how it ends, if that is known. A policy names only later
    /// ones, so this comes to an end.
    fn through(&mut self, place: usize, record: &SpfRecord) -> Option<Word> {
        let mut redirected = None;
        for term in record.lookups() {
            self.lookups += 1;
            match term {
                Term::Directive(_, Mechanism::Include(name)) => {
                    self.into(place, term, name);
                }
                Term::Redirect(name) => redirected = self.into(place, term, name),
                _ => {}
            }
        }
        match record.end() {
            SpfEnd::All(Qualifier::Fail) => Some(Word::HardFail),
            SpfEnd::All(Qualifier::SoftFail) => Some(Word::SoftFail),
            SpfEnd::All(Qualifier::Neutral) => Some(Word::Neutral),
            SpfEnd::All(Qualifier::Pass) => Some(Word::PassAll),
            SpfEnd::Redirect(_) => redirected,
            SpfEnd::Nothing => Some(Word::NoEnd),
        }
    }

    /// Into a policy that a term names. One that is none is a permanent error (RFC 7208 §5.2, §6.1).
    fn into(&mut self, place: usize, term: &Term, name: &DomainSpec) -> Option<Word> {
        name.plain()?;
        let named = |by: &Option<(usize, String)>| {
            by.as_ref().is_some_and(|(from, text)| *from == place && text.parse().as_ref() == Ok(term))
        };
        let policies = &self.evidence.names.spf.policies;
        let found = policies.iter().enumerate().skip(place + 1).find(|(_, policy)| named(&policy.by));
        let Some((next, policy)) = found else {
            self.unknown = self.unknown.or(Some(Unknown::Cut));
            return None;
        };
        match read(self.evidence, policy) {
            Err(why) => {
                self.unknown = self.unknown.or(Some(why));
                None
            }
            Ok(Ok(record)) => self.through(next, &record),
            Ok(Err(fault)) => {
                self.wrong.get_or_insert_with(|| format!("{}: {fault}", policy.txt.name));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use super::*;
    use crate::evidence::scan::{NameAnswer, SpfPolicy};

    fn set(evidence: &mut Evidence, text: &str) {
        evidence.names.spf.policies[0].txt = sample::txt("example.net", text);
    }

    fn add(evidence: &mut Evidence, from: usize, term: &str, text: &str) {
        let name = term.split([':', '=']).next_back().unwrap();
        let policy = SpfPolicy { by: Some((from, term.to_owned())), txt: sample::txt(name, text) };
        evidence.names.spf.policies.push(policy);
    }

    #[test]
    fn words_of_one_policy() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::HardFail)),
            (|e| set(e, "v=spf1 mx ~all"), is(Word::SoftFail)),
            (|e| set(e, "v=spf1 mx ?all"), is(Word::Neutral)),
            (|e| set(e, "v=spf1 mx all"), is(Word::PassAll)),
            (|e| set(e, "v=spf1 mx"), is(Word::NoEnd)),
            (|e| set(e, "v=spf1 mx nonsense -all"), is(Word::Invalid)),
            (|e| set(e, "v=spf1 a a a a a a a a a mx -all"), is(Word::HardFail)),
            (|e| set(e, "v=spf1 a a a a a a a a a mx ptr -all"), is(Word::TooMany)),
            (|e| set(e, "v=spf1 include:%{d}.example.org -all"), is(Word::HardFail)),
            (|e| set(e, "v=spf1 redirect=%{d}.example.org"), inconclusive(Unknown::Cut)),
            (|e| set(e, "text"), not_applicable(Inapplicable::NoRecord)),
            (|e| sample::times_out(&mut e.names.spf.policies[0].txt), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.spf.policies[0].txt), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(spf_policy, cases);
    }

    #[test]
    fn words_of_policies_that_name_others() {
        let cases: Vec<(Bent, _)> = vec![
            (
                |e| {
                    set(e, "v=spf1 redirect=a.example");
                    add(e, 0, "redirect=a.example", "v=spf1 mx ~all");
                },
                is(Word::SoftFail),
            ),
            (
                |e| {
                    // What an included policy ends with does not matter.
                    set(e, "v=spf1 include:a.example -all");
                    add(e, 0, "include:a.example", "v=spf1 mx ?all");
                },
                is(Word::HardFail),
            ),
            (
                |e| {
                    set(e, "v=spf1 a mx include:a.example -all");
                    add(e, 0, "include:a.example", "v=spf1 a mx include:b.example -all");
                    add(e, 1, "include:b.example", "v=spf1 a a a a a -all");
                },
                is(Word::TooMany),
            ),
            (
                |e| {
                    set(e, "v=spf1 include:a.example -all");
                    add(e, 0, "include:a.example", "text");
                },
                is(Word::Invalid),
            ),
            (
                |e| {
                    set(e, "v=spf1 include:a.example -all");
                    add(e, 0, "include:a.example", "v=spf1 -all");
                    e.names.spf.policies[1].txt.answer = NameAnswer::NoName;
                },
                is(Word::Invalid),
            ),
            (
                |e| {
                    set(e, "v=spf1 include:a.example -all");
                    add(e, 0, "include:a.example", "v=spf1 -all");
                    sample::times_out(&mut e.names.spf.policies[1].txt);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    set(e, "v=spf1 include:a.example ?all");
                    add(e, 0, "include:a.example", "v=spf1 -all");
                    sample::times_out(&mut e.names.spf.policies[1].txt);
                },
                is(Word::Neutral),
            ),
            (|e| set(e, "v=spf1 include:a.example -all"), inconclusive(Unknown::Cut)),
        ];
        sample::check_all(spf_policy, cases);
    }
}
