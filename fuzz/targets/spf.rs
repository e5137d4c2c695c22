//! SPF policies (`policy::spf`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::policy::SpfRecord;
use mailassay::policy::spf::{Mechanism, SpfEnd, Term};

fuzz_target!(|octets: &[u8]| {
    let text = String::from_utf8_lossy(octets);
    let Ok(record) = SpfRecord::from_txt(text.split('\n')) else { return };
    assert_eq!(SpfRecord::from_txt([record.to_string().as_str()]), Ok(record.clone()), "{record}");
    let ends = matches!(record.end(), SpfEnd::All(_));
    for term in record.lookups() {
        assert!(
            !matches!(term, Term::Directive(_, Mechanism::All))
                && !(ends && matches!(term, Term::Redirect(_)))
        );
    }
    assert!(record.lookups().count() <= record.terms.len());
});
