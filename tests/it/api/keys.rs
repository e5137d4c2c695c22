//! Keys of users, as the operator makes and ends them.

use crate::commands::{local, run};

#[test]
fn a_key_is_shown_once_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let says = |arguments: &[&str], code: i32| {
        let (ended, output, error) = run(arguments, Some(&config));
        assert_eq!(ended, code, "{arguments:?}: {output}{error}");
        (output, error)
    };
    let (key, _) = says(&["key", "add", "isp-1", "--day-max", "50"], 0);
    assert!(key.starts_with("ma_") && key.trim_end().len() == 35, "{key}");
    let (_, twice) = says(&["key", "add", "isp-1"], 2);
    assert!(twice.contains("isp-1 has a key"), "{twice}");
    says(&["key", "add", "a:b"], 2);
    let (listed, _) = says(&["key", "list"], 0);
    assert!(listed.starts_with("isp-1: made on ") && listed.ends_with("0 of 50 domains today\n"), "{listed}");
    assert!(!listed.contains(key.trim_end()));
    says(&["key", "revoke", "isp-1"], 0);
    assert_eq!(says(&["key", "list"], 0).0, "");
    says(&["key", "revoke", "isp-1"], 2);
}
