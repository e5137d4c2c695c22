//! SPF (RFC 7208): a policy as text and back, and what its terms cost. Nothing is evaluated here; of macros those are
//! expanded that are the same for every mail.

mod domain_spec;
mod term;

use std::fmt;

use crate::shared::policy::fields::only;

pub use domain_spec::{DomainSpec, KnownNames};
pub use term::{DualCidr, Mechanism, Qualifier, Term};

/// A policy of SPF (RFC 7208).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpfRecord {
    /// Its terms, in order.
    pub terms: Vec<Term>,
}

/// Why TXT records are no policy. All but the first are a permanent error (RFC 7208 §4.5, §4.6).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpfError {
    /// None of the records is `v=spf1`.
    #[error("there is no record of version spf1")]
    Absent,
    /// More than one is.
    #[error("there is more than one record of version spf1")]
    Several,
    /// A term that the grammar does not know.
    #[error("`{0}` is no term")]
    Term(String),
    /// `redirect` or `exp` stands twice (RFC 7208 §6).
    #[error("`{0}` stands more than once")]
    Twice(&'static str),
}

/// How a policy ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpfEnd<'a> {
    /// By the first `all`; nothing behind it counts (RFC 7208 §5.1).
    All(Qualifier),
    /// By another policy (RFC 7208 §6.1).
    Redirect(&'a DomainSpec),
    /// By neither: neutral (RFC 7208 §4.7).
    Nothing,
}

impl SpfRecord {
    /// How many terms may cost a look-up, all policies together (RFC 7208 §4.6.4).
    pub const LOOKUPS_MAX: usize = 10;
    /// How many look-ups may be void, all policies together (RFC 7208 §4.6.4).
    pub const VOID_LOOKUPS_MAX: usize = 2;
    /// How many MX hosts one `mx` term may name (RFC 7208 §4.6.4).
    pub const MX_HOSTS_MAX: u32 = 10;

    /// Whether a TXT record is of this version, whatever follows (RFC 7208 §4.5).
    pub fn is_of_version(text: &str) -> bool {
        text.split(' ').next().is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"))
    }

    /// Reads the TXT records of a name, each already joined from its strings; others than SPF's are passed over.
    ///
    /// # Errors
    ///
    /// If there is no policy, more than one, or one with a term that is none. All but the first are a permanent error.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Result<Self, SpfError> {
        let text = only(records, Self::is_of_version, SpfError::Absent, SpfError::Several)?;
        let terms = text.split(' ').skip(1).filter(|term| !term.is_empty());
        let terms: Vec<Term> = terms.map(str::parse).collect::<Result<_, _>>()?;
        for (name, is) in [
            ("redirect", (|term| matches!(term, Term::Redirect(_))) as fn(&Term) -> bool),
            ("exp", |term| matches!(term, Term::Explanation(_))),
        ] {
            if terms.iter().filter(|term| is(term)).count() > 1 {
                return Err(SpfError::Twice(name));
            }
        }
        Ok(Self { terms })
    }

    /// What becomes of mail that no term matches.
    pub fn end(&self) -> SpfEnd<'_> {
        let all = self.terms.iter().find_map(|term| match term {
            Term::Directive(qualifier, Mechanism::All) => Some(SpfEnd::All(*qualifier)),
            _ => None,
        });
        let redirect = self.terms.iter().find_map(|term| match term {
            Term::Redirect(domain) => Some(SpfEnd::Redirect(domain)),
            _ => None,
        });
        all.or(redirect).unwrap_or(SpfEnd::Nothing)
    }

    /// The terms that cost a look-up each, in the order in which they are reached: none behind `all`, and
    /// `redirect` only where there is no `all` (RFC 7208 §4.6.4, §5.1, §6.1).
    pub fn lookups(&self) -> impl Iterator<Item = &Term> {
        let is_all = |term: &&Term| matches!(term, Term::Directive(_, Mechanism::All));
        let ends = self.terms.iter().any(|term| is_all(&term));
        let reached = self.terms.iter().take_while(move |term| !is_all(term));
        let mechanisms = reached.filter(|term| match term {
            Term::Directive(_, mechanism) => mechanism.costs_a_lookup(),
            _ => false,
        });
        let redirect = self.terms.iter().filter(move |term| !ends && matches!(term, Term::Redirect(_)));
        mechanisms.chain(redirect)
    }
}

