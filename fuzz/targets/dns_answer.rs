//! What one name server answers, and the data of its records (`dns::Direct`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::shared::dns::records::{
    A, AAAA, CAA, CDNSKEY, CDS, DNSKEY, DS, MX, NS, NSEC3PARAM, PTR, SOA, TLSA, TXT,
};
use mailassay::shared::dns::{Direct, RData, RecordType};

const TYPES: [RecordType; 14] = [
    RecordType::A,
    RecordType::AAAA,
    RecordType::CAA,
    RecordType::CDNSKEY,
    RecordType::CDS,
    RecordType::DNSKEY,
    RecordType::DS,
    RecordType::MX,
    RecordType::NS,
    RecordType::NSEC3PARAM,
    RecordType::PTR,
    RecordType::SOA,
    RecordType::TLSA,
    RecordType::TXT,
];

// The first octet says what was asked.
fuzz_target!(|input: &[u8]| {
    let Some((asked, octets)) = input.split_first() else { return };
    let read = |name| Direct::read(octets, name, TYPES[usize::from(*asked) % TYPES.len()]);
    let direct = read("fuzz.example");
    assert_eq!(direct, read("FUZZ.example."));
    assert_eq!(direct.answered(), Some(true));
    match direct {
        Direct::Records(records) => {
            // A record is an owner of one octet at least, and a head of ten.
            assert!(records.len() <= octets.len() / 11);
            records.iter().for_each(sound);
        }
        Direct::Cut => {}
        Direct::Other(reason) => assert!(!reason.is_empty() && reason.len() < 200),
        Direct::Silent(_) | Direct::Forbidden(_) => unreachable!("it answered"),
    }
});

/// Reads a record as every type: of all but its own there must be nothing to read.
fn sound(data: &RData) {
    let name = |name: String| {
        assert!(
            name.is_ascii() && name == name.to_ascii_lowercase() && !name.contains(char::is_control),
            "{name:?}"
        );
    };
    [NS.read(data), PTR.read(data)].into_iter().flatten().for_each(name);
    let mut read = [NS.read(data).is_some(), PTR.read(data).is_some(), SOA.read(data).is_some()].to_vec();
    if let Some(mx) = MX.read(data) {
        name(mx.host);
        read.push(true);
    }
    if let Some(caa) = CAA.read(data) {
        assert_eq!(caa.tag, caa.tag.to_ascii_lowercase());
        read.push(true);
    }
    if let Some(tlsa) = TLSA.read(data) {
        assert!(tlsa.data.is_empty() || tlsa.to_string().parse() == Ok(tlsa));
        read.push(true);
    }
    for key in [DNSKEY.read(data), CDNSKEY.read(data)].into_iter().flatten() {
        assert!(key.bits.is_none_or(|bits| bits > 0));
        read.push(true);
    }
    // Both families are read alike.
    read.extend([A.read(data).or(AAAA.read(data)).is_some(), TXT.read(data).is_some()]);
    read.extend([DS.read(data).is_some(), CDS.read(data).is_some(), NSEC3PARAM.read(data).is_some()]);
    assert!(read.iter().filter(|one| **one).count() <= 1, "{data:?} is read as two types");
}
