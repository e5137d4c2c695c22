//! What the listener is set to: limits, names, texts, and whom it takes mail for.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sending::history::{Irregularity, Offer, Recipient};
use crate::sending::persona::{Catalogue, Entrance, PersonaId};
use crate::sending::trial::{CasePhase, CasePhases, HostRole};
use crate::shared::text::Language;

use crate::shared::smtp::command::{self, Address, Malformed};
use crate::shared::smtp::data::Findings;
use crate::shared::smtp::reply::Reply;

/// The settings of the listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name in the greeting where the host that was called is not known.
    pub host_name: String,
    /// Where to read what this test does: part of the greeting and of transient replies.
    pub info_url: String,
    /// Local parts at every served domain whose mail goes to the operator, besides `postmaster`, `abuse` and
    /// `hostmaster`: those that published records name for reports.
    pub report_local_parts: Vec<String>,
    /// How long the greeting waits for a sender that does not, in milliseconds. One that talks early does so
    /// with its handshake's last packet or right behind it, whatever the round-trip time: a moment is enough
    /// to see it, and a scanner's hundreds of connections are not slowed down.
    pub early_talker_wait_ms: u32,
    /// The longest command line with its CRLF, in octets. RFC 5321 §4.5.3.1.4 wants 512, and more for
    /// parameters and UTF-8 (RFC 6531 §3.4).
    pub command_line_octets_max: u32,
    /// The longest line of a message with its CRLF, in octets. RFC 5321 §4.5.3.1.6 wants 1000; what is longer
    /// is noted, and refused only beyond this limit.
    pub text_line_octets_max: u32,
    /// The largest header of a message, in octets.
    pub header_octets_max: u32,
    /// `Received` fields of a message: more mean that it goes in circles (RFC 5321 §6.3, which
    /// wants at least 100).
    pub hops_max: u32,
    /// The largest message, in octets: the value of SIZE. Tests need a tenth of it; reports, which come as the
    /// operator's mail, may be that large, and SIZE is announced before anybody knows whom a mail is for.
    pub message_octets_max: u32,
    /// Octets of messages that are held in memory at a time, over all links, besides 32 KiB of each link.
    pub messages_octets_max: u32,
    /// Of these, from one network: a /24, in IPv6 a /48.
    pub messages_per_network_octets_max: u32,
    /// Recipients of a transaction (RFC 5321 §4.5.3.1.8: at least 100).
    pub recipients_max: u16,
    /// Commands of a link.
    pub commands_max: u32,
    /// Commands of a link that do not exist, do not parse or are out of order.
    pub bad_commands_max: u32,
    /// Facts that a link may write: two for each message, one for each EHLO, STARTTLS or transaction that is broken
    /// off. Beyond it the sender is told to connect anew; with 256 it has sent more than 100 messages.
    pub facts_max: u32,
    /// How long a command may take to come, a message may pause, and a reply may take to be sent, in seconds
    /// (RFC 5321 §4.5.3.2.7).
    pub command_s: u32,
    /// How long a TLS handshake may take, in seconds.
    pub handshake_s: u32,
    /// How long a link may last, in seconds.
    pub session_s: u32,
    /// How long the answer to a dot may take, in seconds.
    pub answer_s: u32,
    /// Links at a time from one address, in IPv6 from one /64. A scanner opens hundreds within seconds, so their
    /// rate is limited by the hour alone.
    pub links_per_address_max: u32,
    /// Links at a time from one network: a /24, in IPv6 a /48.
    pub links_per_network_max: u32,
    /// Links in an hour from one network; further ones are turned away and only counted. 0: no limit.
    pub links_per_network_hour_max: u32,
    /// Links at a time in all. It must lie below the limit of open files.
    pub links_max: u32,
    /// How long links may go on when the service stops, in seconds.
    pub drain_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host_name: "localhost".to_owned(),
            info_url: String::new(),
            report_local_parts: Vec::new(),
            early_talker_wait_ms: 20,
            command_line_octets_max: 2048,
            text_line_octets_max: 65_536,
            header_octets_max: 102_400,
            hops_max: 100,
            message_octets_max: 10_485_760,
            messages_octets_max: 67_108_864,
            messages_per_network_octets_max: 16_777_216,
            recipients_max: 100,
            commands_max: 1000,
            bad_commands_max: 20,
            facts_max: 256,
            command_s: 300,
            handshake_s: 30,
            session_s: 600,
            answer_s: 60,
            links_per_address_max: 50,
            links_per_network_max: 200,
            links_per_network_hour_max: 3_000,
            links_max: 1000,
            drain_s: 10,
        }
    }
}

