//! The commands, as the operator meets them.

use std::fs;
use std::sync::Arc;

use mailassay::program::archive::Archive;
use mailassay::program::providers::{Register, Settings};
use mailassay::sending::verdict::Term;

use super::{catalogue, fill};
use crate::commands::{local, run};

const ADD: [&str; 10] = [
    "provider",
    "add",
    "sound-mail",
    "--title",
    "Sound Mail",
    "--domain",
    "example.net",
    "--contact",
    "postmaster@example.net",
    "--hall-of-fame=example.net",
];

#[tokio::test]
async fn an_operator_publishes_and_takes_back() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let does = |arguments: &[&str]| {
        let (code, output, error) = run(arguments, Some(&config));
        assert_eq!(code, 0, "{arguments:?}: {error}");
        output
    };
    let refused = |arguments: &[&str]| {
        let (code, output, error) = run(arguments, Some(&config));
        assert_eq!(code, 2, "{arguments:?}: {output}");
        (output, error)
    };
    does(&ADD);
    assert!(does(&["provider", "list"]).contains("sound-mail               draft"));
    let file = folder.path().join("providers.toml");
    fs::write(&file, does(&["provider", "export"])).unwrap();
    does(&["provider", "import", file.to_str().unwrap()]);
    assert!(does(&["provider", "show", "sound-mail"]).contains("the provider was not told"));
    let told = ["provider", "publish", "sound-mail", "--told", "2026-01-02"];
    assert!(refused(&told).1.contains("there is nothing to publish of sound-mail"));

    let settings = mailassay::program::config::load(&config).unwrap();
    let archive = Arc::new(Archive::open(&settings.archive).await.unwrap());
    let judged =
        Arc::new(mailassay::sending::persona::CatalogueFiles::embedded().catalogue("example.org").unwrap());
    let register = Register::new(Arc::clone(&archive), judged, Settings::default());
    assert_eq!(catalogue().origin(), "example.org");
    fill(&register, Term::Dane).await;
    archive.close().await;

    let published = does(&["provider", "publish", "sound-mail"]);
    assert!(published.starts_with("Sound Mail: published, "), "{published}");
    let answer = folder.path().join("answer.txt");
    fs::write(&answer, "We are proud.\n").unwrap();
    does(&["provider", "reply", "sound-mail", answer.to_str().unwrap()]);
    does(&["provider", "remark", "sound-mail", "Measured twice."]);
    let shown = does(&["provider", "show", "sound-mail"]);
    for part in ["published since", "We are proud.", "Measured twice."] {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }
    let wrong = refused(&["provider", "correct", "sound-mail", "--reason", "x", "--aside", "99"]);
    assert!(wrong.1.contains("sound-mail has no evidence 99"), "{}", wrong.1);
    does(&["provider", "correct", "sound-mail", "--reason", "A typing error.", "--aside", "1"]);
    let out = folder.path().join("out");
    does(&["provider", "site", "--out", out.to_str().unwrap()]);
    let page = fs::read_to_string(out.join("en/providers/sound-mail.html")).unwrap();
    assert!(page.contains("A typing error.") && page.contains("We are proud."), "{page}");
    does(&["provider", "retract", "sound-mail", "--reason", "They asked for it."]);
    assert!(does(&["provider", "list"]).contains("retracted"));
    let (draft, error) = refused(&["provider", "publish", "sound-mail"]);
    assert!(error.contains("sound-mail was not told"), "{error}");
    assert!(draft.starts_with("To: postmaster@example.net\nSubject: "), "{draft}");
}

#[test]
fn what_is_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    for (arguments, said) in [
        (&["provider", "show", "nobody"][..], "there is no provider nobody"),
        (&["provider", "add", "sound-mail"], "a provider has at least one domain"),
        (&["provider", "add", "Sound Mail", "--domain", "example.net"], "small letters, digits and hyphens"),
        (&["provider", "add", "a", "--domain", "localhost"], "localhost: this is no domain"),
        (&["provider", "told", "a", "--on", "yesterday"], "write a day such as 2026-11-29"),
    ] {
        let (code, _, error) = run(arguments, Some(&config));
        assert_eq!(code, 2, "{arguments:?}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}
