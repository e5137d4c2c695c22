//! What programs find in a verdict.

use super::cases::CASES;
use super::{account, json, settings};

#[test]
fn json_has_the_fields_that_others_rely_on() {
    for (case, make) in CASES {
        let world = make();
        let value = json(account(&world), &settings());
        for pointer in [
            "/id",
            "/state",
            "/sender/domain",
            "/sender/sources",
            "/sending/policy",
            "/sending/candidates",
            "/sending/findings",
            "/cases",
            "/traits",
            "/vector",
            "/message/dkim",
            "/message/spf",
            "/message/dmarc",
            "/message/arc",
            "/connections/0/start",
            "/connections/0/end",
            "/connections/0/source",
            "/connections/0/server",
            "/connections/0/persona",
            "/connections/0/sni",
            "/connections/0/tls",
            "/connections/0/state",
            "/connections/0/outcome",
            "/connections/0/from",
            "/connections/0/to",
            "/connections/0/attributed",
            "/dns",
            "/policy_fetches",
            "/verdict/sent_at",
            "/verdict/to",
            "/verdict/delivery",
        ] {
            assert!(value.pointer(pointer).is_some(), "{case}: {pointer}");
        }
        let of_finding =
            ["/sending/findings/0/mechanism", "/sending/findings/0/result", "/sending/findings/0/why"];
        let of_case =
            ["/cases/0/id", "/cases/0/expectation", "/cases/0/outcome", "/cases/0/standing", "/cases/0/why"];
        let alone = account(&world).is_of_cases_alone();
        let told = if alone { of_case.as_slice() } else { of_finding.as_slice() };
        for pointer in told {
            assert!(value.pointer(pointer).is_some(), "{case}: {pointer}");
        }
        assert_eq!(value["sending"]["findings"].as_array().expect("a list").is_empty(), alone, "{case}");
    }
}
