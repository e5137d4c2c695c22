//! How connections are made, and what they show; so that a test can play the servers.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use rustls::pki_types::CertificateDer;

use crate::receiving::scan::shelf::Held;
use crate::shared::evidence::scan::{Answer, Intrusive, Question, Reach, RealHandshake, Session};

/// A connection under way.
pub type Calling<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How connections are made; so that a test can play the servers.
pub trait Calls: Send + Sync {
    /// Waits until the turn of a whole address has come at its operator; it has it for as long as it holds what this gives.
    /// Where nobody is waited for it has come.
    fn visit<'a>(&'a self, _call: &'a Call) -> Calling<'a, Held> {
        Box::pin(std::future::ready(Box::new(()) as Held))
    }

    /// Waits until one connection may be made, which is made while what this gives is held.
    fn turn<'a>(&'a self, _call: &'a Call) -> Calling<'a, Held> {
        Box::pin(std::future::ready(Box::new(()) as Held))
    }

    /// The first session with an address.
    fn first<'a>(&'a self, call: &'a Call) -> Calling<'a, First>;

    /// A connection for one question.
    fn ask<'a>(&'a self, call: &'a Call, question: &'a Question) -> Calling<'a, Answered>;
}

/// Who is called, and what for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    pub ip: IpAddr,
    /// The MX host's name, which is also the SNI.
    pub host: String,
    /// The name to say in EHLO.
    pub helo: String,
    /// The domain whose recipients are tried; none: nobody is.
    pub intrusive: Option<String>,
}

/// What the first session showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// Whether the address could be reached.
    pub reach: Reach,
    pub session: Session,
    /// The real handshake.
    pub handshake: Option<RealHandshake>,
    /// What the recipients' test showed.
    pub intrusive: Option<Intrusive>,
    /// The certificates of the handshake.
    pub chain: Vec<CertificateDer<'static>>,
}

/// What a question showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub answer: Answer,
    /// The certificates in it.
    pub chain: Vec<CertificateDer<'static>>,
}
