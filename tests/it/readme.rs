//! What README.md says of the program itself.

use std::fs;
use std::path::Path;

/// The two commands of a new clone are those that this clone knows.
#[test]
fn the_commands_of_a_new_clone_are_understood() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let commands: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("    cargo run ")).collect();
    assert_eq!(commands, ["-- demo", "--release -- check example.org"]);
    for (words, known) in [(&["demo", "--help"][..], "--stay"), (&["check", "--help"], "--profile")] {
        let (code, output, _) = super::commands::run(words, None);
        assert!(code == 0 && output.contains(known), "{output}");
    }
}
