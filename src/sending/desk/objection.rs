//! A domain's objection: a mail of its postmaster's to an address of ours that is for nothing else.

use std::future::Future;
use std::pin::Pin;

use crate::sending::history::{MessageFacts, NotRecorded};
use crate::shared::evidence::Result8601;
use crate::shared::mailauth::Fields;
use crate::shared::time::Timestamp;

/// The local part, at the origin, of the address to which a domain's postmaster objects.
pub const OBJECTION_LOCAL_PART: &str = "objection";

/// Whoever speaks for a domain (RFC 2142 §4).
const POSTMASTER: &str = "postmaster";

/// The longest mail by which a domain objects, in octets: it is held a second time while it is authenticated.
pub(super) const OBJECTION_OCTETS_MAX: usize = 262_144;

/// Whoever knows who wants no mail of ours.
pub trait Objections: Send + Sync {
    /// Whether no verdict will be mailed to `address`.
    fn stand_against<'a>(&'a self, address: &'a str) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

    /// Keeps the objection of a domain, for which its postmaster spoke; the domain as it is kept, none where it is none that
    /// can object. An error where it could not be kept.
    fn keep_of_domain<'a>(
        &'a self,
        at: Timestamp,
        domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Option<String>, NotRecorded>> + Send + 'a>>;
}

/// The domain that may object with a mail, as far as its envelope and its field To say.
pub(super) fn claimed<'a>(
    recipients: &[String],
    reverse_path: Option<&'a str>,
    message: &[u8],
) -> Option<&'a str> {
    let is_ours = |address: &str| {
        let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
        local.eq_ignore_ascii_case(OBJECTION_LOCAL_PART)
    };
    let reverse_path = reverse_path?;
    let (local, domain) = reverse_path.rsplit_once('@')?;
    let fields = Fields::read(message);
    // DKIM covers one field From and one To: of more, nobody knows which was signed (RFC 6376 §8.15). Whoever may write
    // mail of a domain is not its postmaster, so From says the same as the envelope.
    let is_of_postmaster = fields.only("from").is_some()
        && fields.only("to").is_some()
        && matches!(&fields.addresses("from")[..], [only] if only.eq_ignore_ascii_case(reverse_path));
    let asked = local.eq_ignore_ascii_case(POSTMASTER)
        && message.len() <= OBJECTION_OCTETS_MAX
        && is_of_postmaster
        && recipients.iter().any(|recipient| is_ours(recipient))
        // A signed mail to somebody else, sent again, is none to us.
        && fields.addresses("to").iter().any(|to| recipients.iter().any(|recipient| {
            is_ours(to) && recipient.eq_ignore_ascii_case(to)
        }));
    asked.then_some(domain)
}

/// Whether SPF or DKIM vouches for that domain itself, and From says the same. A signature of another name of its
/// organisation's, which a provider of bulk mail may hold, is not enough.
pub(super) fn is_vouched(domain: &str, facts: &MessageFacts) -> bool {
    let says_the_same = facts.from_domain.as_deref().is_some_and(|from| from.eq_ignore_ascii_case(domain));
    let seen = &facts.authentication;
    let signed = seen.dkim.iter().any(|signature| {
        signature.result == Result8601::Pass && signature.domain.eq_ignore_ascii_case(domain)
    });
    says_the_same && seen.vouched && (seen.spf.result == Result8601::Pass || signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_objects_by_its_postmaster_alone_and_to_us_alone() {
        let to = ["objection@test.example".to_owned()];
        let message = b"From: Postmaster@example.net\r\nTo: Objection@Test.Example\r\n\r\nno more\r\n";
        let claimed = |to: &[String], path, message: &[u8]| claimed(to, path, message).map(str::to_owned);
        let postmaster = Some("Postmaster@example.net");
        assert_eq!(claimed(&to, postmaster, message).as_deref(), Some("example.net"));
        assert_eq!(claimed(&to, Some("jane@example.net"), message), None);
        assert_eq!(claimed(&to, None, message), None);
        assert_eq!(claimed(&["abuse@test.example".to_owned()], postmaster, message), None);
        for (other, why) in [
            ("From: postmaster@example.net\r\nTo: jane@example.com\r\n\r\n", "sent again"),
            (
                "From: jane@example.net\r\nTo: objection@test.example\r\n\r\n",
                "of somebody else of the domain",
            ),
            (
                "To: objection@test.example\r\nFrom: postmaster@example.net\r\nTo: jane@example.com\r\n\r\n",
                "two To",
            ),
        ] {
            assert_eq!(claimed(&to, postmaster, other.as_bytes()), None, "{why}");
        }
        assert_eq!(claimed(&to, postmaster, &[&message[..], &[b'x'; OBJECTION_OCTETS_MAX]].concat()), None);
    }
}
