//! Secondaries and their keys: whether they fit, and the keys' secrets.

use data_encoding::BASE64;

use crate::program::config::document::{ConfigError, Document};
use crate::program::config::place::ConfigFolder;
use crate::sending::authority::{Secondary, ServerSettings, TsigKey};

/// The octets that a secret should have at least: as many as the shortest digest (RFC 8945 §8).
const SECRET_OCTETS_MIN: usize = 16;

/// The settings of DNS with the secrets of their keys.
pub(in crate::program::config) fn dns(place: &ConfigFolder<'_>, mut dns: ServerSettings) -> ServerSettings {
    let document = place.document;
    for number in 0..dns.tsig.len() {
        let (before, rest) = dns.tsig.split_at_mut(number);
        let key = &mut rest[0];
        if before.iter().any(|other| other.name == key.name) {
            let problem = format!("there is another key `{}`; give each its own name", key.name);
            document.refuse(&format!("dns.tsig.{number}.name"), problem);
        }
        key.secret = document.kept(secret(place, number, key)).unwrap_or_default();
    }
    for (number, secondary) in dns.secondary.iter().enumerate() {
        check(document, &dns, number, secondary);
    }
    if dns.catalog.is_some() && dns.secondary.is_empty() && document.is_sound("dns.secondary") {
        let problem =
            "there is no `[[dns.secondary]]` that could take the catalog; name one, or leave this out";
        document.refuse("dns.catalog", problem);
    }
    dns
}

fn secret(place: &ConfigFolder<'_>, number: usize, key: &TsigKey) -> Result<Vec<u8>, ConfigError> {
    let name = format!("dns.tsig.{number}.secret_file");
    let text = place.secret(&name, &key.secret_file)?;
    let advice = "write what `tsig-keygen` or `keymgr -t` prints as the secret, in base 64 and nothing else";
    let fault = |problem: String| place.document.fault(&name, format!("{problem}; {advice}"));
    let secret = BASE64
        .decode(text.trim().as_bytes())
        .map_err(|error| fault(format!("{}: this is no base 64 ({error})", key.secret_file.display())))?;
    if secret.len() < SECRET_OCTETS_MIN {
        let octets = secret.len();
        return Err(fault(format!(
            "{}: a secret of {octets} octets is too short, {SECRET_OCTETS_MIN} are the least",
            key.secret_file.display()
        )));
    }
    Ok(secret)
}

fn check(document: &Document<'_>, dns: &ServerSettings, number: usize, secondary: &Secondary) {
    let fault =
        |key: &str, problem: String| document.refuse(&format!("dns.secondary.{number}{key}"), problem);
    if let Some(key) = secondary.key.as_ref().filter(|key| !dns.tsig.iter().any(|known| known.name == **key))
    {
        let problem = format!("there is no `[[dns.tsig]]` with the name `{key}`; add it, with its secret");
        fault(".key", problem);
    }
    if secondary.from.is_empty() && secondary.key.is_none() {
        let problem = "anybody could take the zones over; set `from` to its addresses, or `key`, or both";
        fault("", problem.to_owned());
    }
    if let Some(address) = secondary.notify.iter().find(|address| address.port() == 0) {
        fault(".notify", format!("{address} has no port; write 53, where DNS is"));
    }
}
