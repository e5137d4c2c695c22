//! Who wants no mail of ours.

mod store;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::program::archive::{Archive, ArchiveError, Common, ObjectionRow};
use crate::program::reply::{self, HandOverError};
use crate::sending::desk;
use crate::sending::history::NotRecorded;
use crate::shared::time::Timestamp;

use super::digest::{of_all_for, of_subject};
use super::subject::Subject;
use super::token::Token;

pub use store::ObjectionStore;

/// How somebody objected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the link of a mail.
    Link,
    /// By a mail of a domain's postmaster.
    Mail,
    /// Through the operator.
    Operator,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Mail => "mail",
            Self::Operator => "operator",
        }
    }
}

/// All objections.
pub struct Objections {
    store: ObjectionStore,
    secret: [u8; 32],
    site: String,
    /// What this node alone has under another secret, from before it shared a journal.
    former: Option<(Arc<Archive>, [u8; 32])>,
}

impl Objections {
    /// Those of a service: all nodes' where there are several, and what this one has under its `former` secret, if that is
    /// another than that of all.
    ///
    /// # Errors
    ///
    /// If what is in the archive cannot be moved to all nodes.
    pub async fn of_service(
        archive: &Arc<Archive>,
        common: Option<&Arc<Common>>,
        (secret, former): ([u8; 32], Option<[u8; 32]>),
        site: String,
    ) -> Result<Self, ArchiveError> {
        let former = former.filter(|former| *former != secret && common.is_some());
        let store = ObjectionStore::of(archive, common, former.is_some()).await?;
        let former = former.map(|former| (Arc::clone(archive), former));
        Ok(Self { former, ..Self::new(store, secret, site) })
    }

    /// Those in a store, under the journal's `secret`; `site` is the address of the site, without a slash at its end.
    pub fn new(store: impl Into<ObjectionStore>, secret: [u8; 32], site: String) -> Self {
        Self { store: store.into(), secret, site, former: None }
    }

    /// Whether somebody objected to mail for `address`: its owner, or one of a domain that it lies in.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn stand_against(&self, address: &str) -> Result<bool, ArchiveError> {
        let digests = |secret| -> Vec<Vec<u8>> {
            of_all_for(secret, address).into_iter().map(|digest| digest.to_vec()).collect()
        };
        match &self.former {
            Some((archive, secret)) if archive.has_objection(&digests(secret)).await? => Ok(true),
            _ => self.store.has(&digests(&self.secret)).await,
        }
    }

    /// Keeps an objection to mail for a subject.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn keep(&self, now: Timestamp, subject: &Subject, way: Way) -> Result<(), ArchiveError> {
        let kind = match subject {
            Subject::Address { .. } => "address",
            Subject::Domain(_) => "domain",
        };
        let digest = of_subject(&self.secret, subject);
        self.store.keep(ObjectionRow { digest: &digest, kind, way: way.name(), at: now }).await
    }

    /// Lifts the objection of a subject; whether there was one.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn lift(&self, subject: &Subject) -> Result<bool, ArchiveError> {
        let was_former = match &self.former {
            Some((archive, secret)) => archive.drop_objection(&of_subject(secret, subject)).await?,
            None => false,
        };
        Ok(self.store.lift(&of_subject(&self.secret, subject)).await? || was_former)
    }

    /// How many objections there are, by kind and way.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn count(&self) -> Result<Vec<(String, String, i64)>, ArchiveError> {
        self.store.count().await
    }

    /// The token of a mail to `address`.
    pub fn token(&self, address: &str) -> Token {
        Token::new(&self.secret, address)
    }

    /// Whether whoever has a token objected to mail for its address; none for a token that is not ours.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn of_token(&self, token: &Token) -> Result<Option<bool>, ArchiveError> {
        match token.digest(&self.secret) {
            Some(digest) => self.store.has(&[digest.to_vec()]).await.map(Some),
            None => Ok(None),
        }
    }

    /// Objects to mail for the address of a token; whether it is one of ours.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn object(&self, now: Timestamp, token: &Token) -> Result<bool, ArchiveError> {
        let Some(digest) = token.digest(&self.secret) else { return Ok(false) };
        let row = ObjectionRow { digest: &digest, kind: "address", way: Way::Link.name(), at: now };
        self.store.keep(row).await?;
        Ok(true)
    }

    /// Takes back what [`Self::object`] did; whether the token is one of ours.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn withdraw(&self, token: &Token) -> Result<bool, ArchiveError> {
        let Some(digest) = token.digest(&self.secret) else { return Ok(false) };
        self.store.lift(&digest).await?;
        Ok(true)
    }
}

impl reply::Objections for Objections {
    fn stand_against<'a>(
        &'a self,
        address: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<bool, HandOverError>> + Send + 'a>> {
        let unknown = |error: ArchiveError| HandOverError { lasting: false, reason: error.to_string() };
        Box::pin(async move { self.stand_against(address).await.map_err(unknown) })
    }

    fn page(&self, address: &str) -> String {
        format!("{}/objection/{}", self.site, self.token(address))
    }
}

impl desk::Objections for Objections {
    fn stand_against<'a>(&'a self, address: &'a str) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async move {
            self.stand_against(address).await.unwrap_or_else(|error| {
                tracing::error!(%error, "it is not known whether a sender wants a verdict");
                true
            })
        })
    }

    fn keep_of_domain<'a>(
        &'a self,
        at: Timestamp,
        domain: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Option<String>, NotRecorded>> + Send + 'a>> {
        Box::pin(async move {
            // Of what is no domain that somebody can own nobody is postmaster.
            let subject = domain.parse().ok().filter(|subject| matches!(subject, Subject::Domain(_)));
            let Some(subject) = subject else { return Ok(None) };
            self.keep(at, &subject, Way::Mail).await.map(|()| Some(subject.to_string())).map_err(|error| {
                tracing::error!(%error, "the objection of a domain could not be kept; its mail waits at its sender");
                NotRecorded(error.to_string())
            })
        })
    }
}
