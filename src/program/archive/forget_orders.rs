//! What the operator ordered to be forgotten, while the service holds the journal.

use crate::shared::time::Timestamp;

use super::{Archive, ArchiveError};

impl Archive {
    /// Orders the service to forget a subject, an address or a domain; the order's number.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn order_to_forget(&self, at: Timestamp, subject: &str) -> Result<i64, ArchiveError> {
        let number =
            sqlx::query_scalar("INSERT INTO forget_orders (at, subject) VALUES (?1, ?2) RETURNING number")
                .bind(at.as_microsecond())
                .bind(subject)
                .fetch_one(&mut *self.writer().await?)
                .await?;
        Ok(number)
    }

    /// The oldest order that is not begun: its number and subject.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub async fn next_order_to_forget(&self) -> Result<Option<(i64, String)>, ArchiveError> {
        let order = sqlx::query_as(
            "SELECT number, subject FROM forget_orders WHERE subject IS NOT NULL AND outcome IS NULL \
             ORDER BY number LIMIT 1",
        )
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        Ok(order)
    }

    /// The orders that are begun and not done: their numbers and subjects.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub async fn begun_orders_to_forget(&self) -> Result<Vec<(i64, String)>, ArchiveError> {
        let orders = sqlx::query_as(
            "SELECT number, subject FROM forget_orders WHERE subject IS NOT NULL AND outcome IS NOT NULL \
             ORDER BY number LIMIT 1000",
        )
        .fetch_all(&mut *self.reader().await?)
        .await?;
        Ok(orders)
    }

    /// An order has had this outcome (JSON) so far. One that is done loses its subject, too.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn has_forgotten(&self, number: i64, outcome: &str, done: bool) -> Result<(), ArchiveError> {
        sqlx::query(
            "UPDATE forget_orders SET outcome = ?2, subject = CASE WHEN ?3 THEN NULL ELSE subject END \
             WHERE number = ?1",
        )
        .bind(number)
        .bind(outcome)
        .bind(done)
        .execute(&mut *self.writer().await?)
        .await?;
        Ok(())
    }

    /// What has come of an order so far (JSON); none while it is not begun.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub async fn outcome_of_forgetting(&self, number: i64) -> Result<Option<String>, ArchiveError> {
        let outcome: Option<Option<String>> =
            sqlx::query_scalar("SELECT outcome FROM forget_orders WHERE number = ?1")
                .bind(number)
                .fetch_optional(&mut *self.reader().await?)
                .await?;
        Ok(outcome.flatten())
    }

    /// Drops what is known of orders that were done and given before `before`; how many.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub async fn expire_orders_to_forget(&self, before: Timestamp) -> Result<u64, ArchiveError> {
        let dropped = sqlx::query("DELETE FROM forget_orders WHERE subject IS NULL AND at < ?1")
            .bind(before.as_microsecond())
            .execute(&mut *self.writer().await?)
            .await?;
        Ok(dropped.rows_affected())
    }
}
