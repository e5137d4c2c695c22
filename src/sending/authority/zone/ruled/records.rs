//! What the names of a ruled case hold, by rule.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use hickory_proto::rr::rdata::{CNAME, MX, TXT};
use hickory_proto::rr::{Name, RData, RecordSet, RecordType};
use sha2::{Digest, Sha256};

use super::case_zone::{CaseZone, Common};
use crate::sending::authority::zone::records::{ZoneError, name, txt};
use crate::sending::persona::{Layout, LookupFault, PolicyDefect, Reach};
use crate::sending::trial::{CaseName, CasePhase, HostRole, Part};
use crate::shared::policy::{MtaStsRecord, Policy};

/// Sets of one owner, by type.
pub(super) type Sets = BTreeMap<RecordType, RecordSet>;

/// By how much preferences of MX records differ.
const PREFERENCE_STEP: u16 = 10;
/// How many MX records make an answer of more than 1232 octets, at 16 octets each.
const LARGE_MX_RECORDS: u16 = 90;

/// A name of a case in a phase, with what is known of the case.
pub(super) struct Holding<'a> {
    pub(super) zone: &'a CaseZone,
    pub(super) common: &'a Common,
    pub(super) at: &'a CaseName,
    pub(super) phase: CasePhase,
}

impl Holding<'_> {
    /// What is at the name.
    pub(super) fn sets(&self) -> Result<Sets, ZoneError> {
        let mut data = Vec::new();
        let is_domain_of_mail = self.at.label.is_some() || self.zone.fixed_label().is_none();
        match self.at.part {
            // Above the names of a case that has none without a label lies only what its parent domain publishes.
            Part::PolicyRecord => data.extend(self.policy_record().into_iter().map(text)),
            Part::PolicyHost if self.policy().is_some() => {
                data.extend(self.common.policy_host.iter().cloned())
            }
            _ if !is_domain_of_mail => {}
            Part::Domain => self.domain(&mut data)?,
            Part::Host(HostRole::Bad) if self.zone.has_alias() => {
                data.push(RData::CNAME(CNAME(self.name(Part::Alias)?)));
            }
            Part::Host(_) if self.zone.case().layout == Layout::Implicit => {}
            Part::Host(role) => data.extend(self.zone.addresses(role, self.phase).iter().cloned()),
            Part::Alias => data.extend(self.zone.addresses(HostRole::Bad, self.phase).iter().cloned()),
            Part::Tlsa(HostRole::Bad) if self.zone.has_alias() => {}
            Part::Tlsa(role) => data.extend(self.tlsa(role)),
            Part::DomainTlsa | Part::AliasTlsa => data.extend(self.tlsa(HostRole::Bad)),
            Part::ReportRecord => data.extend(self.common.reports.iter().map(text)),
            Part::PolicyHost => {}
        }
        let owner = self.name(self.at.part)?;
        let mut sets = Sets::new();
        for data in data {
            let rtype = data.record_type();
            let new = || RecordSet::with_ttl(owner.clone(), rtype, self.common.ttl_s);
            sets.entry(rtype).or_insert_with(new).add_rdata(data);
        }
        Ok(sets)
    }

    /// What becomes of a question for TLSA records at the name.
    pub(super) fn lookup_fault(&self) -> Option<LookupFault> {
        let role = match self.at.part {
            Part::Tlsa(role) => role,
            Part::DomainTlsa | Part::AliasTlsa => HostRole::Bad,
            _ => return None,
        };
        self.zone.case().host(role).tlsa_lookup.filter(|_| self.phase != CasePhase::Over)
    }

    fn name(&self, part: Part) -> Result<Name, ZoneError> {
        name(&self.at.at(part).under(self.common.catalogue.origin()))
    }

    /// MX list or addresses of the domain; it sends no mail (RFC 7208).
    fn domain(&self, data: &mut Vec<RData>) -> Result<(), ZoneError> {
        let case = self.zone.case();
        data.push(text("v=spf1 -all"));
        match case.layout {
            Layout::NullMx => data.push(RData::MX(MX::new(0, Name::root()))),
            Layout::Implicit => data.extend(self.zone.addresses(HostRole::Bad, self.phase).iter().cloned()),
            _ => {
                let preferences = (1..).map(|n| n * PREFERENCE_STEP);
                for (role, preference) in case.roles().iter().zip(preferences) {
                    // A trial that is over leaves the sound host, where there is one.
                    let is_over = self.phase == CasePhase::Over && case.roles().contains(&HostRole::Good);
                    if !(is_over && *role == HostRole::Bad) {
                        data.push(RData::MX(MX::new(preference, self.name(Part::Host(*role))?)));
                    }
                }
                if case.reach == Some(Reach::LargeAnswers) && self.phase != CasePhase::Over {
                    let host = self.name(Part::Host(HostRole::Bad))?;
                    let more = (2..=LARGE_MX_RECORDS).map(|n| MX::new(n * PREFERENCE_STEP, host.clone()));
                    data.extend(more.map(RData::MX));
                }
            }
        }
        Ok(())
    }

    /// The TLSA records of a host: of a faulty one none when the trial is over.
    fn tlsa(&self, role: HostRole) -> Vec<RData> {
        match (self.phase, role) {
            (CasePhase::Over, HostRole::Bad) => Vec::new(),
            _ => self.zone.host(role).tlsa.clone(),
        }
    }

    /// The policy that is published for the domain that the name belongs to.
    fn policy(&self) -> Option<Policy> {
        let case = self.zone.case();
        let label = self.at.label.as_ref();
        case.has_policy_at(label).then(|| self.common.catalogue.ruled_policy(case, label, self.phase))?
    }

    /// The texts of the MTA-STS record (RFC 8461 §3.1). Its `id` follows from the policy.
    fn policy_record(&self) -> Vec<String> {
        let Some(policy) = self.policy() else { return Vec::new() };
        let record = |which: &str| {
            let digest = Sha256::digest(format!("{policy}{which}"));
            MtaStsRecord { id: HEXLOWER.encode(&digest)[..32].to_owned() }.to_string()
        };
        let defect = self.zone.case().mta_sts.as_ref().and_then(|policy| policy.defect);
        match defect.filter(|_| self.phase != CasePhase::Over) {
            Some(PolicyDefect::NoId) => vec!["v=STSv1;".to_owned()],
            Some(PolicyDefect::TwoRecords) => vec![record(""), record("second record")],
            _ => vec![record("")],
        }
    }
}

fn text(text: impl AsRef<str>) -> RData {
    let txt: TXT = txt(text.as_ref());
    RData::TXT(txt)
}