/// The longest line of a message that the standard allows (RFC 5321 §4.5.3.1.6), with its CRLF, in octets.
const STANDARD_TEXT_LINE_OCTETS_MAX: u64 = 1000;

/// Whom an address belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    Test(Recipient),
    /// The operator, at this address.
    Operator(String),
    /// Nobody, at a domain of ours.
    Unknown,
    /// A domain that is not ours.
    Foreign,
}

/// Where a session is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    Clear,
    Tls {
        /// Whether the host offers REQUIRETLS.
        requires_tls: bool,
    },
}

/// Settings and catalogue together: all that the session machine asks besides its events.
#[derive(Clone)]
pub struct Rules {
    pub settings: Settings,
    /// The served domains.
    pub catalogue: Arc<Catalogue>,
    /// Whoever knows which trials of ruled cases are over.
    pub phases: Arc<dyn CasePhases>,
}

impl Rules {
    /// Whom `recipient` belongs to.
    pub fn addressee(&self, recipient: &command::Recipient) -> Addressee {
        let address = match recipient {
            command::Recipient::Address(address) => address,
            command::Recipient::Postmaster => {
                return Addressee::Operator(format!("postmaster@{}", self.catalogue.origin()));
            }
        };
        if let Some((case, label)) = self.catalogue.recipient_of(&address.domain) {
            return match Language::from_local_part(&address.plain_local()) {
                Some(language) => Addressee::Test(Recipient { case: case.clone(), language, label }),
                None => self.operator(address),
            };
        }
        let is_ours = self.catalogue.case_of_domain(&address.domain).is_some()
            || address.domain.eq_ignore_ascii_case(self.catalogue.origin());
        if is_ours { self.operator(address) } else { Addressee::Foreign }
    }

    fn operator(&self, address: &Address) -> Addressee {
        let local = address.plain_local();
        let reports = self.settings.report_local_parts.iter().map(String::as_str);
        // RFC 2142; `hostmaster` is what SOA records name.
        let mut ours = ["postmaster", "abuse", "hostmaster"].into_iter().chain(reports);
        match ours.any(|ours| ours.eq_ignore_ascii_case(&local)) {
            true => Addressee::Operator(address.to_string()),
            false => Addressee::Unknown,
        }
    }

    /// Whether mail for a test is taken where its sender called: for ruled cases where their hosts are met, for all others
    /// anywhere else. When a trial is over, its mail is taken wherever it comes.
    pub fn is_met_at(&self, entrance: Option<Entrance>, test: &Recipient) -> bool {
        let (Some(case), Some(entrance)) = (self.catalogue.ruled_case(&test.case), entrance) else {
            return entrance.is_none() && self.catalogue.case(&test.case).is_some();
        };
        let is_over = |label| self.phases.phase(&case.id.0, label) == CasePhase::Over;
        // Also a domain without hosts is met by whoever goes on all the same.
        let without_hosts =
            || case.roles().is_empty() && HostRole::ALL.iter().any(|role| case.entrance(*role) == entrance);
        case.roles_at(entrance).next().is_some()
            || without_hosts()
            || test.label.as_ref().is_some_and(is_over)
    }

    /// The name of the host that is called: the persona's own where it is known.
    pub fn host_name(&self, persona: Option<&PersonaId>) -> String {
        persona
            .and_then(|id| self.catalogue.host_name(self.catalogue.persona(id)?))
            .unwrap_or_else(|| self.settings.host_name.clone())
    }

    /// The greeting. RFC 3207 §4 forbids a public server to insist on TLS: this one says why it may seem to.
    pub fn greeting(&self, host: &str) -> Reply {
        Reply::plain(220, vec![self.with_url(format!("{host} ESMTP Mailassay: a test mail server")).into()])
    }

