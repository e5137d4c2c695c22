//! What a writer owes: facts that wait, or are missing without a word; and whether other nodes do.

use crate::sending::journal::writer::Writer;
use crate::sending::journal::writer::job::Job;
use crate::sending::journal::{nodes, outbox, replay};

impl Writer {
    /// Whether facts wait to be written, or any may be missing and that is not noted. What was dropped one by one is noted
    /// within a second.
    fn owes(&self) -> bool {
        let is_in_doubt = self.remote.as_ref().is_some_and(|remote| !remote.in_doubt.is_empty());
        is_in_doubt || !self.held.is_empty() || self.dropped.is_unknown()
    }

    /// Says so to the other nodes: as long as it is, they do not hear that this one lives.
    pub(in crate::sending::journal::writer) fn tell_owed(&self) {
        let owes = self.owes();
        if let Some(remote) = &self.remote {
            remote.owed.write(false);
            remote.owed.set(owes);
        }
    }

    /// Ends in order: where all that was seen is written, or noted as missing, the next start and other nodes know so.
    pub(in crate::sending::journal::writer) async fn leave(&mut self) {
        if self.dropped.is_known() {
            let _what_is_not_noted_is_owed = self.write(Vec::new()).await;
        }
        if self.owes() || self.dropped.is_untold() {
            return;
        }
        let left = match &self.remote {
            Some(remote) => nodes::leave(&mut self.connection, remote.node, remote.joins).await,
            None => replay::end_to_serve(&mut self.connection).await,
        };
        if let Err(error) = left {
            tracing::debug!(%error, "that the journal was left in order could not be noted");
        }
    }

    /// Whether a node may have seen something that is not here, and a trial ends that has not ended before: it may take nothing
    /// that is absent for silence. Tells the operator, once for the same nodes.
    pub(in crate::sending::journal::writer) async fn is_another_unheard(
        &mut self,
        group: &[Job],
    ) -> sqlx::Result<bool> {
        let ends = group.iter().filter_map(Job::ending).collect::<Vec<_>>();
        let Some(remote) = self.remote.as_mut().filter(|_| !ends.is_empty()) else { return Ok(false) };
        let unheard = nodes::unheard(&mut self.connection, remote.node).await?;
        if unheard != remote.unheard {
            match unheard.is_empty() {
                false => tracing::warn!(
                    nodes = unheard.join(" "),
                    "nodes do not say that they live, and may hold what is not written: tests that end meanwhile take no \
                     absence for silence; start them again, or where one is gone for good, `mailassay node drain NAME`"
                ),
                true => tracing::info!("all nodes say that they live"),
            }
            remote.unheard.clone_from(&unheard);
        }
        if unheard.is_empty() {
            return Ok(false);
        }
        for trial in ends {
            if !outbox::has_ended(&mut self.connection, trial).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
