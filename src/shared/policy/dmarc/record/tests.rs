//! Tests of policy records.

use super::*;

fn read(text: &str) -> DmarcRecord {
    DmarcRecord::from_txt([text]).expect(text)
}

#[test]
fn reads_back_as_it_was_written() {
    for text in [
        "v=DMARC1",
        "v=DMARC1; p=none",
        "v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; t=y; adkim=s; aspf=s; fo=1; \
         rua=mailto:a@example.net,mailto:b@example.com; ruf=mailto:c@example.org",
    ] {
        let record = read(text);
        assert_eq!(record.to_string(), text);
        assert_eq!(record.faults, []);
    }
    let spaced = "v = DMARC1 ;\tp = Reject ;t= n;psd=u; adkim=r ; rua = mailto:a@example.net!10m , mailto:b@b.example;";
    assert_eq!(read(spaced).to_string(), "v=DMARC1; p=reject; rua=mailto:a@example.net,mailto:b@b.example");
}

proptest::proptest! {
    #[test]
    fn whatever_is_read_reads_back(tags in "[a-z0-9=;:,!@. ]{0,80}|.{0,40}") {
        if let Ok(record) = DmarcRecord::from_txt([format!("v=DMARC1;{tags}").as_str()]) {
            let again = read(&record.to_string());
            assert_eq!(again, DmarcRecord { faults: Vec::new(), contradicts: false, ..record });
        }
    }
}

#[test]
fn a_record_is_one_and_begins_with_its_version() {
    for text in
        ["v=DMARC1.0; p=none", "v=dmarc1; p=none", " v=DMARC1", "p=none; v=DMARC1", "v=DMARC1 p=none", ""]
    {
        assert_eq!(DmarcRecord::from_txt([text]), Err(DmarcError::Absent), "{text}");
    }
    let two = ["v=DMARC1; p=none", "x", "v=DMARC1; p=reject"];
    assert_eq!(DmarcRecord::from_txt(two), Err(DmarcError::Several));
}

#[test]
fn what_is_wrong_counts_for_nothing() {
    use DmarcFault::*;
    let value = |tag: &str, value: &str| Value { tag: tag.to_owned(), value: value.to_owned() };
    for (text, fault) in [
        ("p=block", value("p", "block")),
        ("p=none; sp=", value("sp", "")),
        ("p=none; t=yes", value("t", "yes")),
        ("p=none; psd=x", value("psd", "x")),
        ("p=none; adkim=strict", value("adkim", "strict")),
        ("p=none; fo=2", value("fo", "2")),
        ("p=none; rua=a@example.net", value("rua", "a@example.net")),
        ("p=none; ruf=mailto:example.net", value("ruf", "mailto:example.net")),
        ("p=none; nonsense", Field("nonsense".to_owned())),
        ("p=none; p=reject", Twice("p".to_owned())),
        ("p=none; x=y", Unknown("x".to_owned())),
        ("p=none; pct=50", Dropped("pct".to_owned())),
    ] {
        assert_eq!(read(&format!("v=DMARC1; {text}")).faults, [fault], "{text}");
    }
}

#[test]
fn one_that_says_two_things_contradicts_itself() {
    for (text, contradicts) in [
        ("p=reject; p=none", true),
        ("p=reject; p=nonsense", true),
        ("p=reject; sp=none; sp=quarantine", true),
        ("p=reject; p=Reject", false),
        ("p=reject; rua=mailto:a@b.example; rua=mailto:c@b.example", false),
    ] {
        let record = read(&format!("v=DMARC1; {text}"));
        assert_eq!((record.contradicts, record.p), (contradicts, Some(Request::Reject)), "{text}");
    }
}

#[test]
fn tags_in_capitals_are_told() {
    assert!(DmarcRecord::is_in_capitals("V=DMARC1; P=reject"));
    for other in ["v=DMARC1; P=reject", "V=dmarc1; P=reject", "V=spf1 -all", ""] {
        assert!(!DmarcRecord::is_in_capitals(other), "{other}");
    }
}

/// RFC 9989 §4.10.1.
#[test]
fn what_is_asked() {
    use Request::*;
    let rua = "rua=mailto:a@example.net";
    for (text, asks, below) in [
        ("p=reject", Some(Reject), Some((Reject, Reject))),
        ("p=reject; sp=none", Some(Reject), Some((None, None))),
        ("p=reject; sp=none; np=quarantine", Some(Reject), Some((None, Quarantine))),
        ("sp=reject", Option::None, Option::None),
        (rua, Some(None), Some((None, None))),
        (&format!("p=reject; np=x; {rua}"), Some(None), Some((None, None))),
        ("p=reject; np=x", Option::None, Option::None),
    ] {
        let record = read(&format!("v=DMARC1; {text}"));
        assert_eq!((record.asks(), record.asks_below()), (asks, below), "{text}");
    }
}

#[test]
fn domains_of_reports() {
    let record = read(
        "v=DMARC1; p=none; rua=mailto:a@Reports.Example?x=y,https://u@collect.example:8443/x; ruf=mailto:b@reports.example",
    );
    assert_eq!(record.report_domains(), ["reports.example", "collect.example"]);
}
