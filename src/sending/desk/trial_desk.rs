//! The desk of the open trials.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::sending::history::{
    Ending, Fact, History, MessageFacts, NotRecorded, Offer, Received, Recipient, Recorder, VerdictDelivery,
    addressee,
};
use crate::sending::journal::Journal;
use crate::sending::listener::{Contact, Desk, DotReply, Recipients, Transaction};
use crate::sending::persona::{CaseId, Catalogue};
use crate::sending::trial::{Mailbox, Pace, Source, TrialId, is_writable};
use crate::sending::trials::{Reviewed, Reviewer, Trials};
use crate::sending::verdict;
use crate::sending::web::ReportReader;
use crate::shared::mailauth::Authenticator;
use crate::shared::time::Timestamp;

use super::objection;
use super::operator::traced;
use super::reading::Reading;
use super::reports;
use super::texts::{self, Answer, Words};
use super::{Objections, OperatorMail, OperatorMessage, Settings};

/// What the journal calls a verdict that was put into a folder of this host, which its sender does not see.
const IN_A_FOLDER: &str = "maildir";

/// What the desk works with.
pub struct Parts {
    /// What it says, and its limits.
    pub settings: Settings,
    pub catalogue: Arc<Catalogue>,
    pub pace: Pace,
    /// The journal's secret.
    pub secret: [u8; 32],
    /// The trials, which follow the journal.
    pub trials: Arc<Trials>,
    /// Whoever ends them.
    pub reviewer: Arc<Reviewer>,
    pub journal: Arc<Journal>,
    /// Mail authentication.
    pub authenticator: Arc<Authenticator>,
    /// Where the operator's mail goes.
    pub operator: Arc<dyn OperatorMail>,
    /// Whoever knows who wants no mail of ours.
    pub objections: Arc<dyn Objections>,
    /// Whoever reads TLS reports.
    pub reports: ReportReader,
}

/// The desk behind the listeners.
pub struct TrialDesk {
    parts: Parts,
    reading: Reading,
}

impl TrialDesk {
    /// A desk of these parts.
    pub fn new(parts: Parts) -> Self {
        let (authenticator, host) = (Arc::clone(&parts.authenticator), parts.settings.host.clone());
        let reading = Reading::new(authenticator, Arc::clone(&parts.catalogue), host);
        Self { parts, reading }
    }

    async fn answer_test(
        &self,
        at: Timestamp,
        transaction: Unnoted<'_>,
        recipients: Vec<Recipient>,
        message: Vec<u8>,
    ) -> Result<DotReply, NotRecorded> {
        let facts = self.reading.facts(&transaction.transaction, message).await?;
        let transaction = transaction.take();
        let (link, number) = (transaction.contact.link, transaction.number);
        // The full address is kept only where a verdict may go there, and can.
        let may_answer = facts.authentication.vouched && facts.no_reply.is_none();
        let address = transaction.reverse_path.clone().filter(|path| may_answer && is_writable(path));
        let has_id = facts.message_id.is_some();
        let nameless = !has_id && transaction.reverse_path.is_none();
        let is_labelled = recipients.iter().any(|to| to.label.is_some());
        let cases: Vec<CaseId> = recipients.iter().map(|to| to.case.clone()).collect();
        let received = self.received(&transaction, recipients, Ending::Complete(Box::new(facts)));
        let seq = self.parts.journal.receive(at, received, address).await?;
        // Whoever follows the journal may not know of this mail: nothing true can be said of it before a restart.
        if self.parts.journal.trouble().is_some_and(|trouble| trouble.is_lasting()) {
            return Ok(texts::in_trouble());
        }
        // The address of a result is a secret: it is told to none but those whose transaction is the trial's.
        let Some(trial) = self.parts.trials.trial_of(link, number) else {
            let Some(too_many) = self.parts.trials.too_many(link, number) else {
                return Ok(texts::no_trial(nameless));
            };
            if may_answer {
                self.parts.journal.forget_addresses(at, vec![(link, number)]).await?;
            }
            return Ok(texts::too_many(too_many));
        };
        let looked = self.parts.reviewer.for_dot(&trial, at).await?;
        let Some(Reviewed { ended, unjudged, history }) = looked else {
            return Ok(Words { settings: &self.parts.settings, trial: &trial, answer: Answer::Mail }.held());
        };
        if unjudged {
            return Ok(texts::unjudged());
        }
        let had_ended = history.as_ref().and_then(|history| history.ended.as_ref());
        // One whose history is not in memory ended long ago.
        let had_ended = had_ended.map_or(ended && history.is_none(), |ended| ended.seq < seq);
        if had_ended && may_answer {
            self.parts.journal.forget_addresses(at, vec![(link, number)]).await?;
        }
        let answer = match &history {
            _ if !self.parts.trials.is_of_its_sender(&trial, link, number) => Answer::Others,
            Some(history) => self.where_told(history, at).await,
            None => self.where_told_long_ago(&trial).await,
        };
        let words = Words { settings: &self.parts.settings, trial: &trial, answer };
        Ok(match (ended, had_ended) {
            (false, _) if history.is_some_and(|history| self.is_taken(&cases, &history)) => {
                words.case_ended()
            }
            (false, _) => words.held(),
            (true, false) => words.ended(),
            (true, true) if is_labelled => words.label_is_over(),
            (true, true) => words.tested_before(has_id),
        })
    }