impl fmt::Display for SpfRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=spf1")?;
        self.terms.iter().try_for_each(|term| write!(f, " {term}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SpfRecord, SpfError> {
        SpfRecord::from_txt([text])
    }

    #[test]
    fn reads_back_as_it_was_written() {
        for text in [
            "v=spf1",
            "v=spf1 -all",
            "v=spf1 mx a:mail.example.net/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?ptr ~all",
            "v=spf1 a/27 mx//48 include:_spf.example.net exists:%{ir}.%{v}._spf.%{d2} redirect=_spf.example.com",
            "v=spf1 exp=explain._spf.%{d} +ip4:192.0.2.1 op=auth,helo -all",
            // Any visible character may stand in a name, but for its last label.
            "v=spf1 a:foo:bar/baz.example.net mx:foo:bar/baz.example.net/24//64 include:a/24.example.net -all",
            "v=spf1 a:%{d}/24//64 a:a.example./24 mx/0 a//0 a:b.example.xn--zckzah moo.cow-far_out=man:dog/cat -all",
            "v=spf1 exists:%{i}.%{l2r-}.user.%{d2} exists:%{l1r+-}.%{d} a:macro%%p%_s%-u.example.net -all",
            "v=spf1 ip6:::ffff:192.0.2.1 ip6:2001:db8::/0 ip4:192.0.2.1/0 default=+ -all",
        ] {
            let record = read(text).expect(text);
            assert_eq!(record.to_string(), text.replace(" +", " "), "{record:?}");
            assert_eq!(read(&record.to_string()), Ok(record));
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_read_reads_back(terms in "[-+~?a-z0-9:/.=%{}_A-Z ]{0,60}|.{0,40}") {
            if let Ok(record) = read(&format!("v=spf1 {terms}")) {
                assert_eq!(read(&record.to_string()), Ok(record));
            }
        }
    }

    #[test]
    fn a_policy_is_exactly_one() {
        assert_eq!(SpfRecord::from_txt(["x", "v=spf10 -all", "v=spf1-all"]), Err(SpfError::Absent));
        assert_eq!(SpfRecord::from_txt(["v=spf1 -all", "v=spf1"]), Err(SpfError::Several));
        assert_eq!(SpfRecord::from_txt(["x", "V=SPF1  -ALL "]), read("v=spf1 -all"));
    }

    fn is_no_term(term: &str) {
        assert_eq!(read(&format!("v=spf1 {term} -all")), Err(SpfError::Term(term.to_owned())), "{term}");
    }

    #[test]
    fn macros_are_read_by_their_grammar() {
        for term in [
            "include:%{x}.example.net",
            "include:%{d.example.net",
            "include:%(d).example.net",
            "include:a%.example.net",
            "include:%{d0}.example.net",
            "exists:%{s0}.example.net",
            "exists:%{l00r-}.example.net",
            "a:%{c}.example.net",
            "exists:%{t}.example.net",
            "exp=%{r}.example.net",
            "x=%{c}",
            "foo=%abc",
            "include:a%b.example.net",
        ] {
            is_no_term(term);
        }
    }

    #[test]
    fn what_the_grammar_does_not_know_is_an_error() {
        for term in [
            "al",
            "all:example.net",
            "-",
            "include",
            "include:",
            "include:localhost",
            "include:example.net/24",
            "include:a.1",
            "exists",
            "ip4",
            "ip4:192.0.2",
            "ip4:192.0.2.0/33",
            "ip4:192.0.2.0/024",
            "ip4:2001:db8::",
            "ip6:192.0.2.1",
            "ip6:2001:db8::/129",
            "a:/24",
            "a/33",
            "a/",
            "mx//129",
            "ptr/24",
            "ptr:",
            "a:",
            "a:example.net:8080",
            "a:example.net/24/64",
            "a:example.net/24.5",
            "a:bar/baz",
            "a:example.-com",
            "a:museum.",
            "a:111.222.33.44",
            "mx:",
            "all.",
            "all/8",
            "ip4:192.0.2.1:8080",
            "ip4:192.0.2.1//32",
            "ip6",
            "ip6:::1.1.1.1//33",
            "ip6::CAFE::BABE",
            "exp=",
            "exp=-all",
            "redirect=-all",
            "=all",
            "moo.cow/far_out=man:dog/cat",
            "moo.cow:far_out=man:dog/cat",
            "a:ctrl.example.net\u{d}ptr",
            "\u{96}all",
            "redirect=",
            "-redirect=example.net",
            "redirect:example.net",
            "1x=y",
            "ipv4:192.0.2.1",
            "mx:example.net\u{fc}.de",
        ] {
            is_no_term(term);
        }
        assert_eq!(read("v=spf1 redirect=a.b redirect=a.c"), Err(SpfError::Twice("redirect")));
        assert_eq!(read("v=spf1 exp=a.b exp=a.c"), Err(SpfError::Twice("exp")));
    }

    #[test]
    fn counts_what_is_reached() {
        let lookups = |text: &str| {
            let record = read(text).expect(text);
            record.lookups().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        // Neither a name that begins like a mechanism nor an `a` in a longer term misleads.
        assert_eq!(
            lookups("v=spf1 ip4:192.0.2.1 include:mx.a.example a mx ?ptr all"),
            "include:mx.a.example a mx ?ptr"
        );
        assert_eq!(lookups("v=spf1 a:a.b -all mx include:c.d redirect=e.f"), "a:a.b");
        assert_eq!(lookups("v=spf1 redirect=e.f exists:%{i}.a.b exp=x.y"), "exists:%{i}.a.b redirect=e.f");
    }

    #[test]
    fn ends() {
        for (text, end) in [
            ("v=spf1 ~all -all", SpfEnd::All(Qualifier::SoftFail)),
            ("v=spf1 redirect=a.b -all", SpfEnd::All(Qualifier::Fail)),
            ("v=spf1 all", SpfEnd::All(Qualifier::Pass)),
            ("v=spf1 ?all", SpfEnd::All(Qualifier::Neutral)),
            ("v=spf1 mx", SpfEnd::Nothing),
        ] {
            assert_eq!(read(text).expect(text).end(), end, "{text}");
        }
        let record = read("v=spf1 mx redirect=a.b").expect("a policy");
        assert!(matches!(record.end(), SpfEnd::Redirect(domain) if domain.plain() == Some("a.b")));
    }
}
