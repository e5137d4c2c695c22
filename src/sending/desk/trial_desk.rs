//! The desk of the open trials.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::sending::desk::{addressee, is_writable};
use crate::sending::history::{
    Ending, Fact, History, MessageFacts, NotNoted, Notes, Offer, Received, Recipient, VerdictDelivery,
};
use crate::sending::journal::Journal;
use crate::sending::listener::{Contact, Desk, DotReply, EndedEarly, Recipients, Transaction};
use crate::sending::persona::Catalogue;
use crate::sending::trial::{Mailbox, Pace, Source, TrialId};
use crate::sending::trials::Trials;
use crate::sending::verdict;
use crate::shared::mailauth::Authenticator;
use crate::shared::time::{Timestamp, after};

use super::looking::{Looked, Looking};
use super::operator::traced;
use super::reading::Reading;
use super::texts::{self, Answer, Words};
use super::{Judge, OperatorMail, OperatorMessage, Settings};

/// How long to wait after the journal could not be written, in seconds.
const RETRY_S: u32 = 5;
/// The longest sleep, in seconds: after it the clock is read again, so that a jump of it freezes no trial.
const SLEEP_S_MAX: u64 = 60;
/// At most one part in so many of the time is spent looking at trials.
const LOOKING_SHARE: u32 = 10;
/// However long a look took: nobody's deadline waits longer, in seconds.
const GATHER_S_MAX: u64 = 10;
/// What the journal calls a verdict that was put into a folder of this host, which its sender does not see.
const IN_A_FOLDER: &str = "maildir";

/// What the desk works with.
pub struct Parts {
    /// What it says, and its limits.
    pub settings: Settings,
    /// The personas.
    pub catalogue: Arc<Catalogue>,
    /// The paces.
    pub pace: Pace,
    /// The journal's secret.
    pub secret: [u8; 32],
    /// The trials, which follow the journal.
    pub trials: Arc<Trials>,
    /// The journal.
    pub journal: Arc<Journal>,
    /// Mail authentication.
    pub authenticator: Arc<Authenticator>,
    /// Where the operator's mail goes.
    pub operator: Arc<dyn OperatorMail>,
}

/// The desk behind the listeners.
pub struct TrialDesk {
    parts: Parts,
    looking: Arc<Looking>,
    reading: Reading,
}

impl TrialDesk {
    /// A desk whose journal has been replayed.
    pub fn new(parts: Parts) -> Self {
        parts.trials.begin();
        let (catalogue, trials) = (Arc::clone(&parts.catalogue), Arc::clone(&parts.trials));
        let looking = Looking::new(catalogue, parts.pace.clone(), trials, Arc::clone(&parts.journal));
        let (authenticator, host) = (Arc::clone(&parts.authenticator), parts.settings.host.clone());
        let reading = Reading::new(authenticator, Arc::clone(&parts.catalogue), host);
        Self { parts, looking: Arc::new(looking), reading }
    }

    /// The same desk with another judge.
    pub fn judged_by(self, judge: Judge) -> Self {
        Self { looking: Arc::new(self.looking.judged_by(judge)), ..self }
    }

