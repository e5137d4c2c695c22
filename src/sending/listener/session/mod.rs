//! The session as a machine without I/O.

mod state;
mod transaction;

use crate::sending::history::{Ending, Fact, Irregularity, Offer, Phase};
use crate::sending::persona::Entrance;
use crate::shared::evidence::Party;
use crate::shared::smtp::command::{Command, Malformed};
use crate::shared::smtp::reply::Reply;
use crate::shared::time::Timestamp;

use super::rules::{Rules, Within};

pub use state::{Action, Event, Open, Peer, Ready, Session};
use state::{answered, facts, note};
use transaction::{dot, early_mail, mail, rcpt, refused_mail};

impl Session {
    /// Takes an event. Events that cannot come in a state, since no command is read in it or nothing was asked
    /// for, change nothing.
    pub fn step(self, rules: &Rules, at: Timestamp, event: &Event) -> (Self, Vec<Action>) {
        let mut actions = Vec::new();
        let mut next = match (self, event) {
            (Self::Closed, _) => Self::Closed,
            (state, Event::Ended(by)) => state.close(*by, None, &mut actions),
            (state, Event::TimedOut) => {
                let reply = rules.test_reply(421, "4.4.2", "Too slow, closing");
                state.close(Party::Timeout, Some(reply), &mut actions)
            }
            // What was asked of the desk is answered first: the driver stops at the next command.
            (state @ (Self::Deciding(_) | Self::Upgrading(_)), Event::Stop) => state,
            (state, Event::Stop) => {
                let reply = rules.test_reply(421, "4.3.2", "The service stops, try again soon");
                state.close(Party::Us, Some(reply), &mut actions)
            }
            (Self::Data(open), Event::Dot(findings)) => dot(*open, rules, findings, &mut actions),
            (Self::Deciding(open), Event::Decided(reply)) => {
                actions.push(Action::Reply(reply.into()));
                actions.push(Action::Note(answered(&open, reply.code)));
                Self::Ready(open.ready)
            }
            (Self::Upgrading(peer), Event::Upgraded { host, cipher_suite, requires_tls }) => {
                let (host, cipher_suite) = (host.clone(), cipher_suite.clone());
                Self::Greeted(Peer { host, cipher_suite, requires_tls: *requires_tls, tls: true, ..peer })
            }
            (
                state @ (Self::Greeted(_) | Self::Ready(_) | Self::Mail(_)),
                Event::Command { .. } | Event::Malformed(_),
            ) => state.line(rules, at, event, &mut actions),
            (state, _) => state,
        };
        if let Some(peer) = next.peer_mut() {
            peer.facts = peer.facts.saturating_add(facts(&actions));
        }
        (next, actions)
    }

    /// A line where commands are read.
    fn line(mut self, rules: &Rules, at: Timestamp, event: &Event, actions: &mut Vec<Action>) -> Self {
        let Some(peer) = self.peer_mut() else { return self };
        peer.commands = peer.commands.saturating_add(1);
        let link = peer.link;
        if peer.commands > rules.settings.commands_max {
            return self.too_many(rules, actions);
        }
        if peer.facts >= rules.settings.facts_max
            && !matches!(event, Event::Command { command: Command::Quit, .. })
        {
            // No fault of a sender that has much to send.
            let reply = rules.test_reply(421, "4.7.0", "So much for one connection, please connect anew");
            return self.close(Party::Us, Some(reply), actions);
        }
        let next = match event {
            Event::Malformed(why @ Malformed::Foreign) => {
                note(link, Irregularity::ForeignProtocol, actions);
                // What comes behind it is not read: it may look like commands, and be a form that a browser sends.
                return self.close(Party::Us, Some(rules.malformed(*why)), actions);
            }
            Event::Malformed(why) => {
                match why {
                    Malformed::TooLong => note(link, Irregularity::LineTooLong, actions),
                    // The driver, who sees the octets, notes which it is.
                    Malformed::LineEnding => {}
                    _ => note(link, Irregularity::BadCommand, actions),
                }
                let reply = rules.malformed(*why);
                match (self.bad(), why) {
                    // The octets of a chunk would be taken for commands.
                    (state, Malformed::Chunk) => return state.close(Party::Us, Some(reply), actions),
                    (Self::Greeted(peer), why) if why.is_mail() => early_mail(peer, at, None, reply, actions),
                    (Self::Ready(ready), why) if why.is_mail() => {
                        refused_mail(ready, at, None, reply, actions)
                    }
                    (Self::Mail(mut open), why) if why.is_rcpt() => {
                        open.count(reply.code);
                        Self::Mail(open).says(reply, actions)
                    }
                    (state, _) => state.says(reply, actions),
                }
            }
            Event::Command { command, offer, behind } => {
                // RFC 2920 §3.1; HELO is as EHLO.
                let ends_group = matches!(
                    command,
                    Command::Hello { .. }
                        | Command::Data
                        | Command::Vrfy
                        | Command::Expn
                        | Command::Quit
                        | Command::Noop
                );
                if *behind && (ends_group || self.is_helo()) {
                    note(link, Irregularity::UnsynchronisedPipelining, actions);
                }
                self.command(rules, at, command, *offer, *behind, actions)
            }
            _ => self,
        };
        match next.peer().is_some_and(|peer| peer.bad_commands > rules.settings.bad_commands_max) {
            true => next.too_many(rules, actions),
            false => next,
        }
    }

