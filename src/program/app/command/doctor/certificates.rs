//! Whether a CA may issue for the origin.

use super::super::config_check::Line;
use crate::operations::host::{Issuers, issuers};
use crate::program::config::Settings;
use crate::sending::identities::Source;
use crate::shared::dns::Lookup;
use crate::shared::text::clean;

/// Looks at the CAA records that hold for the origin; `own` knows what our zones say.
pub(super) async fn look(settings: &Settings, own: &impl Lookup) -> Vec<Line> {
    if matches!(settings.tls.source, Source::PrivateCa) {
        // Nobody is asked for certificates, and no sender trusts those that there are.
        return vec![Line::warning(
            "certificates: they are of a private CA, which no sender trusts: for labs; write `tls.source`",
        )];
    }
    let wanted = settings.zone.published.caa_issuer.as_deref();
    vec![match issuers(own, &settings.origin).await {
        Ok(found) => told(&settings.origin, found.as_ref(), wanted),
        Err(why) => {
            Line::bad(format!("CAA: {}; a CA that sees this must not issue (RFC 8659 §5.2)", clean(&why)))
        }
    }]
}

fn told(origin: &str, found: Option<&Issuers>, wanted: Option<&str>) -> Line {
    let Some(Issuers { owner, .. }) = found else {
        return Line::open(&format!(
            "CAA: any CA may issue for {origin}; `zone.caa_issuer` says which one alone may"
        ));
    };
    let owner = clean(owner);
    let named = found.and_then(|found| found.named(false));
    let Some(named) = named else {
        return Line::open(&format!("CAA: the records at {owner} let any CA issue for {origin}"));
    };
    let listed = match named.is_empty() {
        true => "nobody".to_owned(),
        false => named.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", "),
    };
    match wanted {
        Some(ca) if named.iter().any(|name| name.eq_ignore_ascii_case(ca)) => {
            Line::good(format!("CAA: at {owner} stands that {listed} may issue for {origin}, and no other"))
        }
        Some(ca) => {
            Line::bad(format!("CAA: the records at {owner} let {listed} issue for {origin}, not {ca}"))
        }
        None => Line::warning(format!(
            "CAA: the records at {owner} let {listed} issue for {origin}, and no other: is that your CA? If not, write \
             yours as `zone.caa_issuer`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::evidence::scan::CaaRecord;
    use crate::shared::text::Tone;

    #[test]
    fn a_ca_that_may_not_issue_is_told_before_it_is_asked() {
        let at = |owner: &str, value: &str| Issuers {
            owner: owner.to_owned(),
            records: vec![CaaRecord { flags: 0, tag: "issue".to_owned(), value: value.to_owned() }],
        };
        let said = |found: Option<&Issuers>, wanted| told("test.example", found, wanted);
        let own = at("test.example", "ca.example");
        assert_eq!(said(Some(&own), Some("CA.example")).tone, Tone::Good);
        assert_eq!(said(Some(&own), Some("other.example")).tone, Tone::Bad);
        assert_eq!(said(None, None).tone, Tone::Info);
        let above = said(Some(&at("example", ";")), None);
        assert!(
            above.tone == Tone::Warning && above.text.contains("at example let nobody issue"),
            "{}",
            above.text
        );
    }
}
