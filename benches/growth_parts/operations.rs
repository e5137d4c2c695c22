//! The operations that are measured.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;

use mailassay::sending::history::{Fact, Recorder};
use mailassay::sending::trial::{Source, TrialId};
use mailassay::sending::verdict;
use mailassay::shared::time::{Timestamp, after};

use super::crowd::{Crowd, MailLink, Sender};
use super::measure::{fixed_work_ns, median, process_ns};
use super::store::Opening;

/// The number of the first sender that is measured; those of the crowd have lower ones.
pub(crate) const SENDERS_FROM: u32 = 1_000_000;
/// How often each operation is measured.
const ROUNDS: u32 = 200;
/// How often what takes long is.
const RARE_ROUNDS: usize = 9;

/// What is measured, and what it came to.
pub(crate) struct Bench<'a> {
    opening: &'a Opening,
    crowd: &'a mut Crowd,
    now: Timestamp,
    /// Whether all mails are attempts at one.
    pub(crate) one_mail: bool,
    costs: BTreeMap<&'static str, Vec<u64>>,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(opening: &'a Opening, crowd: &'a mut Crowd, now: Timestamp) -> Self {
        Self { opening, crowd, now, one_mail: false, costs: BTreeMap::new() }
    }

    fn add(&mut self, name: &'static str, cost_ns: u64) {
        self.costs.entry(name).or_default().push(cost_ns);
    }

    /// Prints the medians.
    fn print(&mut self) {
        for (name, costs) in std::mem::take(&mut self.costs) {
            println!("{name} {}", median(costs));
        }
    }

    /// What listeners do, and what the desk does with it.
    pub(crate) async fn all(&mut self, sender: impl Fn(u32) -> Sender) -> Result<(), Box<dyn Error>> {
        let mut held = Vec::new();
        for round in 0..ROUNDS {
            let sender = sender(round);
            self.now = after(self.now, 1);
            self.add("fixed", fixed_work_ns());
            let question = self.crowd.question(&sender, "et", "MX");
            self.noted(("question", "question-journal"), vec![question]).await?;
            self.contact(&sender).await?;
            let fetch = self.crowd.fetch(&sender);
            self.noted(("fetch", "fetch-journal"), vec![fetch]).await?;
            held.extend(self.mail(&sender, round).await?.map(|trial| (trial, sender.asks_a_big_resolver())));
        }
        for (trial, big) in held {
            self.look(&trial, if big { ("history-big", "judge-big") } else { ("history", "judge") });
        }
        self.print();
        Ok(())
    }

    /// Recorder facts and waits for the last.
    async fn noted(
        &mut self,
        (own, journal): (&'static str, &'static str),
        mut facts: Vec<Fact>,
    ) -> Result<(), Box<dyn Error>> {
        let Opening { measured, journal: notes, .. } = self.opening;
        let Some(last) = facts.pop() else { return Ok(()) };
        let (spent_ns, cpu_ns) = (measured.spent_ns(), process_ns());
        facts.into_iter().for_each(|fact| notes.note(self.now, fact));
        notes.commit(self.now, last).await?;
        let whole_ns = process_ns() - cpu_ns;
        self.add(journal, whole_ns);
        self.add(own, measured.spent_ns() - spent_ns);
        Ok(())
    }

    /// A link without a mail, and what its EHLO asks of the store.
    async fn contact(&mut self, sender: &Sender) -> Result<(), Box<dyn Error>> {
        let measured = &self.opening.measured;
        let source = Source::new(sender.address, Some(&sender.name));
        let (_, asked_ns) = measured.cost_ns(|| measured.trials.source_record(&source, self.now));
        self.add("offer", asked_ns);
        let facts = self.crowd.contact(sender);
        self.noted(("contact", "contact-journal"), facts).await
    }

    /// A link with a mail that is held, as the desk takes it in; without the look at its trial.
    async fn mail(&mut self, sender: &Sender, round: u32) -> Result<Option<TrialId>, Box<dyn Error>> {
        let Opening { measured, journal, .. } = self.opening;
        let number = if self.one_mail { 0 } else { SENDERS_FROM + round };
        let MailLink { before, received, mut behind, .. } = self.crowd.mail(sender, number, self.now);
        let Some(last) = behind.pop() else { return Ok(None) };
        let link = received.link;
        let (spent_ns, cpu_ns) = (measured.spent_ns(), process_ns());
        before.into_iter().for_each(|fact| journal.note(self.now, fact));
        let address = format!("somebody@sender-{}.example", sender.number);
        journal.receive(self.now, received, Some(address)).await?;
        let (trial, found_ns) = measured.cost_ns(|| measured.trials.trial_of(link, 0));
        behind.into_iter().for_each(|fact| journal.note(self.now, fact));
        journal.commit(self.now, last).await?;
        let whole_ns = process_ns() - cpu_ns;
        self.add("mail-journal", whole_ns);
        self.add("mail", measured.spent_ns() - spent_ns + found_ns);
        Ok(trial)
    }

    /// One trial is touched, taken out, read, judged and put off.
    fn look(&mut self, trial: &TrialId, (read, judged): (&'static str, &'static str)) {
        let Opening { measured, catalogue, pace, .. } = self.opening;
        let trials = &measured.trials;
        let (history, read_ns) = measured.cost_ns(|| trials.history(trial));
        let Some(history) = history else { return };
        // Later than its window, so that it is judged and not only put off.
        let later = after(self.now, pace.window_s * 4);
        let (progress, judged_ns) = measured.cost_ns(|| verdict::progress(catalogue, pace, &history, later));
        black_box(progress);
        let ((), scheduled_ns) = measured.cost_ns(|| {
            trials.look_again(trial.clone(), self.now);
            for due in trials.take(self.now) {
                trials.look_again(due, after(self.now, pace.patience_s));
            }
            black_box(trials.next_due());
        });
        self.add(read, read_ns);
        self.add(judged, judged_ns);
        self.add("schedule", scheduled_ns);
    }

    /// What is done every few seconds, and what a page of a told trial costs.
    pub(crate) async fn rare(&mut self) -> Result<(), Box<dyn Error>> {
        let Opening { measured, journal, .. } = self.opening;
        for _ in 0..RARE_ROUNDS {
            self.now = after(self.now, 10);
            let cpu_ns = process_ns();
            measured.trials.put_away(journal, self.now).await?;
            self.add("upkeep", process_ns() - cpu_ns);
        }
        let told = journal.reader().told_trials().await?;
        for trial in told.iter().step_by((told.len() / RARE_ROUNDS).max(1)) {
            let cpu_ns = process_ns();
            black_box(measured.trials.read(trial, journal.reader()).await?);
            self.add("page", process_ns() - cpu_ns);
        }
        self.print();
        Ok(())
    }
}