    fn command(
        self,
        rules: &Rules,
        at: Timestamp,
        command: &Command,
        offer: Option<Offer>,
        behind: bool,
        actions: &mut Vec<Action>,
    ) -> Self {
        match (self, command) {
            (state, Command::Quit) => {
                state.abort(actions);
                actions.push(Action::Reply(Reply::new(221, "2.0.0", "Bye")));
                actions.push(Action::Close { by: Party::Sender, quit: true });
                Self::Closed
            }
            (state, Command::Noop) => state.says(Reply::new(250, "2.0.0", "OK"), actions),
            (state, Command::Help) => {
                state.says(rules.test_reply(214, "2.0.0", "MAIL, RCPT, DATA, and then wait"), actions)
            }
            (state, Command::Vrfy) => {
                state.says(Reply::new(252, "2.5.0", "Send some mail and you will see"), actions)
            }
            (state, Command::Expn) => state.says(Reply::new(502, "5.5.1", "There are no lists"), actions),
            (state, Command::Hello { name, helo }) => state.hello(rules, name, *helo, offer, actions),
            (state, Command::StartTls) => state.starttls(rules, behind, actions),
            (state, Command::Rset) => {
                state.abort(actions);
                state.without_transaction().says(Reply::new(250, "2.0.0", "OK"), actions)
            }
            (Self::Ready(ready), Command::Mail { from, parameters }) => {
                mail(ready, rules, at, from.as_ref(), *parameters, actions)
            }
            // Also within TLS, where some forget to say EHLO again: it is no refusal of the certificate.
            (Self::Greeted(peer), Command::Mail { from, .. }) => {
                note(peer.link, Irregularity::BadSequence, actions);
                let reply = Reply::new(503, "5.5.1", "EHLO comes first");
                early_mail(peer, at, from.clone(), reply, actions).bad()
            }
            (Self::Mail(open), Command::Rcpt(recipient)) => Self::Mail(rcpt(open, rules, recipient, actions)),
            // What comes behind DATA before its 354 is either a message or commands: nobody can tell.
            (state, Command::Data) if behind => {
                let reply = Reply::new(503, "5.5.1", "Data was sent before it was asked for");
                state.close(Party::Us, Some(reply), actions)
            }
            // RFC 2920 §3.1: what is sent in one group is sent before it is known that MAIL or all RCPTs were
            // refused. RFC 5321 §3.3 has these answers for it.
            (Self::Ready(ready), Command::Rcpt(_) | Command::Data) if ready.mail_refused => {
                Self::Ready(ready).says(Reply::new(503, "5.5.1", "MAIL was refused"), actions)
            }
            (Self::Mail(open), Command::Data) if open.recipients.is_none() && open.refused > 0 => {
                Self::Mail(open).says(Reply::new(554, "5.5.1", "No valid recipients"), actions)
            }
            (Self::Mail(open), Command::Data) if open.recipients.is_some() => {
                actions.push(Action::Reply(Reply::plain(354, vec!["End with CRLF.CRLF".into()])));
                actions.push(Action::ReadData);
                Self::Data(open)
            }
            (state, Command::Mail { .. } | Command::Rcpt(_) | Command::Data) => {
                let wanted = match (&state, command) {
                    (Self::Greeted(_), _) => "EHLO comes first",
                    (Self::Ready(_), _) => "MAIL comes first",
                    (_, Command::Data) => "RCPT comes first",
                    (_, _) => "A transaction is open",
                };
                state.out_of_order(Reply::new(503, "5.5.1", wanted), actions)
            }
        }
    }