    /// Whether all these are ruled cases whose mail is to be acknowledged.
    fn is_taken(&self, cases: &[CaseId], history: &History) -> bool {
        let Parts { catalogue, pace, .. } = &self.parts;
        let is_ruled = |case: &CaseId| catalogue.ruled_case(case).is_some();
        cases.iter().all(is_ruled) && {
            let taken = verdict::taken_cases(catalogue, pace, history);
            cases.iter().all(|case| taken.contains(case))
        }
    }

    /// Where the verdict of a trial is told.
    async fn where_told(&self, history: &History, now: Timestamp) -> Answer {
        match history.delivery.as_ref().map(|noted| &noted.what) {
            Some(VerdictDelivery::Sent { by, .. }) if by == IN_A_FOLDER => Answer::Page,
            Some(VerdictDelivery::Sent { .. }) => Answer::Mailed,
            Some(VerdictDelivery::Withheld { .. } | VerdictDelivery::Failed { .. }) => Answer::NotMailed,
            None if self.parts.settings.mails_verdicts && self.may_be_mailed(history, now).await => {
                Answer::Mail
            }
            None => Answer::Page,
        }
    }

    /// Where the verdict of a trial was told that has left memory.
    async fn where_told_long_ago(&self, trial: &TrialId) -> Answer {
        match self.parts.trials.past_delivery(trial, self.parts.journal.reader()).await {
            Ok(Some(VerdictDelivery::Sent { by, .. })) if by != IN_A_FOLDER => Answer::Mailed,
            Ok(Some(VerdictDelivery::Withheld { .. } | VerdictDelivery::Failed { .. })) => Answer::NotMailed,
            _ => Answer::Page,
        }
    }

    /// Whether nothing stands against mailing the verdict, as far as is known yet.
    async fn may_be_mailed(&self, history: &History, now: Timestamp) -> bool {
        let Ok((to, _)) = addressee(history) else { return false };
        let Ok(Some(address)) = self.parts.journal.address(&to.id).await else { return false };
        if self.parts.objections.stand_against(&address).await {
            return false;
        }
        // A failed count is no reason to hold a mail; the limit is looked at again before the verdict is sent.
        let mailed = self.parts.journal.reader().mailed(to, now).await.unwrap_or_default();
        self.parts.settings.limits.allow(mailed)
    }

    fn received(&self, transaction: &Transaction, recipients: Vec<Recipient>, ending: Ending) -> Received {
        let path = transaction.reverse_path.as_deref();
        Received {
            link: transaction.contact.link,
            number: transaction.number,
            began: transaction.began,
            tls: transaction.tls,
            reverse_path: path.map(|path| Mailbox::new(&self.parts.secret, path)),
            recipients,
            refused_recipients: transaction.refused_recipients,
            require_tls: transaction.spoken.require_tls,
            ending,
        }
    }

    /// What is said where what must be on disk is not.
    fn not_noted(&self) -> DotReply {
        match self.parts.journal.nodes().is_on_server() {
            true => texts::database_away(),
            false => texts::not_noted(),
        }
    }

    /// A transaction that is no test leaves a trace without a name: its link was used for mail, so nobody may
    /// think that the sender left it.
    fn note_no_test(&self, at: Timestamp, transaction: Transaction, ending: Ending) {
        let nameless = Transaction { reverse_path: None, ..transaction };
        let received = self.received(&nameless, Vec::new(), ending);
        self.parts.journal.note(at, Fact::Received(Box::new(received)));
    }

    /// The domain that objects with a mail, once that is kept.
    async fn objected(
        &self,
        at: Timestamp,
        transaction: &Transaction,
        recipients: &[String],
        message: &[u8],
    ) -> Result<Option<String>, NotRecorded> {
        let claimed = objection::claimed(recipients, transaction.reverse_path.as_deref(), message);
        let Some(domain) = claimed else { return Ok(None) };
        let Ok(facts) = self.reading.facts(transaction, message.to_vec()).await else { return Ok(None) };
        match objection::is_vouched(domain, &facts) {
            true => self.parts.objections.keep_of_domain(at, domain).await,
            false => Ok(None),
        }
    }

