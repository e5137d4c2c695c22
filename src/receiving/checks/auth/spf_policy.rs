//! How the SPF policy ends. `TooMany`: more than ten look-ups; `Invalid`: an error in it or in one it names.

use jiff::Timestamp;

use crate::receiving::checks::auth::shared::spf::{line, own, read, seen};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Note, Unknown, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::SpfRecord;
use crate::shared::policy::spf::{DomainSpec, KnownNames, Mechanism, Qualifier, SpfEnd, SpfError, Term};

pub(super) static CHECK: Definition = Definition {
    id: "spf-policy",
    category: Category::Auth,
    scope: Scope::Domain,
    scale: Scale::Words(&[
        Word::HardFail,
        Word::SoftFail,
        Word::Neutral,
        Word::PassAll,
        Word::NoEnd,
        Word::TooMany,
        Word::Invalid,
    ]),
    internetnl: Some("spf_policy"),
    judge: spf_policy,
    answered_by: &[Check::Spf],
    en: r"SPF policy
    .hard-fail = The policy ends in -all: other servers are not allowed.
    .soft-fail = The policy ends in ~all: other servers are suspicious.
    .neutral = The policy ends in ?all: it says nothing of other servers.
    .pass-all = The policy ends in +all: everybody may send mail of the domain.
    .no-end = The policy has no end, and so says nothing of other servers.
    .too-many = The policy costs more than ten look-ups. A receiver that comes so far without a match ends with an error (RFC 7208 §4.6.4).
    .invalid = The policy, or one that it names, has an error, so that receivers cannot evaluate it: a term that is none, a policy that does not exist, or an mx with more than ten hosts.
    .why = A policy that allows or ignores everybody else protects nobody, and one with an error does not count.
    .todo = End the policy in ~all or -all, correct what has an error, and replace include terms by fewer, or by networks, until at most ten look-ups remain.",
    de: r"SPF-Richtlinie
    .hard-fail = Die Richtlinie endet mit -all: Andere Server sind nicht erlaubt.
    .soft-fail = Die Richtlinie endet mit ~all: Andere Server sind verdächtig.
    .neutral = Die Richtlinie endet mit ?all: Über andere Server sagt sie nichts.
    .pass-all = Die Richtlinie endet mit +all: Jeder darf Mail der Domain verschicken.
    .no-end = Die Richtlinie hat kein Ende und sagt deshalb nichts über andere Server.
    .too-many = Die Richtlinie braucht mehr als zehn DNS-Abfragen. Kommt ein Empfänger ohne Treffer so weit, endet er mit einem Fehler (RFC 7208 §4.6.4).
    .invalid = Die Richtlinie, oder eine, die sie nennt, hat einen Fehler, sodass Empfänger sie nicht auswerten können: eine Angabe, die keine ist, eine Richtlinie, die es nicht gibt, oder ein mx mit mehr als zehn Mailservern.
    .why = Eine Richtlinie, die alle anderen erlaubt oder nichts über sie sagt, schützt niemanden, und eine fehlerhafte zählt nicht.
    .todo = Beenden Sie die Richtlinie mit ~all oder -all, berichtigen Sie, was fehlerhaft ist, und ersetzen Sie include durch weniger Einträge oder durch Netze, bis höchstens zehn DNS-Abfragen nötig sind.",
    ..Definition::BARE
};

/// What `all` says, if the policy can be evaluated at all. A policy whose name depends on the mail by a macro costs its
/// look-up and is not followed: what it costs itself is not known.
fn spf_policy(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let said = match own(evidence) {
        Err(why) => Said::inconclusive(why),
        Ok(Err(SpfError::Absent | SpfError::Several)) => Said::not_applicable(Inapplicable::NoRecord),
        Ok(Err(fault)) => Said::is(Word::Invalid).detail(fault.to_string()),
        Ok(Ok(record)) => followed(evidence, &record),
    };
    let crowded = evidence.names.spf.terms.iter().filter(|term| term.hosts > Some(SpfRecord::MX_HOSTS_MAX));
    let crowded = crowded.map(|term| line(evidence, term));
    domain(Check::SpfPolicy, evidence, said.seen(seen(evidence)).seen(crowded))
}

