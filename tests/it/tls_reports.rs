//! TLS reports as they come, read as `tests/tls_reports` expects. `UPDATE_GOLDENS=1` writes what is expected anew, for eyes to
//! read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mailassay::sending::desk::report_in_mail;
use mailassay::sending::history::{Enclosed, ReportReading};
use mailassay::shared::policy::tls_report::DefectKind;

const ORIGIN: &str = "test.example";

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls_reports");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_sample = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.ends_with(".eml") || name.ends_with(".json") && !name.ends_with(".expected.json")
    };
    let mut samples: Vec<_> = files.filter(is_sample).collect();
    samples.sort();
    samples
}

/// What is read of a sample; none if it is no report.
fn read(sample: &Path) -> Option<ReportReading> {
    let content = fs::read(sample).unwrap();
    let enclosed = match sample.extension().unwrap().to_str().unwrap() {
        "eml" => report_in_mail(&content)?,
        _ => Enclosed { content, ..Enclosed::default() },
    };
    Some(enclosed.read(ORIGIN))
}

#[test]
fn samples_read_as_expected_and_every_defect_is_among_them() {
    let mut seen = BTreeSet::new();
    for sample in samples() {
        let reading = read(&sample);
        if let Some(ReportReading::Read { report, .. }) = &reading {
            seen.extend(report.defects.iter().map(|defect| defect.kind));
        }
        let written = serde_json::to_string_pretty(&reading).unwrap() + "\n";
        // What goes into the journal comes out of it.
        assert_eq!(serde_json::from_str::<Option<ReportReading>>(&written).unwrap(), reading);
        let expected = sample.with_extension("expected.json");
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            fs::write(&expected, &written).unwrap();
        }
        let known = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(written, known, "{}", sample.display());
    }
    for kind in DefectKind::ALL.into_iter().filter(|kind| *kind != DefectKind::NotSigned) {
        assert!(seen.contains(&kind), "no sample shows {}", kind.name());
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}
