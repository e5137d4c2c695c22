//! TLS reports that come by POST (RFC 8460 §5.4).

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::sending::history::{Enclosed, Fact, Recorder, ReportCame, ReportReading, ReportReceived};
use crate::sending::trial::{Ration, Rationed, Said};
use crate::shared::policy::tls_report::{Defect, DefectKind};
use crate::shared::time::Timestamp;

/// How many reports are read at a time: each may unpack to a MiB and become ten of JSON.
const AT_ONCE_MAX: usize = 2;
/// How many reports are taken in an hour.
const REPORTS_PER_HOUR_MAX: u32 = 2_000;
/// How many of them from one network.
const REPORTS_PER_NETWORK_HOUR_MAX: u32 = 200;

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportTaken {
    /// It is on disk.
    Noted,
    /// It cannot be read, or is about none of our names: this is why.
    Refused(String),
    /// Too many came; it may be sent again later.
    TooMany,
    /// It could not be written now.
    NotNoted,
}

/// Reads reports, few at a time and only so many in an hour, by whichever way they came.
#[derive(Clone)]
pub struct ReportReader {
    origin: String,
    at_once: Arc<Semaphore>,
    ration: Arc<Mutex<Ration>>,
}

impl ReportReader {
    /// One for names at or below `origin`.
    pub fn new(origin: &str) -> Self {
        let ration = Ration::new(3_600, REPORTS_PER_HOUR_MAX, REPORTS_PER_NETWORK_HOUR_MAX);
        let at_once = Arc::new(Semaphore::new(AT_ONCE_MAX));
        Self { origin: origin.to_owned(), at_once, ration: Arc::new(Mutex::new(ration)) }
    }

    /// Counts a report that came from an address; whether it is to be read.
    pub fn admits(&self, source: IpAddr, now: Timestamp) -> bool {
        self.ration.lock().take(source, now, &mut Said::default()) == Rationed::Noted
    }

    /// What a report says, read on a thread of its own; none where that ended before it was read.
    pub async fn read(&self, enclosed: Enclosed) -> Option<ReportReading> {
        let place = Arc::clone(&self.at_once).acquire_owned().await.ok()?;
        let origin = self.origin.clone();
        let read = tokio::task::spawn_blocking(move || {
            let reading = enclosed.read(&origin);
            drop(place);
            reading
        });
        read.await.ok()
    }
}

/// Takes the TLS reports that senders post, within limits, and notes those that can be read.
pub struct ReportHost {
    recorder: Arc<dyn Recorder>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    reader: ReportReader,
}

impl ReportHost {
    /// The longest body that is looked at, in octets.
    pub const BODY_OCTETS_MAX: usize = 1_048_576;