fn followed(evidence: &Evidence, record: &SpfRecord) -> Said {
    let mut walk = Walk { evidence, lookups: 0, wrong: None, unknown: None, of_the_mail: false };
    let end = walk.through(0, record);
    let said = match (walk.wrong, end, walk.unknown) {
        (Some(wrong), ..) => Said::is(Word::Invalid).detail(wrong),
        _ if walk.lookups > SpfRecord::LOOKUPS_MAX => Said::is(Word::TooMany),
        // What is not known cannot make these better.
        (None, Some(word @ (Word::PassAll | Word::Neutral | Word::NoEnd)), _) => Said::is(word),
        (None, _, Some(why)) => Said::inconclusive(why),
        (None, Some(word), None) => Said::is(word),
        (None, None, None) => Said::inconclusive(Unknown::DependsOnMail),
    };
    let least = if walk.of_the_mail { "≥ " } else { "" };
    let at_least = walk.of_the_mail.then_some(Note::SpfAtLeast);
    said.detail(format!("{least}{}/{}", walk.lookups, SpfRecord::LOOKUPS_MAX)).notes(at_least)
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
    /// Whether a policy was not followed, since its name depends on the mail.
    of_the_mail: bool,
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
                Term::Directive(_, Mechanism::Mx(..)) => self.mx(place, term),
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

    /// More MX hosts than are looked at are a permanent error (RFC 7208 §4.6.4).
    fn mx(&mut self, place: usize, term: &Term) {
        let spf = &self.evidence.names.spf;
        let looked =
            spf.terms.iter().find(|one| one.policy == place && one.term.parse().as_ref() == Ok(term));
        let hosts = looked.and_then(|looked| looked.hosts).unwrap_or_default();
        if hosts > SpfRecord::MX_HOSTS_MAX {
            let of = spf.policies.get(place).map_or("?", |policy| &policy.txt.name);
            let row = format!("{of} {term}: {hosts} MX > {}", SpfRecord::MX_HOSTS_MAX);
            self.wrong.get_or_insert(row);
        }
    }

    /// Into a policy that a term names. One that is none is a permanent error (RFC 7208 §5.2, §6.1).
    fn into(&mut self, place: usize, term: &Term, name: &DomainSpec) -> Option<Word> {
        let named = |by: &Option<(usize, String)>| {
            by.as_ref().is_some_and(|(from, text)| *from == place && text.parse().as_ref() == Ok(term))
        };
        let policies = &self.evidence.names.spf.policies;
        let found = policies.iter().enumerate().skip(place + 1).find(|(_, policy)| named(&policy.by));
        let Some((next, policy)) = found else {
            let known = KnownNames { domain: &policies.get(place)?.txt.name, sender: &self.evidence.domain };
            match name.expand(known) {
                Some(_) => self.unknown = self.unknown.or(Some(Unknown::Cut)),
                None => self.of_the_mail = true,
            }
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
    use super::*;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use crate::shared::evidence::scan::{NameAnswer, SpfPolicy, SpfTerm};

    fn set(evidence: &mut Evidence, text: &str) {
        evidence.names.spf.policies[0].txt = sample::txt("example.net", text);
    }

    fn add(evidence: &mut Evidence, from: usize, term: &str, text: &str) {
        let name = term.split([':', '=']).next_back().unwrap();
        let policy = SpfPolicy { by: Some((from, term.to_owned())), txt: sample::txt(name, text) };
        evidence.names.spf.policies.push(policy);
    }

    fn hosts(evidence: &mut Evidence, term: &str, hosts: u32) {
        let term = SpfTerm { policy: 0, term: term.to_owned(), void: Some(false), hosts: Some(hosts) };
        evidence.names.spf.terms.push(term);
    }

    /// What depends on the mail costs its look-up, and what it costs beyond is said to be open.
    #[test]
    fn what_depends_on_the_mail_makes_a_number_the_least() {
        let mut evidence = sample::perfect();
        for (text, row, notes) in [
            (
                "v=spf1 include:%{ir}.example.org a exists:%{i}.example.org -all",
                "≥ 3/10",
                &[Note::SpfAtLeast][..],
            ),
            ("v=spf1 a exists:%{i}.example.org a:%{h} -all", "3/10", &[]),
        ] {
            set(&mut evidence, text);
            let finding = spf_policy(&evidence, sample::now()).remove(0);
            assert_eq!((finding.details, finding.notes.as_slice()), (vec![row.to_owned()], notes), "{text}");
        }
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
            (|e| set(e, "v=spf1 include:%{i}.example.org -all"), is(Word::HardFail)),
            (|e| set(e, "v=spf1 redirect=%{i}.example.org"), inconclusive(Unknown::DependsOnMail)),
            (|e| set(e, "v=spf1 include:%{d}.example.org -all"), inconclusive(Unknown::Cut)),
            (|e| (set(e, "v=spf1 mx -all"), hosts(e, "mx", 10)).1, is(Word::HardFail)),
            (|e| (set(e, "v=spf1 mx -all"), hosts(e, "mx", 11)).1, is(Word::Invalid)),
            (
                |e| (set(e, "v=spf1 mx:a.example/24 ~all"), hosts(e, "mx:a.example/24", 64)).1,
                is(Word::Invalid),
            ),
            // What stands behind `all` is not looked up.
            (|e| (set(e, "v=spf1 -all mx"), hosts(e, "mx", 11)).1, is(Word::HardFail)),
            (|e| set(e, "text"), not_applicable(Inapplicable::NoRecord)),
            (|e| sample::times_out(&mut e.names.spf.policies[0].txt), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.names.spf.policies[0].txt), inconclusive(Unknown::DnsBogus)),
        ];
        sample::check_all(spf_policy, cases);
    }

    #[test]
    fn policies_that_the_macro_of_the_domain_names_are_followed() {
        let cases: Vec<(Bent, _)> = vec![
            (
                |e| {
                    set(e, "v=spf1 include:%{d}.a.example a -all");
                    add(e, 0, "include:%{d}.a.example", "v=spf1 a a a a a a a a a -all");
                },
                is(Word::TooMany),
            ),
            (
                |e| {
                    set(e, "v=spf1 redirect=%{d2r}.a.example");
                    add(e, 0, "redirect=%{d2r}.a.example", "v=spf1 mx ~all");
                },
                is(Word::SoftFail),
            ),
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
