//! Tests of the SMTP listener: dialogues as text against the real listener on loopback, with real handshakes
//! and a scripted desk. `tests/dialogues/README.md` has the notation; every folder beside it is a dialogue.

mod desk;
mod peer;
mod player;
mod script;

use std::path::Path;

/// Plays every dialogue and reports all that fail, each with its line.
#[tokio::test]
async fn dialogues() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    names.sort();
    assert!(names.len() > 20, "only {} dialogues found in {}", names.len(), folder.display());
    let world = player::World::new();
    let plays = names.into_iter().map(|path| {
        let world = world.clone();
        tokio::spawn(async move {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(path.join("README.md").exists(), "{name} has no README.md");
            let text = std::fs::read_to_string(path.join("dialogue.txt")).unwrap();
            let played = match script::parse(&text) {
                Ok(steps) => player::play(&world, &steps).await,
                Err(error) => Err(error),
            };
            played.err().map(|error| format!("{name}/dialogue.txt {error}"))
        })
    });
    let plays: Vec<_> = plays.collect();
    let mut failures = Vec::new();
    for play in plays {
        failures.extend(play.await.unwrap());
    }
    assert!(failures.is_empty(), "\n\n{}\n", failures.join("\n\n"));
}
