//! Whether a server could be asked at all.

use crate::receiving::checks::{Inapplicable, Measured, Unknown};
use crate::shared::evidence::scan::{Evidence, NotTried, Reach, Server, SessionFault, Stage};

/// Why no connection to an address came up; none: one did.
pub(super) fn unreached(evidence: &Evidence, server: &Server) -> Option<Unknown> {
    match &server.reach {
        Reach::Reached => None,
        Reach::NotTried { why } => Some(not_tried(*why)),
        _ if server.ip.is_ipv6() && evidence.control.ipv6 == Some(false) => Some(Unknown::NoIpv6Here),
        _ if evidence.control.port_25 == Some(false) => Some(Unknown::Port25ClosedHere),
        Reach::Refused | Reach::TimedOut | Reach::Unreachable { .. } => Some(Unknown::NoConnection),
    }
}

/// What is to be said of an address that was never spoken to, whatever the check. One that does not answer counts
/// for its host's reach, and is left out elsewhere if another address of the host answered; one that was not tried
/// may be the weak one, so it leaves the question open. None: it was spoken to.
pub(super) fn silent(evidence: &Evidence, server: &Server) -> Option<Measured> {
    let why = unreached(evidence, server)?;
    let mut others = evidence.servers_of(&server.host).filter(|other| other.ip != server.ip);
    let another = match &server.reach {
        // Who names one address wants to know of that one.
        Reach::NotTried { why: NotTried::NotAsked } => others.any(|other| other.reach != server.reach),
        // Nobody is ever answered from there. And that this host has no IPv6 leaves the checks of reach open, and
        // no others.
        Reach::NotTried { why: NotTried::SpecialAddress | NotTried::NoIpv6Here } => {
            others.any(|other| other.reach == Reach::Reached)
        }
        Reach::NotTried { .. } => false,
        _ => others.any(|other| other.reach == Reach::Reached),
    };
    Some(match another {
        true => Measured::NotApplicable { why: Inapplicable::OtherAddressCounts },
        false => Measured::Inconclusive { why },
    })
}

/// Why an address was not tried.
pub(super) fn not_tried(why: NotTried) -> Unknown {
    match why {
        NotTried::NoIpv6Here => Unknown::NoIpv6Here,
        NotTried::OutOfTime => Unknown::OutOfTime,
        _ => Unknown::NotTried { why },
    }
}

/// What a session that ended early leaves unknown.
pub(super) fn ended(fault: &SessionFault) -> Unknown {
    match fault {
        SessionFault::Reply { stage: Stage::Greeting | Stage::Ehlo | Stage::Mail, reply }
            if reply.code >= 500 =>
        {
            Unknown::Rejected
        }
        SessionFault::Reply { .. } => Unknown::Limited,
        SessionFault::Dropped { .. } | SessionFault::TimedOut { .. } | SessionFault::Garbage { .. } => {
            Unknown::NoAnswer
        }
    }
}

/// An address and whether it could be reached, in one line.
pub(super) fn line(server: &Server) -> String {
    let (ip, host) = (server.ip, &server.host);
    match &server.reach {
        Reach::Reached => format!("TCP {ip} port 25 ({host}): connected"),
        Reach::Refused => format!("TCP {ip} port 25 ({host}): refused"),
        Reach::TimedOut => format!("TCP {ip} port 25 ({host}): timeout"),
        Reach::Unreachable { reason } => format!("TCP {ip} port 25 ({host}): {reason}"),
        Reach::NotTried { why } => format!("TCP {ip} port 25 ({host}): not tried ({})", word(*why)),
    }
}

fn word(why: NotTried) -> &'static str {
    match why {
        NotTried::NotVouchedFor => "not vouched for",
        NotTried::SpecialAddress => "special-purpose or own address",
        NotTried::Excluded => "excluded",
        NotTried::TriedOften => "tried often today",
        NotTried::TooMany => "too many addresses",
        NotTried::OutOfTime => "out of time",
        NotTried::NoIpv6Here => "no IPv6 here",
        NotTried::NotAsked => "not asked for",
    }
}
