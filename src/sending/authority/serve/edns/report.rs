//! Reports of errors (RFC 9567): a resolver that could not use an answer of ours asks for a name at the agent domain,
//! and the question is the report.

use std::fmt;

use hickory_proto::rr::rdata::NS;
use hickory_proto::rr::{LowerName, Name, RData, RecordType};

use crate::sending::authority::zone::{Records, ZoneError, ZoneText, name};
use crate::shared::text::clean_to;

/// How long a name in a report may be where it is shown, in characters.
const NAME_CHARS_MAX: usize = 255;
/// How long a report is kept by whoever asked, in seconds: it need not be told twice in that time.
const REPORT_TTL_S: u32 = 3_600;

/// The domain at which reports are taken.
#[derive(Debug)]
pub(in crate::sending::authority::serve) struct Agent(LowerName);

/// What a resolver reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sending::authority::serve) struct Report {
    /// The name that it looked for, printable.
    pub(in crate::sending::authority::serve) name: String,
    pub(in crate::sending::authority::serve) rtype: RecordType,
    /// The extended error (RFC 8914), by IANA's number.
    pub(in crate::sending::authority::serve) error: u16,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meaning = match self.error {
            1 => "unsupported DNSKEY algorithm",
            2 => "unsupported DS digest type",
            6 => "DNSSEC bogus",
            7 => "signature expired",
            8 => "signature not yet valid",
            9 => "DNSKEY missing",
            10 => "RRSIGs missing",
            11 => "no zone key bit set",
            12 => "NSEC missing",
            22 => "no reachable authority",
            23 => "network error",
            _ => "see IANA's registry of extended DNS errors",
        };
        write!(f, "{} {}: error {} ({meaning})", self.name, self.rtype, self.error)
    }
}

impl Agent {
    pub(in crate::sending::authority::serve) fn new(domain: LowerName) -> Self {
        Self(domain)
    }

    pub(super) fn domain(&self) -> &LowerName {
        &self.0
    }

    /// The domain as it stands in the option: uncompressed (RFC 9567 §5).
    pub(super) fn octets(&self) -> Vec<u8> {
        let mut octets = Vec::new();
        for label in self.0.iter() {
            octets.push(u8::try_from(label.len()).unwrap_or(63));
            octets.extend(label);
        }
        octets.push(0);
        octets
    }

    /// RFC 9567 §6.1.1: `_er.<type>.<name>.<error>._er.<agent domain>`.
    pub(super) fn report(&self, name: &Name) -> Option<Report> {
        if !self.0.zone_of(&name.into()) {
            return None;
        }
        let labels: Vec<&[u8]> = name.iter().collect();
        let of_agent = usize::from(self.0.num_labels());
        let [first, rtype, middle @ .., error, last] = &labels[..labels.len().checked_sub(of_agent)?] else {
            return None;
        };
        let is_mark = |label: &[u8]| label.eq_ignore_ascii_case(b"_er");
        if !is_mark(first) || !is_mark(last) {
            return None;
        }
        let number = |label: &[u8]| std::str::from_utf8(label).ok()?.parse::<u16>().ok();
        let mut name = Name::from_labels(middle.iter().copied()).ok()?;
        name.set_fqdn(false);
        let name = clean_to(&name.to_ascii(), NAME_CHARS_MAX);
        Some(Report { name, rtype: RecordType::from(number(rtype)?), error: number(error)? })
    }
}

/// The zone of the agent domain: unsigned, since a report needs no proof, and served by the servers of the zone that
/// `text` describes. Each report is answered by a TXT record (RFC 9567 §6.3).
///
/// # Errors
///
/// If the text is no zone, or `agent` no name.
pub fn report_zone(agent: &str, origin: &str, file: &str, text: &str) -> Result<ZoneText, ZoneError> {
    let (agent, origin) = (name(agent)?, name(origin)?);
    let records = Records::parse(&origin, file, text)?;
    let servers = records.get(&LowerName::from(&origin), RecordType::NS);
    let hosts: Vec<&Name> = servers
        .into_iter()
        .flat_map(|set| set.records_without_rrsigs())
        .filter_map(|record| match &record.data {
            RData::NS(NS(host)) => Some(host),
            _ => None,
        })
        .collect();
    let Some((soa, ttl_s)) = records.soa() else {
        return Err(records.unfit(format!("{origin} has no SOA record")));
    };
    let mut text = format!("{agent} {ttl_s} IN SOA {soa}\n");
    for host in hosts {
        text += &format!("{agent} {ttl_s} IN NS {host}\n");
    }
    text += &format!("*._er.{agent} {REPORT_TTL_S} IN TXT \"Report received, thank you.\"\n");
    Ok(ZoneText { apex: agent.to_ascii(), file: format!("{file} (dns.report_agent)"), text, signed: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_read() {
        let agent = Agent::new("er.service.test.".parse().expect("a name"));
        assert_eq!(agent.octets(), b"\x02er\x07service\x04test\x00");
        let read = |name: &str| agent.report(&Name::from_ascii(name).expect("a name"));
        let report = Report { name: "mx01.et.service.test".into(), rtype: RecordType::TLSA, error: 7 };
        let asked = "_er.52.mx01.et.service.test.7._er.er.service.test.";
        assert_eq!(read(asked).as_ref(), Some(&report));
        assert_eq!(read(&asked.to_uppercase()).map(|report| report.error), Some(7));
        assert_eq!(report.to_string(), "mx01.et.service.test TLSA: error 7 (signature expired)");
        for odd in [
            "er.service.test.",
            "_er.er.service.test.",
            "_er.52.7._er.service.test.",
            "_er.x.a.7._er.er.service.test.",
            "_er.52.a.70000._er.er.service.test.",
            "52.a.7._er.er.service.test.",
            ".",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
