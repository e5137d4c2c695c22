//! Records of TLS 1.2 over a stream: in clear, then sealed.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::shared::evidence::Alert;

use super::super::injection::InTls;
use super::super::records::{End, Messages, READ_OCTETS_MAX, Record, Records, Unreadable, content, ending};
use super::super::wire::Wire;
use super::keys::{Keys, record};

/// A connection of the mini client.
pub(super) struct Connection<S> {
    wire: Wire<S>,
    records: Records,
    pub(super) messages: Messages,
    /// What was read and not yet looked at: from `at` on.
    read: Vec<u8>,
    at: usize,
    octets_left: usize,
    /// Ours seal what we write, theirs open what we read; none: in clear.
    pub(super) ours: Option<Keys>,
    pub(super) theirs: Option<Keys>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(wire: Wire<S>, octets_max: usize) -> Self {
        Self {
            wire,
            records: Records::default(),
            messages: Messages::default(),
            read: Vec::new(),
            at: 0,
            octets_left: octets_max,
            ours: None,
            theirs: None,
        }
    }

    /// Whether a handshake is behind us.
    pub(super) fn is_encrypted(&self) -> bool {
        self.theirs.is_some()
    }

    pub(super) async fn write(&mut self, records: &[u8]) -> Result<(), End> {
        self.wire.write(records).await
    }

    /// A record with `plain`, sealed if there are keys.
    pub(super) fn sealed(&mut self, content: u8, plain: &[u8]) -> Result<Vec<u8>, End> {
        let unsealed = || End::Unreadable(Unreadable("a record that cannot be sealed".to_owned()));
        record(content, plain, self.ours.as_mut()).ok_or_else(unsealed)
    }

    /// The next record: content type and what it holds.
    pub(super) async fn next(&mut self) -> Result<(u8, Vec<u8>), End> {
        loop {
            let mut rest = &self.read[self.at..];
            let taken = self.records.take(&mut rest).map_err(End::Unreadable)?;
            self.at = self.read.len() - rest.len();
            let Some((content, payload)) = taken else {
                self.fill().await?;
                continue;
            };
            let Some(theirs) = &mut self.theirs else { return Ok((content, payload)) };
            let opened = theirs.open(content, payload);
            let opened = opened
                .ok_or_else(|| End::Unreadable(Unreadable("a record that does not decrypt".to_owned())))?;
            return Ok((content, opened));
        }
    }

    async fn fill(&mut self) -> Result<(), End> {
        let mut buffer = [0; READ_OCTETS_MAX];
        let octets = self.wire.read(&mut buffer).await?;
        let Some(left) = self.octets_left.checked_sub(octets.len()) else {
            return Err(End::Unreadable(Unreadable("more octets than are read".to_owned())));
        };
        self.octets_left = left;
        self.read.clear();
        self.read.extend_from_slice(octets);
        self.at = 0;
        Ok(())
    }

    /// The alert of a record: an error where it ends the connection.
    pub(super) fn alert(&self, payload: &[u8]) -> Result<Alert, End> {
        ending(Record { content: content::ALERT, payload })
    }

    /// The next application data.
    async fn data(&mut self) -> Result<Vec<u8>, End> {
        loop {
            let (content, payload) = self.next().await?;
            match content {
                content::APPLICATION_DATA => return Ok(payload),
                content::ALERT => {
                    self.alert(&payload)?;
                }
                // HelloRequest: a wish of the server's that we need not fulfil (RFC 5246 §7.4.1.1).
                content::HANDSHAKE => {}
                _ => {
                    return Err(End::Unreadable(Unreadable(format!("a record of type {content} amid data"))));
                }
            }
        }
    }

    /// QUIT if there are keys, close_notify, and the end.
    pub(super) async fn leave(mut self) {
        const CLOSE_NOTIFY: [u8; 2] = [1, 0];
        let mut records = Vec::new();
        if self.is_encrypted() {
            records.extend(self.sealed(content::APPLICATION_DATA, b"QUIT\r\n").unwrap_or_default());
        }
        records.extend(self.sealed(content::ALERT, &CLOSE_NOTIFY).unwrap_or_default());
        self.wire.last_words(&records).await;
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> InTls for Connection<S> {
    async fn say(&mut self, text: &str) -> Option<()> {
        let records = self.sealed(content::APPLICATION_DATA, text.as_bytes()).ok()?;
        self.write(&records).await.ok()
    }

    async fn hear(&mut self) -> Option<Vec<u8>> {
        self.data().await.ok()
    }
}
