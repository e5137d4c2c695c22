//! The TLSA records of a host of a ruled case, as its file wants them to relate to its certificate.

use sha2::{Digest, Sha256, Sha512};

use crate::sending::persona::{TlsaOf, TlsaPlan};
use crate::shared::policy::Tlsa;
use crate::shared::tls::spki_of;

/// What records may be about.
pub(super) struct Subject<'a> {
    /// The host's certificate; none of a key that has none yet.
    pub(super) leaf: Option<&'a [u8]>,
    /// The host's SubjectPublicKeyInfo.
    pub(super) spki: &'a [u8],
    /// The certificate of its CA.
    pub(super) authority: Option<&'a [u8]>,
}

/// The records of these plans.
pub(super) fn records(plans: &[TlsaPlan], subject: &Subject<'_>) -> Vec<Tlsa> {
    plans.iter().filter_map(|plan| record(*plan, subject)).collect()
}

fn record(plan: TlsaPlan, subject: &Subject<'_>) -> Option<Tlsa> {
    let TlsaPlan { usage, selector, matching, of } = plan;
    let is_of_ca = matches!(usage, 0 | 2);
    let selected = match (is_of_ca, selector) {
        (true, 0) => subject.authority?.to_vec(),
        (true, _) => spki_of(subject.authority?)?,
        (false, 0) => subject.leaf?.to_vec(),
        (false, _) => subject.spki.to_vec(),
    };
    let mut data = match matching {
        0 => selected,
        2 => Sha512::digest(&selected).to_vec(),
        _ => Sha256::digest(&selected).to_vec(),
    };
    match of {
        TlsaOf::Right => {}
        TlsaOf::Wrong => data.iter_mut().for_each(|octet| *octet = !*octet),
        TlsaOf::Short => drop(data.pop()),
    }
    Some(Tlsa { usage, selector, matching, data })
}
