//! The public CA that certificates are ordered from.

use super::names::is_domain;
use crate::program::config::document::{ConfigError, Document};
use crate::program::config::file::File;

/// Whether the CA can be asked, and for these names.
pub(super) fn values(document: &Document<'_>, file: &File) -> Result<(), ConfigError> {
    let acme = &file.tls.acme;
    if let Some(directory) = &acme.directory {
        if !directory.starts_with("https://") {
            let problem = format!("`{directory}` is no directory of a CA; write its address, with https://");
            return Err(document.fault("tls.acme.directory", problem));
        }
        if acme.staging {
            let problem = "this is for Let's Encrypt, and tls.acme.directory names a CA; write one of them";
            return Err(document.fault("tls.acme.staging", problem));
        }
    }
    let contact = acme.contact.as_ref();
    let no_address = |contact: &&String| !contact.contains('@') || contact.contains([' ', ',', ':']);
    if let Some(contact) = contact.filter(no_address) {
        let problem = format!("`{contact}` is no mail address; write one such as \"postmaster@example.net\"");
        return Err(document.fault("tls.acme.contact", problem));
    }
    let origin = file.origin.trim_end_matches('.').to_ascii_lowercase();
    for (number, name) in acme.further_names.iter().enumerate() {
        let host = name.strip_prefix("*.").unwrap_or(name);
        let below = host.to_ascii_lowercase();
        let is_ours = below == origin || below.ends_with(&format!(".{origin}"));
        if !is_domain(host, true) || !is_ours {
            let problem =
                format!("`{name}` is no name below {origin}, whose zone proves it to the CA; take it out");
            return Err(document.fault(&format!("tls.acme.further_names.{number}"), problem));
        }
    }
    if acme.retry_most_s < acme.retry_first_s {
        let problem = "the longest wait is shorter than the first; write at least tls.acme.retry_first_s";
        return Err(document.fault("tls.acme.retry_most_s", problem));
    }
    Ok(())
}
