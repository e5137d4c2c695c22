//! The header of a test's message (`mailauth`), and what of it is shown (`report::clean`).
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mailassay::sending::desk;
use mailassay::sending::history::NoReply;
use mailassay::sending::persona::{Catalogue, CatalogueFiles};
use mailassay::shared::evidence::Authentication;
use mailassay::shared::mailauth::Fields;
use mailassay::shared::text;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| CatalogueFiles::embedded().catalogue("fuzz.example").expect("our own files"));

fuzz_target!(|message: &[u8]| {
    let fields = Fields::read(message);
    assert!(fields.names().all(|name| !name.contains(['\n', ':'])));
    for name in ["from", "to", "cc", "message-id", "received"] {
        assert!(fields.addresses(name).len() <= Fields::ADDRESSES_MAX);
        assert!(fields.only(name).is_none_or(|value| fields.all(name).eq([value])));
    }
    let read = |path| desk::read(&CATALOGUE, message, path, Authentication::default());
    let facts = read(Some("sender@elsewhere.example"));
    // It goes into the In-Reply-To of our answer.
    assert!(
        facts.message_id.is_none_or(|id| id.len() <= 255 && id.bytes().all(|octet| octet.is_ascii_graphic()))
    );
    assert!(
        facts
            .date
            .is_none_or(|date| date.len() <= 64 && date.bytes().all(|octet| matches!(octet, b' '..=b'~')))
    );
    assert!(facts.from_domain.as_ref().is_none_or(|domain| domain.len() <= 253));
    assert!(facts.addressed.is_sorted() && facts.addressed.len() <= 2 * CATALOGUE.classic_cases().count());
    assert_eq!(read(None).no_reply, Some(NoReply::NullReversePath));
    let shown = text::clean(facts.from_domain.as_deref().unwrap_or_default());
    assert!(!shown.chars().any(char::is_control) && shown.chars().count() <= 7 * 200 + 1);
});
