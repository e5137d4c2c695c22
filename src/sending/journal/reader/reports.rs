//! TLS reports, by what stands beside them, and who had a label when.

use crate::sending::history::{Fact, NotRecorded, Noted, ReportReceived, Seq};
use crate::sending::journal::database::{Row, query, read_observation};
use crate::sending::trial::Label;
use crate::shared::time::Timestamp;

use super::Reader;

/// How many TLS reports are read at once.
const REPORTS_MAX: i64 = 1_000;
/// How much of them, in octets as they are stored; one is read in any case.
const REPORTS_OCTETS_MAX: i64 = 4 << 20;

impl Reader {
    /// The TLS reports that came at a time or later and name one of these labels, in order. Where they are too many for one
    /// reading, those stay that somebody vouches for, and of them, as of the others, the newest.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn reports_about(
        &self,
        labels: &[Label],
        since: Timestamp,
    ) -> Result<Vec<Noted<ReportReceived>>, NotRecorded> {
        let labels = serde_json::to_string(labels).map_err(|error| unread(&error))?;
        let mut connection = self.pages().await;
        let found = query(
            "SELECT seq, octets FROM reports WHERE at >= $2 AND seq IN \
             (SELECT seq FROM report_labels WHERE label IN (SELECT value FROM json_each($1))) \
             ORDER BY vouched DESC, seq DESC LIMIT $3",
        )
        .bind(labels)
        .bind(since.as_microsecond())
        .bind(REPORTS_MAX)
        .fetch_all(&mut connection)
        .await;
        drop(connection);
        self.reports_at(&fitting(&found.map_err(|error| unread(&error))?)?).await
    }

    /// The next TLS reports behind a place that came at a time or later and that somebody vouches for, in order; none where
    /// there are no more.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn vouched_reports(
        &self,
        behind: Seq,
        since: Timestamp,
    ) -> Result<Vec<Noted<ReportReceived>>, NotRecorded> {
        let mut connection = self.pages().await;
        let found = query(
            "SELECT seq, octets FROM reports WHERE vouched = 1 AND seq > $1 AND at >= $2 ORDER BY seq LIMIT $3",
        )
        .bind(behind.0)
        .bind(since.as_microsecond())
        .bind(REPORTS_MAX)
        .fetch_all(&mut connection)
        .await;
        drop(connection);
        self.reports_at(&fitting(&found.map_err(|error| unread(&error))?)?).await
    }

    /// The TLS reports at these places, in order, as far as they are there.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn reports_at(&self, seqs: &[Seq]) -> Result<Vec<Noted<ReportReceived>>, NotRecorded> {
        let mut reports = Vec::with_capacity(seqs.len());
        let mut connection = self.pages().await;
        for seq in seqs {
            let row =
                query("SELECT seq, at, fact FROM observations WHERE seq = $1 AND kind = 'report-received'")
                    .bind(seq.0)
                    .fetch_optional(&mut connection)
                    .await
                    .map_err(|error| unread(&error))?;
            let Some(row) = row else { continue };
            let observation = read_observation(&row)?;
            if let Fact::ReportReceived(report) = observation.fact {
                reports.push(Noted { seq: observation.seq, at: observation.at, what: *report });
            }
        }
        drop(connection);
        reports.sort_by_key(|noted| noted.seq);
        Ok(reports)
    }

    /// The free label of the trial that had a label last, at a time or before: a free one leads to itself; none for one of the
    /// pool that nobody had.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn root_of(&self, label: &Label, until: Timestamp) -> Result<Option<Label>, NotRecorded> {
        if !label.is_of_pool() {
            return Ok(Some(label.clone()));
        }
        let mut connection = self.pages().await;
        let row =
            query("SELECT root FROM leases WHERE label = $1 AND at <= $2 ORDER BY at DESC, seq DESC LIMIT 1")
                .bind(label.as_str())
                .bind(until.as_microsecond())
                .fetch_optional(&mut connection)
                .await
                .map_err(|error| unread(&error))?;
        let root: Option<&str> =
            row.as_ref().map(|row| row.try_get(0)).transpose().map_err(|error| unread(&error))?;
        Ok(root.and_then(|root| root.parse().ok()))
    }
}

/// The first of these that are not too much together, by their places.
fn fitting(found: &[Row]) -> Result<Vec<Seq>, NotRecorded> {
    let (mut octets, mut fit) = (0_i64, Vec::with_capacity(found.len()));
    for row in found {
        if octets >= REPORTS_OCTETS_MAX {
            break;
        }
        let read = row.try_get(0).and_then(|seq| Ok((Seq(seq), row.try_get::<i64, _>(1)?)));
        let (seq, of) = read.map_err(|error| unread(&error))?;
        octets = octets.saturating_add(of);
        fit.push(seq);
    }
    Ok(fit)
}

fn unread(error: &dyn std::fmt::Display) -> NotRecorded {
    NotRecorded(error.to_string())
}
