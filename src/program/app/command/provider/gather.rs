//! Evidence of a provider: trials of the journal, and what the scans after them saw.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::ending::CommandError;
use super::super::trial::Book;
use crate::program::config::Settings;
use crate::program::providers::{Document, Provider, Register};
use crate::program::report::redact::redacted;
use crate::sending::history::{History, SenderDomain};

/// How many octets of a digest tell addresses apart.
const DIGEST_OCTETS: usize = 8;

/// Takes in what the journal has of a provider: trials whose sender it is, and checks of its domains. The days on which
/// this service was not in order are noted, too.
pub(super) async fn trials(
    register: &Register,
    settings: &Settings,
    provider: &Provider,
) -> Result<(), CommandError> {
    if !settings.journal.is_there() {
        return Ok(());
    }
    let book = Book::open(settings).await?;
    let secret = book.reader.secret().await?;
    let unread = |error: crate::sending::history::NotRecorded| CommandError::Unfit(error.to_string());
    let known = register.known(&provider.name).await?;
    for history in book.trials.read_all(&book.reader).await.map_err(unread)? {
        for day in red_days(&history) {
            register.red_day(&day).await?;
        }
        // Whoever writes a domain into From is not yet its sender.
        let Some(sender) = SenderDomain::of(&history).filter(|sender| sender.vouched) else { continue };
        let scan = match &history.scan {
            Some(scan) => book.reader.evidence(scan.seq).await.map_err(unread)?,
            None => None,
        };
        let mx: Vec<&str> = scan.iter().flat_map(|scan| &scan.mx).map(|mx| mx.host.as_str()).collect();
        if history.ended.is_none() || !provider.sends_for(&sender.domain, &mx) {
            continue;
        }
        let unfit = |error: serde_json::Error| CommandError::Unfit(error.to_string());
        let redacted = redacted(&book.catalogue, &settings.pace, &history);
        let document = match provider.domains.contains(&sender.domain) {
            true => Document::trial(redacted),
            false => Document::trial_of_customer(redacted, &sender.domain).map_err(unfit)?,
        };
        if !known.contains(&document.key()) {
            let sources = sources(&secret, &history);
            register.add(&provider.name, &document, &sources, false).await?;
        }
        if let Some(scan) = scan.filter(|scan| provider.domains.contains(&scan.domain)) {
            let document = Document::check(scan).map_err(unfit)?;
            register.add(&provider.name, &document, &[], false).await?;
        }
    }
    Ok(())
}

/// The days on which something was wrong with this service, as far as the trial knows.
fn red_days(history: &History) -> Vec<String> {
    let red = history.self_checks.iter().filter(|noted| !noted.what.is_green());
    red.map(|noted| crate::program::providers::tell::day(noted.at)).collect()
}

/// Digests of the addresses that a trial's mail came from.
fn sources(secret: &[u8], history: &History) -> Vec<String> {
    let digest = |address: std::net::IpAddr| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(format!("source of a provider {address}").as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()[..DIGEST_OCTETS])
    };
    let mut digests: Vec<String> = history.sources().iter().map(|source| digest(source.address)).collect();
    digests.sort();
    digests.dedup();
    digests
}
