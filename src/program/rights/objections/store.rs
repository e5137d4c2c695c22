//! Where objections are kept: with the site's archive where one service is alone, with all nodes where there are several.

use std::sync::Arc;

use crate::program::archive::{Archive, ArchiveError, Common, ObjectionRow};

/// Where objections are kept. Whoever keeps one there and whoever asks there next see the same, at whichever node.
#[derive(Clone)]
pub enum ObjectionStore {
    /// Of a service that is alone.
    Archive(Arc<Archive>),
    /// Of all nodes.
    Common(Arc<Common>),
}

impl From<Arc<Archive>> for ObjectionStore {
    fn from(archive: Arc<Archive>) -> Self {
        Self::Archive(archive)
    }
}

impl From<Arc<Common>> for ObjectionStore {
    fn from(common: Arc<Common>) -> Self {
        Self::Common(common)
    }
}

impl ObjectionStore {
    /// That of all nodes, where there are several, who then have also what `archive` has; else the archive's own. What is
    /// there under a secret of this node's own from before (`is_foreign`) stays there: under that of all it matches nobody.
    ///
    /// # Errors
    ///
    /// If what is in the archive cannot be moved.
    pub async fn of(
        archive: &Arc<Archive>,
        common: Option<&Arc<Common>>,
        is_foreign: bool,
    ) -> Result<Self, ArchiveError> {
        let Some(common) = common else { return Ok(Arc::clone(archive).into()) };
        if is_foreign {
            let kept: i64 = archive.count_objections().await?.iter().map(|(_, _, number)| number).sum();
            if kept > 0 {
                tracing::warn!(
                    kept,
                    "objections from before this node shared a journal are under a secret of its own, and hold at this node \
                     alone; give `mailassay forget --object` for whoever is known to have objected"
                );
            }
            return Ok(Arc::clone(common).into());
        }
        let moved = common.take_over_objections(archive).await?;
        if moved > 0 {
            tracing::info!(moved, "objections that were this node's alone are all nodes' from now on");
        }
        Ok(Arc::clone(common).into())
    }

    pub(super) async fn has(&self, digests: &[Vec<u8>]) -> Result<bool, ArchiveError> {
        match self {
            Self::Archive(archive) => archive.has_objection(digests).await,
            Self::Common(common) => common.has_objection(digests).await,
        }
    }

    pub(super) async fn keep(&self, row: ObjectionRow<'_>) -> Result<(), ArchiveError> {
        match self {
            Self::Archive(archive) => archive.keep_objection(row).await,
            Self::Common(common) => common.keep_objection(row).await,
        }
    }

    pub(super) async fn lift(&self, digest: &[u8]) -> Result<bool, ArchiveError> {
        match self {
            Self::Archive(archive) => archive.drop_objection(digest).await,
            Self::Common(common) => common.drop_objection(digest).await,
        }
    }

    pub(super) async fn count(&self) -> Result<Vec<(String, String, i64)>, ArchiveError> {
        match self {
            Self::Archive(archive) => archive.count_objections().await,
            Self::Common(common) => common.count_objections().await,
        }
    }
}