    /// The answer to EHLO or HELO.
    pub fn hello(&self, host: &str, helo: bool, within: Within, offer: Offer) -> Reply {
        let mut lines: Vec<Cow<'static, str>> = vec![host.to_owned().into()];
        if !helo {
            lines.extend(["PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"].map(Cow::from));
            lines.push(format!("SIZE {}", self.settings.message_octets_max).into());
            if offer.starttls && within == Within::Clear {
                lines.push("STARTTLS".into());
            }
            // RFC 8689 §4.2.3: within TLS alone.
            if within == (Within::Tls { requires_tls: true }) {
                lines.push("REQUIRETLS".into());
            }
        }
        Reply::plain(250, lines)
    }

    /// A reply that says that this is a test and where to read more.
    pub fn test_reply(&self, code: u16, status: &'static str, what: &str) -> Reply {
        Reply::new(code, status, self.with_url(format!("{what}. This is a mail test")))
    }

    fn with_url(&self, text: String) -> String {
        match self.settings.info_url.as_str() {
            "" => text,
            url => format!("{text}, see {url}"),
        }
    }

    /// The reply to a line that is no command.
    pub fn malformed(&self, why: Malformed) -> Reply {
        match why {
            // RFC 3463 §3.8, X.7.0. With 221, as Postfix does: 5yz would be read by nobody.
            Malformed::Foreign => Reply::new(221, "2.7.0", "This is SMTP, and that was not; goodbye"),
            Malformed::UnknownVerb => Reply::new(500, "5.5.1", "Command unknown"),
            Malformed::NotServed | Malformed::Chunk => Reply::new(502, "5.5.1", "Command not implemented"),
            Malformed::Argument => Reply::new(501, "5.5.4", "Syntax error in the argument"),
            Malformed::ReversePath => Reply::new(501, "5.1.7", "Syntax error in the reverse-path"),
            Malformed::ForwardPath => Reply::new(501, "5.1.3", "Syntax error in the forward-path"),
            Malformed::Parameter => Reply::new(501, "5.5.4", "Syntax error in a parameter"),
            Malformed::UnknownParameter | Malformed::RcptParameter => {
                Reply::new(555, "5.5.4", "Parameter not offered")
            }
            Malformed::TooLong => Reply::new(500, "5.5.2", "Line too long"),
            Malformed::LineEnding => {
                Reply::new(500, "5.5.2", "A line ends in CRLF and holds no other CR, LF or NUL")
            }
        }
    }

    /// The reply to a message that cannot be taken, and what was irregular about it.
    pub fn judge(&self, findings: &Findings) -> (Option<Reply>, Vec<Irregularity>) {
        let noted = [
            (findings.false_ends > 0, Irregularity::FalseEndOfData),
            (findings.bare_lf > 0, Irregularity::BareLf),
            (findings.bare_cr > 0, Irregularity::BareCr),
            (findings.nul > 0, Irregularity::Nul),
            (findings.longest_line_octets > STANDARD_TEXT_LINE_OCTETS_MAX, Irregularity::LineTooLong),
        ];
        let irregular = noted.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect();
        let beyond = |octets: u64, max: u32| octets > u64::from(max);
        let refusal = if findings.smuggles() {
            Some(Reply::new(
                554,
                "5.5.0",
                "The message holds a bare CR, a bare LF or a NUL: it could smuggle",
            ))
        } else if beyond(findings.octets, self.settings.message_octets_max) {
            Some(Reply::new(552, "5.3.4", "The message is larger than SIZE"))
        } else if beyond(findings.header_octets, self.settings.header_octets_max) {
            Some(Reply::new(552, "5.3.4", "The message's header is too large"))
        } else if beyond(findings.longest_line_octets, self.settings.text_line_octets_max) {
            Some(Reply::new(554, "5.6.0", "A line of the message is too long"))
        } else if findings.dropped {
            // RFC 3463 §3.4, X.3.1: the system is full, and for the moment only.
            let text = "Too many large messages are coming in at the moment, please try again later";
            Some(Reply::new(452, "4.3.1", text))
        } else if beyond(findings.hops, self.settings.hops_max) {
            Some(Reply::new(554, "5.4.6", "Too many Received fields: the mail goes in circles"))
        } else {
            None
        };
        (refusal, irregular)
    }
}
