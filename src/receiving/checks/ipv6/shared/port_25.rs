//! Addresses of MX hosts, and whether port 25 can be reached at them.

use std::net::IpAddr;

use crate::receiving::checks::ipv6::shared::tally::Tally;
use crate::receiving::checks::lines::{self, Shown, unknown};
use crate::receiving::checks::subjects::Said;
use crate::receiving::checks::{Unknown, Word, reach};
use crate::shared::evidence::scan::{Evidence, LookupResult, MxHost, NotTried};

/// TCP counts here, whatever the server says on it. An address that was not tried is not known, be it for our own
/// limit; a family that this host lacks leaves all of it unknown.
pub(in crate::receiving::checks) fn said(
    evidence: &Evidence,
    host: &MxHost,
    looked: &LookupResult<IpAddr>,
    family: fn(&IpAddr) -> bool,
    none: impl Fn() -> Said,
) -> Said {
    let addresses: Vec<_> = looked.records().iter().filter(|ip| family(ip)).collect();
    if let Some(why) = unknown(looked) {
        return Said::inconclusive(why).seen(lines::of(looked));
    }
    if let Some(why) = lines::cut(evidence, looked).filter(|_| addresses.is_empty()) {
        return Said::inconclusive(why).seen(lines::of(looked));
    }
    if addresses.is_empty() {
        return none().seen(lines::of(looked));
    }
    let of_host = host.a.records().len() + host.aaaa.records().len();
    let mut tally = Tally { unknown: lines::cut(evidence, looked), ..Tally::default() };
    for ip in &addresses {
        let server = evidence.servers_of(&host.host).find(|server| server.ip == **ip);
        tally.note(match server.map(|server| reach::unreached(evidence, server)) {
            Some(None) => Ok(true),
            Some(Some(Unknown::NoConnection)) => Ok(false),
            Some(Some(why)) => Err(why),
            None if of_host > Evidence::ADDRESSES_MAX => Err(Unknown::NotTried { why: NotTried::TooMany }),
            None => Err(Unknown::Cut),
        });
    }
    tally
        .said(Word::All)
        .details(addresses.iter().map(|ip| ip.shown()))
        .seen(evidence.servers_of(&host.host).filter(|server| family(&server.ip)).map(reach::line))
}