    fn hello(
        self,
        rules: &Rules,
        name: &str,
        helo: bool,
        offer: Option<Offer>,
        actions: &mut Vec<Action>,
    ) -> Self {
        self.abort(actions);
        let Some(mut peer) = self.into_peer() else { return Self::Closed };
        let clear = offer.or(peer.offer).unwrap_or(Offer { starttls: false, phase: Phase::default() });
        let offer = Offer { starttls: clear.starttls && !peer.tls, ..clear };
        if !peer.tls {
            peer.offer = Some(offer);
        }
        actions.push(Action::Reply(rules.hello(&peer.host, helo, peer.within(), offer)));
        let (link, tls) = (peer.link, peer.tls);
        actions.push(Action::Note(Fact::Greeted { link, name: name.to_owned(), helo, tls, offer }));
        Self::Ready(Ready { peer, ehlo: name.to_owned(), helo, mail_refused: false })
    }

    fn starttls(self, rules: &Rules, behind: bool, actions: &mut Vec<Action>) -> Self {
        let Some(peer) = self.peer() else { return self };
        let link = peer.link;
        let offered = peer.offer.filter(|offer| offer.starttls && !self.is_helo());
        let answer = |reply: Reply, actions: &mut Vec<Action>| {
            actions.push(Action::Note(Fact::StarttlsAsked { link, code: reply.code }));
            actions.push(Action::Reply(reply));
        };
        if behind {
            // The octets behind it were sent in clear, and would be taken for a part of TLS (CVE-2011-0411).
            note(link, Irregularity::PlaintextBehindStarttls, actions);
            actions.push(Action::Note(Fact::StarttlsAsked { link, code: 554 }));
            let reply = Reply::new(554, "5.5.0", "Plain text came behind STARTTLS");
            return self.close(Party::Us, Some(reply), actions);
        }
        if peer.tls {
            note(link, Irregularity::BadSequence, actions);
            answer(Reply::new(503, "5.5.1", "TLS is on"), actions);
            return self.bad();
        }
        let Some(offer) = offered else {
            // RFC 3207 §4. Never 5yz: some senders would send the mail back.
            answer(rules.test_reply(454, "4.7.0", "TLS is not available at this moment, try later"), actions);
            return self;
        };
        if peer.entrance == Some(Entrance::Starttls454) {
            answer(rules.test_reply(454, "4.7.0", "TLS is not available due to a temporary reason"), actions);
            return self;
        }
        self.abort(actions);
        let injected = (peer.entrance == Some(Entrance::Injecting))
            .then(|| rules.hello(&peer.host, false, Within::Clear, offer));
        answer(Reply::new(220, "2.0.0", "Go ahead"), actions);
        // What a sender must not take for an answer, since it comes in clear (RFC 3207 §4.2).
        actions.extend(injected.map(Action::Reply));
        actions.push(Action::Upgrade(offer.phase));
        self.into_peer().map_or(Self::Closed, Self::Upgrading)
    }

    fn says(self, reply: Reply, actions: &mut Vec<Action>) -> Self {
        actions.push(Action::Reply(reply));
        self
    }

    fn out_of_order(self, reply: Reply, actions: &mut Vec<Action>) -> Self {
        if let Some(peer) = self.peer() {
            note(peer.link, Irregularity::BadSequence, actions);
        }
        actions.push(Action::Reply(reply));
        self.bad()
    }

    fn bad(mut self) -> Self {
        if let Some(peer) = self.peer_mut() {
            peer.bad_commands = peer.bad_commands.saturating_add(1);
        }
        self
    }

    fn too_many(self, rules: &Rules, actions: &mut Vec<Action>) -> Self {
        if let Some(peer) = self.peer() {
            note(peer.link, Irregularity::TooManyCommands, actions);
        }
        self.close(Party::Us, Some(rules.test_reply(421, "4.7.0", "Too many commands, closing")), actions)
    }

    /// Ends the link, after a last reply.
    fn close(self, by: Party, reply: Option<Reply>, actions: &mut Vec<Action>) -> Self {
        self.abort(actions);
        actions.extend(reply.map(Action::Reply));
        actions.push(Action::Close { by, quit: false });
        Self::Closed
    }

    /// Tells the desk of the transaction that ends here, if one is open: before anything is sent, since sending may
    /// take until the link is cut.
    fn abort(&self, actions: &mut Vec<Action>) {
        if let Self::Mail(open) | Self::Data(open) = self {
            actions.push(Action::EndedEarly(open.transaction(), Ending::Aborted));
        }
    }
}

#[cfg(test)]
mod tests;
