//! The TXT, CAA and TLSA records of a domain, as text (`policy`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::shared::policy::dmarc::{applicable, tree_walk};
use mailassay::shared::policy::spf::{Mechanism, SpfEnd, Term};
use mailassay::shared::policy::{
    BimiRecord, CaaProperty, DmarcRecord, MtaStsRecord, SpfRecord, TlsRptRecord, Tlsa,
};

// Records are apart by line ends. Each reader passes over those of others, so that all read the same.
fuzz_target!(|octets: &[u8]| {
    let text = String::from_utf8_lossy(octets);
    let records: Vec<&str> = text.split('\n').collect();
    let all = || records.iter().copied();
    if let Ok(record) = MtaStsRecord::from_txt(all()) {
        assert_eq!(MtaStsRecord::from_txt([record.to_string().as_str()]), Ok(record));
    }
    if let Ok(record) = TlsRptRecord::from_txt(all()) {
        assert_eq!(TlsRptRecord::from_txt([record.to_string().as_str()]), Ok(record));
    }
    if let Ok(record) = DmarcRecord::from_txt(all()) {
        let again = DmarcRecord::from_txt([record.to_string().as_str()]).expect("a record of ours");
        // What was passed over is not written.
        let sound = DmarcRecord { faults: Vec::new(), contradicts: false, ..record.clone() };
        assert_eq!(again, sound, "{record}");
        record.asks_below().iter().for_each(|_| assert!(record.asks().is_some()));
        record.report_domains();
        let walk =
            tree_walk("a.b.c.d.e.f.g.h.i.example").into_iter().map(|name| (name, Some(record.clone())));
        let walk: Vec<_> = walk.collect();
        assert!(walk.len() <= 8 && applicable(&walk).is_some_and(|found| found.at == 0));
        applicable(&walk[1..]);
    }
    BimiRecord::from_txt(all());
    if let Ok(record) = SpfRecord::from_txt(all()) {
        spf(&record);
    }
    for record in all() {
        if let Ok(record) = record.parse::<Tlsa>() {
            assert_eq!(record.to_string().parse(), Ok(record));
        }
        let Some((tag, value)) = record.split_once(' ') else { continue };
        let Ok(property) = CaaProperty::read(tag, value) else { continue };
        property.has_sound_parameters();
        let issuer = match &property {
            CaaProperty::Issue(issuer)
            | CaaProperty::IssueWild(issuer)
            | CaaProperty::IssueMail(issuer)
            | CaaProperty::IssueVmc(issuer) => issuer,
            CaaProperty::Iodef(_) | CaaProperty::Contact(_) | CaaProperty::Other => continue,
        };
        assert_eq!(CaaProperty::read(tag, &issuer.to_string()), Ok(property.clone()), "{issuer}");
    }
});

fn spf(record: &SpfRecord) {
    assert_eq!(SpfRecord::from_txt([record.to_string().as_str()]), Ok(record.clone()), "{record}");
    let ends = matches!(record.end(), SpfEnd::All(_));
    for term in record.lookups() {
        let is_all = matches!(term, Term::Directive(_, Mechanism::All));
        assert!(!is_all && !(ends && matches!(term, Term::Redirect(_))));
    }
    assert!(record.lookups().count() <= record.terms.len());
}