    /// Ends trials as their evidence or their time comes, until `stop`. `clock` tells the time.
    pub async fn run(&self, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>, stop: CancellationToken) {
        loop {
            let began = Instant::now();
            let next = self.look_around(clock()).await;
            let spent = began.elapsed();
            let until_next = next.map_or(SLEEP_S_MAX * 1_000, |next| milliseconds_until(clock(), next));
            let sleep = Duration::from_millis(until_next.min(SLEEP_S_MAX * 1_000));
            // What comes in meanwhile gathers: a flood of queries must not become a flood of judgements.
            let gather = Duration::from_millis(self.parts.settings.gather_ms);
            let gather = gather.max((spent * LOOKING_SHARE).min(Duration::from_secs(GATHER_S_MAX)));
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(sleep) => {}
                () = self.parts.trials.wait_for_touch() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(gather) => {}
            }
        }
    }

    /// Looks at the trials that new evidence touched or that are due at `now`, ends those that may end, and
    /// gives the time of the next deadline.
    pub async fn look_around(&self, now: Timestamp) -> Option<Timestamp> {
        for trial in self.parts.trials.take(now) {
            if let Err(error) = self.looking.at(&self.parts.settings, &trial, now).await {
                tracing::error!(trial = trial.log_name(), %error, "a trial could not be ended; it is tried again");
                self.parts.trials.look_again(trial, after(now, RETRY_S));
            }
        }
        self.parts.trials.next_due()
    }

    async fn answer_test(
        &self,
        at: Timestamp,
        transaction: Unnoted<'_>,
        recipients: Vec<Recipient>,
        message: Vec<u8>,
    ) -> Result<DotReply, NotNoted> {
        let facts = self.reading.facts(&transaction.transaction, message).await?;
        let transaction = transaction.take();
        let (link, number) = (transaction.contact.link, transaction.number);
        // The full address is kept only where a verdict may go there, and can.
        let may_answer = facts.authentication.vouched && facts.no_reply.is_none();
        let address = transaction.reverse_path.clone().filter(|path| may_answer && is_writable(path));
        let has_id = facts.message_id.is_some();
        let nameless = !has_id && transaction.reverse_path.is_none();
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
        let looked = self.looking.for_dot(&self.parts.settings, &trial, at).await?;
        let Some(Looked { ended, unjudged, history }) = looked else {
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
            Some(history) => self.where_told(history, at).await,
            None => self.where_told_long_ago(&trial).await,
        };
        let words = Words { settings: &self.parts.settings, trial: &trial, answer };
        Ok(match (ended, had_ended) {
            (false, _) => words.held(),
            (true, false) => words.ended(),
            (true, true) => words.tested_before(has_id),
        })
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
        if !matches!(self.parts.journal.address(&to.id).await, Ok(Some(_))) {
            return false;
        }
        // A failed count is no reason to hold a mail; the limit is looked at again before the verdict is sent.
        let mailed = self.parts.journal.reader().mailed(to, now).await.unwrap_or_default();
        self.parts.settings.limits.allow(mailed.address, mailed.domain, mailed.all)
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
            ending,
        }
    }

    /// A transaction that is no test leaves a trace without a name: its link was used for mail, so nobody may
    /// think that the sender left it.
    fn note_no_test(&self, at: Timestamp, transaction: Transaction, ending: Ending) {
        let nameless = Transaction { reverse_path: None, ..transaction };
        let received = self.received(&nameless, Vec::new(), ending);
        self.parts.journal.note(at, Fact::Received(Box::new(received)));
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
        let message = traced(&self.parts.settings.host, at, &transaction, &message);
        self.note_no_test(at, transaction, Ending::Complete(Box::new(facts)));
        let message = OperatorMessage { name, reverse_path, recipients, message };
        match self.parts.operator.deliver(message).await {
            Ok(()) => {
                tracing::info!("mail to the operator arrived (operator_mail)");
                texts::delivered()
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
                        texts::not_noted()
                    })
                }
                Recipients::Operator(recipients) => {
                    self.answer_operator(at, transaction.take(), recipients, message).await
                }
            }
        })
    }

    fn ended_early(&self, at: Timestamp, transaction: Transaction, how: EndedEarly) {
        let ending = match how {
            EndedEarly::Aborted => Ending::Aborted,
            EndedEarly::Refused { code } => Ending::Refused { code },
        };
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
            self.desk.ended_early(self.at, self.transaction.clone(), EndedEarly::Aborted);
        }
    }
}

fn milliseconds_until(now: Timestamp, then: Timestamp) -> u64 {
    u64::try_from(then.duration_since(now).as_millis()).unwrap_or(0)
}
