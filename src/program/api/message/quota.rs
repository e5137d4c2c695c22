//! What is left to a client, as draft-ietf-httpapi-ratelimit-headers-10 says it: beside `Retry-After`, which every answer
//! has that asks to come again.

use axum::http::{HeaderName, HeaderValue};

/// The policies' names.
pub(in crate::program::api) const CLIENT_POLICY: &str = "client-hour";
pub(in crate::program::api) const KEY_POLICY: &str = "key-day";
pub(in crate::program::api) const DOMAIN_POLICY: &str = "domain-day";

/// So many within so many seconds, of which so many are left until so many seconds are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::program::api) struct Quota {
    pub(in crate::program::api) policy: &'static str,
    pub(in crate::program::api) max: u32,
    pub(in crate::program::api) window_s: u32,
    pub(in crate::program::api) left: u32,
    pub(in crate::program::api) until_s: u32,
}

impl Quota {
    /// The two fields, as lists of structured fields (RFC 9651 §3.1).
    pub(in crate::program::api) fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        let Self { policy, max, window_s, left, until_s } = self;
        let value =
            |text: String| HeaderValue::from_str(&text).expect("our own names and numbers are headers");
        [
            (
                HeaderName::from_static("ratelimit-policy"),
                value(format!("\"{policy}\";q={max};w={window_s}")),
            ),
            (HeaderName::from_static("ratelimit"), value(format!("\"{policy}\";r={left};t={until_s}"))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_a_structured_field() {
        let quota = Quota { policy: CLIENT_POLICY, max: 20, window_s: 3600, left: 19, until_s: 1800 };
        let [(_, policy), (_, left)] = quota.headers();
        assert_eq!(policy, "\"client-hour\";q=20;w=3600");
        assert_eq!(left, "\"client-hour\";r=19;t=1800");
    }
}
