//! How far the certificates of a public CA are, and whether it may issue for the origin.

use super::super::config_check::Line;
use crate::operations::certificates::renewed_from;
use crate::operations::host::{Issuers, issuers};
use crate::program::config::Settings;
use crate::sending::identities::{Identities, Source, View};
use crate::shared::dns::Lookup;
use crate::shared::text::{clean, clean_to};
use crate::shared::time::Timestamp;

/// How much of a CA's refusal is shown, in characters.
const REASON_CHARS_MAX: usize = 400;

/// How far the certificates are that the service orders by itself.
pub(super) fn ordered(settings: &Settings, identities: &Identities, now: Timestamp) -> Vec<Line> {
    let Some(pool) = identities.pool() else { return Vec::new() };
    let views = match pool.views() {
        Ok(views) => views,
        Err(error) => return vec![Line::bad(format!("certificates: {error}"))],
    };
    let renewed = |view: &View| renewed_from(&settings.acme, view, settings.pace.mx_ttl_s());
    views.iter().map(|view| lineage(view, renewed(view), now)).collect()
}

fn lineage(view: &View, renewed_from: Timestamp, now: Timestamp) -> Line {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let number = view.lineage.number;
    let valid = view.issued.as_ref().filter(|issued| issued.ends > now);
    let state = match (&view.issued, valid) {
        (_, Some(issued)) => {
            format!(
                "certificate {number}: it ends {}, and is renewed from {} on",
                day(issued.ends),
                day(renewed_from)
            )
        }
        (Some(issued), None) => format!("certificate {number}: it ended {}", day(issued.ends)),
        (None, None) => format!("certificate {number}: the CA has not issued it yet"),
    };
    let why = view.lineage.setback.as_ref().map(|setback| {
        format!(
            "; the CA was asked in vain, last {} (it is asked again {}): {}",
            day(setback.at),
            day(setback.not_before),
            clean_to(&setback.reason, REASON_CHARS_MAX)
        )
    });
    match (valid, why) {
        (Some(_), None) => Line::good(state),
        (Some(_), Some(why)) => Line::warning(state + &why),
        (None, Some(why)) => Line::bad(state + &why),
        (None, None) => Line::bad(format!("{state}; the running service asks it once the delegation stands")),
    }
}

/// What Let's Encrypt calls itself in CAA records.
const LETS_ENCRYPT: &str = "letsencrypt.org";

/// The CA that must be allowed to issue, as far as it is known.
fn wanted(settings: &Settings) -> Option<&str> {
    let is_lets_encrypt = || {
        let host = settings.acme.directory_url().split('/').nth(2).unwrap_or_default();
        matches!(settings.tls.source, Source::Acme(_)) && host.ends_with(".letsencrypt.org")
    };
    settings.zone.published.caa_issuer.as_deref().or_else(|| is_lets_encrypt().then_some(LETS_ENCRYPT))
}

/// Looks at the CAA records that hold for the origin; `own` knows what our zones say.
pub(super) async fn look(settings: &Settings, own: &impl Lookup) -> Vec<Line> {
    if matches!(settings.tls.source, Source::PrivateCa) {
        // Nobody is asked for certificates, and no sender trusts those that there are.
        return vec![Line::warning(
            "certificates: they are of a private CA, which no sender trusts: for labs; write `tls.source`",
        )];
    }
    let wanted = wanted(settings);
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
    fn a_certificate_that_was_refused_is_red_only_once_there_is_none() {
        use crate::sending::identities::{Issued, Lineage, Setback};
        let at = |second| Timestamp::from_second(second).unwrap();
        let view = |ends: Option<i64>, refused: bool| {
            let mut lineage = Lineage::new(1, vec!["mx.test.example".to_owned()]);
            let reason = "CAA forbids\u{1b} it".to_owned();
            lineage.setback = refused.then(|| Setback { failures: 2, at: at(5), not_before: at(9), reason });
            let issued = ends.map(|ends| Issued {
                chain: Vec::new(),
                directory: String::new(),
                profile: None,
                begins: at(0),
                ends: at(ends),
            });
            View { lineage, issued, next_issued: None }
        };
        let said = |view: View| super::lineage(&view, at(60), at(10));
        assert_eq!(said(view(Some(90), false)).tone, Tone::Good);
        assert_eq!(said(view(Some(90), true)).tone, Tone::Warning);
        assert_eq!(said(view(Some(9), false)).tone, Tone::Bad);
        let refused = said(view(None, true));
        assert!(refused.tone == Tone::Bad && refused.text.contains("CAA forbids"), "{}", refused.text);
        assert!(!refused.text.contains('\u{1b}'));
    }

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