    /// One that has them read by `reader`.
    pub fn new(
        reader: ReportReader,
        recorder: Arc<dyn Recorder>,
        clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Self {
        Self { recorder, clock, reader }
    }

    /// Takes what `source` posted. It starts no trial, and nobody vouches for it.
    pub async fn take(&self, source: IpAddr, media_type: Option<&str>, content: Vec<u8>) -> ReportTaken {
        let source = source.to_canonical();
        let now = (self.clock)();
        if !self.reader.admits(source, now) {
            return ReportTaken::TooMany;
        }
        let Some(reading) = self.reader.read(enclosed(media_type, content)).await else {
            return ReportTaken::NotNoted;
        };
        match &reading {
            ReportReading::Unread { why } => return ReportTaken::Refused(why.clone()),
            _ if reading.is_about_us() => {}
            ReportReading::Read { .. } => {
                let origin = &self.reader.origin;
                return ReportTaken::Refused(format!("it has no policy of a name at {origin}"));
            }
        }
        let received = ReportReceived { came: ReportCame::Https { source }, reading };
        let fact = Fact::ReportReceived(Box::new(received));
        if !self.recorder.would_take(now, &fact) {
            return ReportTaken::TooMany;
        }
        match self.recorder.commit(now, fact).await {
            Ok(_) => ReportTaken::Noted,
            Err(error) => {
                // The journal has said why, once.
                tracing::debug!(%error, "a TLS report could not be noted");
                ReportTaken::NotNoted
            }
        }
    }
}

fn enclosed(media_type: Option<&str>, content: Vec<u8>) -> Enclosed {
    let bare =
        media_type.and_then(|kind| kind.split(';').next()).map(|kind| kind.trim().to_ascii_lowercase());
    let said_packed = match bare.as_deref() {
        Some("application/tlsrpt+gzip") => Some(true),
        Some("application/tlsrpt+json") => Some(false),
        _ => None,
    };
    let unfit = said_packed.is_none().then(|| Defect::new(DefectKind::MediaType, "Content-Type"));
    Enclosed { content, said_packed, domain: None, defects: unfit.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;

    use crate::sending::history::{NotRecorded, Seq};

    use super::*;

    #[derive(Default)]
    struct Kept(Mutex<Vec<Fact>>);

    /// Has no room from a time on.
    const SPENT_S: i64 = 60;

    impl Recorder for Kept {
        fn note(&self, _: Timestamp, fact: Fact) {
            self.0.lock().push(fact);
        }

        fn would_take(&self, at: Timestamp, _: &Fact) -> bool {
            at.as_second() < SPENT_S
        }

        fn commit(
            &self,
            at: Timestamp,
            fact: Fact,
        ) -> Pin<Box<dyn Future<Output = Result<Seq, NotRecorded>> + Send + '_>> {
            self.note(at, fact);
            Box::pin(async { Ok(Seq(1)) })
        }
    }

    const REPORT: &str =
        r#"{"policies":[{"policy":{"policy-type":"sts","policy-domain":"none.test.example"}}]}"#;

    #[tokio::test]
    async fn what_is_posted_is_read_or_refused_and_only_so_many() {
        let kept = Arc::new(Kept::default());
        let reader = ReportReader::new("test.example");
        let host = ReportHost::new(reader, kept.clone(), Arc::new(|| Timestamp::UNIX_EPOCH));
        let (kind, source) = (Some("application/tlsrpt+json; charset=utf-8"), IpAddr::from([192, 0, 2, 1]));
        assert_eq!(host.take(source, kind, REPORT.into()).await, ReportTaken::Noted);
        assert_eq!(host.take(source, None, REPORT.into()).await, ReportTaken::Noted);
        let elsewhere = REPORT.replace("test.example", "example.net");
        for unfit in ["", "{}", "no JSON", &elsewhere] {
            let taken = host.take(source, kind, unfit.into()).await;
            assert!(matches!(taken, ReportTaken::Refused(_)), "{unfit}: {taken:?}");
        }
        let defects = |n: usize| match &kept.0.lock()[n] {
            Fact::ReportReceived(received) => {
                received.report().expect("read").has(DefectKind::MediaType, "Content-Type")
            }
            _ => panic!("a report"),
        };
        assert_eq!(kept.0.lock().len(), 2);
        assert!(!defects(0) && defects(1));
        for _ in 6..REPORTS_PER_NETWORK_HOUR_MAX {
            host.take(source, kind, Vec::new()).await;
        }
        assert_eq!(host.take(source, kind, REPORT.into()).await, ReportTaken::TooMany);
        let elsewhere = IpAddr::from([198, 51, 100, 1]);
        assert_eq!(host.take(elsewhere, kind, REPORT.into()).await, ReportTaken::Noted);
    }

    #[tokio::test]
    async fn what_finds_no_room_today_is_to_come_again() {
        let kept = Arc::new(Kept::default());
        let spent = || Timestamp::from_second(SPENT_S).expect("a time");
        let host = ReportHost::new(ReportReader::new("test.example"), kept.clone(), Arc::new(spent));
        let taken = host.take(IpAddr::from([192, 0, 2, 1]), None, REPORT.into()).await;
        assert_eq!((taken, kept.0.lock().len()), (ReportTaken::TooMany, 0));
    }
}
