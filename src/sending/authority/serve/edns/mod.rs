//! What goes along with an answer in OPT (RFC 6891): a cookie, why the answer is what it is, and where a resolver may
//! report that it could not use it.

mod cookie;
mod error;
mod report;

use std::net::IpAddr;

use hickory_proto::op::Edns;
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{LowerName, Name};

use crate::sending::history::Transport;
use crate::shared::time::Timestamp;

pub use cookie::CookieSecret;
pub(super) use cookie::{Cookies, Presented};
pub(super) use error::ExtendedError;
pub use report::report_zone;
pub(super) use report::{Agent, Report};

/// The code of a cookie (RFC 7873 §4).
pub(super) const COOKIE: u16 = 10;
/// The code of an extended error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;
/// The code of the place for reports (RFC 9567 §5).
const REPORT_CHANNEL: u16 = 18;

/// What a server says beside its answers.
#[derive(Default)]
pub(super) struct Extensions {
    /// None: no cookies are given, and those that come are not looked at.
    pub(super) cookies: Option<Cookies>,
    /// Where failures may be reported.
    pub(super) agent: Option<Agent>,
}

/// Who asks, and how.
pub(super) struct Asker<'a> {
    pub(super) transport: Transport,
    /// None: we ask ourselves.
    pub(super) address: Option<IpAddr>,
    pub(super) now: Timestamp,
    pub(super) extensions: &'a Extensions,
}

impl Asker<'_> {
    /// The cookie that came with a query.
    pub(super) fn presented(&self, edns: Option<&Edns>) -> Presented {
        match (&self.extensions.cookies, self.address, edns) {
            (Some(cookies), Some(address), Some(edns)) => cookies.presented(edns, address, self.now),
            _ => Presented::None,
        }
    }

    /// The cookie that goes back, if one came.
    pub(super) fn fresh(&self, presented: Presented) -> Option<Vec<u8>> {
        let (cookies, address) = (self.extensions.cookies.as_ref()?, self.address?);
        Some(cookies.answer(presented.client()?, address, self.now))
    }

    /// The report that a question for `name` is, if it is one.
    pub(super) fn report(&self, name: &Name) -> Option<Report> {
        self.extensions.agent.as_ref()?.report(name)
    }

    /// Puts into the answer's OPT what belongs there.
    pub(super) fn extend(
        &self,
        edns: &mut Edns,
        presented: Presented,
        error: Option<ExtendedError>,
        name: Option<&LowerName>,
    ) {
        if let Some(cookie) = self.fresh(presented) {
            edns.options_mut().insert(EdnsOption::Unknown(COOKIE, cookie));
        }
        if let Some(error) = error {
            edns.options_mut().insert(EdnsOption::Unknown(EXTENDED_ERROR, error.octets()));
        }
        // RFC 9567 §6.3: what fails below the agent domain is not reported there, else reports would beget reports.
        if let (Some(agent), Some(name)) = (&self.extensions.agent, name)
            && !agent.domain().zone_of(name)
        {
            edns.options_mut().insert(EdnsOption::Unknown(REPORT_CHANNEL, agent.octets()));
        }
    }
}

/// Takes out what an answer can do without, where it is too long.
pub(super) fn shed(edns: &mut Edns) {
    edns.options_mut().remove(EXTENDED_ERROR.into());
    edns.options_mut().remove(REPORT_CHANNEL.into());
}
