//! The public CA that certificates are ordered from.

use super::names::is_domain;
use crate::program::config::document::Document;
use crate::program::config::file::File;

/// Refuses a CA that cannot be asked, and names that it cannot be asked for.
pub(super) fn values(document: &Document<'_>, file: &File) {
    let acme = &file.tls.acme;
    if let Some(directory) = &acme.directory {
        if !directory.starts_with("https://") {
            let problem = format!("`{directory}` is no directory of a CA; write its address, with https://");
            document.refuse("tls.acme.directory", problem);
        }
        if acme.staging {
            let problem = "this is for Let's Encrypt, and tls.acme.directory names a CA; write one of them";
            document.refuse("tls.acme.staging", problem);
        }
    }
    let contact = acme.contact.as_ref();
    let no_address = |contact: &&String| !contact.contains('@') || contact.contains([' ', ',', ':']);
    if let Some(contact) = contact.filter(no_address) {
        let problem = format!("`{contact}` is no mail address; write one such as \"postmaster@example.net\"");
        document.refuse("tls.acme.contact", problem);
    }
    let origin = file.origin.trim_end_matches('.').to_ascii_lowercase();
    let names = if document.is_sound("origin") { acme.further_names.as_slice() } else { &[] };
    for (number, name) in names.iter().enumerate() {
        let host = name.strip_prefix("*.").unwrap_or(name);
        let below = host.to_ascii_lowercase();
        let is_ours = below == origin || below.ends_with(&format!(".{origin}"));
        if !is_domain(host, true) || !is_ours {
            let problem =
                format!("`{name}` is no name below {origin}, whose zone proves it to the CA; take it out");
            document.refuse(&format!("tls.acme.further_names.{number}"), problem);
        }
    }
    let waits = ["tls.acme.retry_most_s", "tls.acme.retry_first_s"];
    if acme.retry_most_s < acme.retry_first_s && waits.iter().all(|key| document.is_sound(key)) {
        let problem = "the longest wait is shorter than the first; write at least tls.acme.retry_first_s";
        document.refuse("tls.acme.retry_most_s", problem);
    }
}
