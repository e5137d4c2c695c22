//! What cannot be in `[site.operator]` and beside it.

use crate::program::config::document::Document;
use crate::program::config::file::File;

/// How many lines a postal address has at most.
const ADDRESS_LINES_MAX: usize = 10;

/// Refuses what cannot be said of the operator.
pub(super) fn values(document: &Document<'_>, file: &File) {
    let operator = &file.site.operator;
    let fault = |key: &str, problem: String| document.refuse(&format!("site.{key}"), problem);
    if let Some(mail) = operator.mail.as_ref().filter(|mail| !is_address(mail)) {
        fault("operator.mail", format!("`{mail}` is no address; write `local@domain`"));
    }
    if let Some(contact) = file.site.security_contact.as_ref().filter(|contact| !is_contact(contact)) {
        let problem = format!("`{contact}` is no contact; write `local@domain`, or a page as https://…");
        fault("security_contact", problem);
    }
    let digits = |phone: &&String| phone.chars().filter(char::is_ascii_digit).count() < 3;
    if let Some(phone) = operator.phone.as_ref().filter(digits) {
        fault("operator.phone", format!("`{phone}` is no phone number; write it with its country code"));
    }
    if operator.name.is_none() && !operator.address.is_empty() {
        let problem = "whose address this is is not set; write operator.name, too".to_owned();
        fault("operator.address", problem);
    }
    if operator.address.len() > ADDRESS_LINES_MAX {
        fault("operator.address", format!("no address is so long; write at most {ADDRESS_LINES_MAX} lines"));
    }
    let texts = [("name", &operator.name), ("country", &operator.country), ("phone", &operator.phone)];
    let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?)));
    let lines = operator.address.iter().map(|line| ("address", line));
    let is_unfit = |text: &str| text.trim().is_empty() || text.contains(char::is_control);
    for (key, _) in texts.chain(lines).filter(|(_, text)| is_unfit(text)) {
        let problem = "this is empty or has a line break in it; write one line of text".to_owned();
        fault(&format!("operator.{key}"), problem);
    }
}

/// As people write an address, fit for a link.
fn is_address(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && !"<>()[]\\\",;:?&#%".contains(c);
    let parts = text.rsplit_once('@');
    parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.')) && text.chars().all(fits)
}

fn is_contact(text: &str) -> bool {
    let is_page = |page: &str| page.len() > "https://".len() && page.chars().all(|c| c.is_ascii_graphic());
    match text.strip_prefix("mailto:") {
        Some(address) => is_address(address),
        // RFC 9116 §2.5.3: a page must be fetched over HTTPS.
        None if text.starts_with("https://") => is_page(text),
        None => is_address(text),
    }
}
