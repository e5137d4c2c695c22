//! What an address showed so far, and what of it every step asks.

use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::{Answer, Depth, Hello, Probe, Question, Server, Survey};

use super::offers::{self, SUITES_MAX};

/// A step: its name and its question.
pub(super) type Step = (String, Question);

/// What was seen so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlanState<'a> {
    pub(super) server: &'a Server,
    pub(super) survey: &'a Survey,
    pub(super) depth: Depth,
    pub(super) renegotiations: u8,
}

impl PlanState<'_> {
    /// A step unless its question was put; for steps of which several are looked at in turn.
    pub(super) fn unless_asked(&self, name: String, question: Question) -> Option<Step> {
        (!self.asked(&question)).then_some((name, question))
    }

    pub(super) fn asked(&self, question: &Question) -> bool {
        self.server.probes.iter().any(|probe| probe.question == *question)
    }

    pub(super) fn probes<'b>(&'b self, prefix: &'b str) -> impl Iterator<Item = &'b Probe> {
        self.server.probes.iter().filter(move |probe| probe.step.starts_with(prefix))
    }

    /// The name of the next of several steps of a kind.
    pub(super) fn numbered(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.probes(prefix).count() + 1)
    }

    /// How many suites a hello may offer: few, once a long one was not answered or not understood.
    pub(super) fn suites_max(&self) -> usize {
        let offered = |probe: &Probe| match &probe.question {
            Question::Hello(hello) => hello.suites.0.len(),
            _ => 0,
        };
        let answered = |probe: &&Probe| matches!(probe.answer, Answer::Flight(_));
        let borne = self.server.probes.iter().filter(answered).map(offered).max().unwrap_or(0);
        let borne = borne.max(Survey::SUITES_BORNE_MAX);
        let chokes = |probe: &Probe| {
            // decode_error (50) and record_overflow (22) are about the hello as such.
            let not_understood = match &probe.answer {
                Answer::Alert { alert } => matches!(alert.0, 22 | 50),
                Answer::TimedOut | Answer::Garbage { .. } | Answer::Dropped => true,
                _ => false,
            };
            not_understood && offered(probe) > borne
        };
        if self.server.probes.iter().any(chokes) { Survey::SUITES_BORNE_MAX } else { SUITES_MAX }
    }

    /// The next chunk of `open`: without what was asked in short offers twice and gave no answer.
    pub(super) fn chunk(&self, version: TlsVersion, open: Vec<u16>) -> Option<Question> {
        let mut chunk: Vec<u16> = open.into_iter().filter(|suite| !self.given_up(version, *suite)).collect();
        chunk.truncate(self.suites_max());
        (!chunk.is_empty()).then(|| Question::Hello(offers::wide(version, chunk)))
    }

    fn given_up(&self, version: TlsVersion, suite: u16) -> bool {
        let in_vain = |probe: &Probe| {
            matches!(probe.answer, Answer::TimedOut | Answer::Garbage { .. } | Answer::Dropped)
        };
        let answered = |question: &Question| {
            self.server.probes.iter().any(|probe| probe.question == *question && !in_vain(probe))
        };
        let unanswered = |probe: &Probe| match &probe.question {
            Question::Hello(hello) => {
                in_vain(probe)
                    && hello.version == version
                    && hello.suites.0.len() <= Survey::SUITES_BORNE_MAX
                    && hello.suites.contains(suite)
                    && !answered(&probe.question)
            }
            _ => false,
        };
        self.server.probes.iter().any(unanswered)
    }
}

/// The name of a step without what says that its question was put again.
pub(super) fn first_name(step: &str) -> &str {
    ["again-", "late-"].into_iter().find_map(|again| step.strip_prefix(again)).unwrap_or(step)
}

/// The step that offers this hello.
pub(super) fn hello(step: impl Into<String>, hello: Hello) -> Option<Step> {
    Some((step.into(), Question::Hello(hello)))
}