    /// Whether the mail was a TLS report that could be read and is on disk: then there is nothing in it for the operator.
    async fn took_report(
        &self,
        at: Timestamp,
        transaction: &Transaction,
        message: &[u8],
    ) -> Result<bool, NotRecorded> {
        let Some(enclosed) = reports::enclosed(message) else { return Ok(false) };
        let reader = &self.parts.reports;
        if !reader.admits(transaction.contact.source.ip().to_canonical(), at) {
            return Err(NotRecorded("too many TLS reports came in this hour".to_owned()));
        }
        let facts = self.reading.facts(transaction, message.to_vec()).await?;
        let Some(report) = reports::read(reader, enclosed, transaction, &facts).await else {
            return Ok(false);
        };
        let is_read = report.report().is_some();
        self.parts.journal.commit(at, Fact::ReportReceived(Box::new(report))).await?;
        Ok(is_read)
    }

    async fn answer_operator(
        &self,
        at: Timestamp,
        transaction: Transaction,
        recipients: Vec<String>,
        message: Vec<u8>,
    ) -> DotReply {
        let facts = MessageFacts { size_octets: message.len() as u64, ..MessageFacts::default() };
        let name = format!("{}.{}.{}", at.as_second(), transaction.contact.link, transaction.number);
        let reverse_path = transaction.reverse_path.clone();
        let from = transaction.contact.source.ip();
        if let Err(error) = self.parts.journal.take_operators(at, from, message.len() as u64) {
            tracing::debug!(%error, "a mail to the operator finds no room");
            self.note_no_test(at, transaction, Ending::Refused { code: 452 });
            return texts::not_noted();
        }
        match self.took_report(at, &transaction, &message).await {
            Ok(true) => {
                self.note_no_test(at, transaction, Ending::Complete(Box::new(facts)));
                return texts::report_taken();
            }
            Ok(false) => {}
            Err(error) => {
                // The journal has said why, once.
                tracing::debug!(%error, "a TLS report could not be noted");
                let reply = self.not_noted();
                self.note_no_test(at, transaction, Ending::Refused { code: reply.code });
                return reply;
            }
        }
        // What was not kept is objected again when the mail comes once more.
        let Ok(objected) = self.objected(at, &transaction, &recipients, &message).await else {
            let reply = self.not_noted();
            self.note_no_test(at, transaction, Ending::Refused { code: reply.code });
            return reply;
        };
        let message = traced(&self.parts.settings.host, at, &transaction, &message);
        self.note_no_test(at, transaction, Ending::Complete(Box::new(facts)));
        let message = OperatorMessage { name, reverse_path, recipients, message };
        match self.parts.operator.deliver(message).await {
            Ok(()) => {
                tracing::info!("mail to the operator arrived (operator_mail)");
                objected.map_or_else(texts::delivered, |domain| texts::objected(&domain))
            }
            Err(error) => {
                tracing::error!(%error, "mail to the operator waits at its sender");
                texts::not_delivered()
            }
        }
    }
}

impl Desk for TrialDesk {
    fn offer(&self, at: Timestamp, contact: &Contact) -> Offer {
        let source = Source::new(contact.source.ip(), Some(&contact.ehlo));
        let record = self.parts.trials.source_record(&source, at);
        verdict::offer(&self.parts.pace, &record, at)
    }

    fn answer(
        &self,
        at: Timestamp,
        transaction: Transaction,
        message: Vec<u8>,
    ) -> Pin<Box<dyn Future<Output = DotReply> + Send + '_>> {
        let recipients = transaction.recipients.clone();
        let transaction = Unnoted { desk: self, at, transaction, noted: false };
        Box::pin(async move {
            match recipients {
                Recipients::Tests(recipients) => {
                    let answered = self.answer_test(at, transaction, recipients, message).await;
                    answered.unwrap_or_else(|error| {
                        tracing::error!(%error, "a test could not be noted");
                        self.not_noted()
                    })
                }
                Recipients::Operator(recipients) => {
                    self.answer_operator(at, transaction.take(), recipients, message).await
                }
            }
        })
    }

    fn ended_early(&self, at: Timestamp, transaction: Transaction, ending: Ending) {
        match transaction.recipients.clone() {
            Recipients::Tests(recipients) => {
                let received = self.received(&transaction, recipients, ending);
                self.parts.journal.note(at, Fact::Received(Box::new(received)));
            }
            Recipients::Operator(_) => self.note_no_test(at, transaction, ending),
        }
    }
}

/// A transaction whose dot came and which is not in the journal yet. Whoever stops waiting for the answer drops it,
/// and it is noted as one that was broken off: else its link would look as if it had been left without a mail.
struct Unnoted<'a> {
    desk: &'a TrialDesk,
    at: Timestamp,
    transaction: Transaction,
    noted: bool,
}

impl Unnoted<'_> {
    /// The transaction, to be noted now.
    fn take(mut self) -> Transaction {
        self.noted = true;
        self.transaction.clone()
    }
}

impl Drop for Unnoted<'_> {
    fn drop(&mut self) {
        if !self.noted {
            self.desk.ended_early(self.at, self.transaction.clone(), Ending::Aborted);
        }
    }
}
