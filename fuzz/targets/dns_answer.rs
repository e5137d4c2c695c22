//! What one name server answers, and the data of its records (`dns::Direct`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::shared::dns::{Datum, Direct, Kind};

const KINDS: [Kind; 14] = [
    Kind::A,
    Kind::Aaaa,
    Kind::Caa,
    Kind::Cdnskey,
    Kind::Cds,
    Kind::Dnskey,
    Kind::Ds,
    Kind::Mx,
    Kind::Ns,
    Kind::Nsec3param,
    Kind::Ptr,
    Kind::Soa,
    Kind::Tlsa,
    Kind::Txt,
];

// The first octet says what was asked.
fuzz_target!(|input: &[u8]| {
    let Some((kind, octets)) = input.split_first() else { return };
    let read = |name| Direct::read(octets, name, KINDS[usize::from(*kind) % KINDS.len()]);
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

fn sound(datum: &Datum) {
    let name = |name: &str| {
        assert!(
            name.is_ascii() && name == name.to_ascii_lowercase() && !name.contains(char::is_control),
            "{name:?}"
        );
    };
    match datum {
        Datum::Name(host) => name(host),
        Datum::Mx(mx) => name(&mx.host),
        Datum::Caa(caa) => assert_eq!(caa.tag, caa.tag.to_ascii_lowercase()),
        Datum::Tlsa(tlsa) if !tlsa.data.is_empty() => assert_eq!(tlsa.to_string().parse(), Ok(tlsa.clone())),
        Datum::Key(key) => assert!(key.bits.is_none_or(|bits| bits > 0)),
        _ => {}
    }
}
