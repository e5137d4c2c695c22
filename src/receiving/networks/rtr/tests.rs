//! Tests against validators that are scripted.

use std::net::Ipv6Addr;

use proptest::prelude::*;

use super::*;

/// A validator that waits for the question and says `answer`.
async fn asked(version: u8, answer: &[u8]) -> Result<Fetched, RtrError> {
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    let serve = async {
        let mut question = [0; 8];
        theirs.read_exact(&mut question).await.unwrap();
        assert_eq!(question, [version, 2, 0, 0, 0, 0, 0, 8]);
        theirs.write_all(answer).await.unwrap();
        drop(theirs);
    };
    tokio::join!(fetch(ours, version), serve).0
}

const RESPONSE: [u8; 8] = [1, 3, 0, 7, 0, 0, 0, 8];
const V4: [u8; 20] = [1, 4, 0, 0, 0, 0, 0, 20, 1, 24, 25, 0, 192, 0, 2, 0, 0, 0, 0xfb, 0xf4];
const END: [u8; 24] = [1, 7, 0, 7, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 90, 0, 0, 0, 60, 0, 0, 3, 0];

#[tokio::test]
async fn everything_is_taken() {
    let mut answer = RESPONSE.to_vec();
    answer.extend(V4);
    let mut v6 = vec![1, 6, 0, 0, 0, 0, 0, 32, 1, 32, 48, 0];
    v6.extend("2001:db8::".parse::<Ipv6Addr>().unwrap().octets());
    v6.extend([0, 0, 0, 1]);
    answer.extend(v6);
    // A withdrawal and a router key.
    let mut withdrawn = V4;
    (withdrawn[8], withdrawn[14]) = (0, 3);
    answer.extend(withdrawn);
    answer.extend([1, 9, 1, 0, 0, 0, 0, 12, 0, 0, 0, 0]);
    answer.extend(END);
    let fetched = asked(1, &answer).await.unwrap();
    let vrp = |prefix: &str, length_max, asn| Vrp { prefix: prefix.parse().unwrap(), length_max, asn };
    let vrps = [vrp("192.0.2.0/24", 25, 64500), vrp("2001:db8::/32", 48, 1)].into_iter().collect();
    assert_eq!(fetched, Fetched { vrps, refresh_s: 90, expire_s: 768 });
}

#[tokio::test]
async fn prefixes_may_be_as_short_and_long_as_can_be() {
    let prefixes = ["0.0.0.0/0", "192.0.2.1/32", "::/0", "2001:db8::1/128"].map(|net| net.parse().unwrap());
    let mut answer = RESPONSE.to_vec();
    for net in prefixes {
        let (kind, length, octets) = match net {
            IpNet::V4(net) => (4, 20, net.addr().octets().to_vec()),
            IpNet::V6(net) => (6, 32, net.addr().octets().to_vec()),
        };
        answer.extend([1, kind, 0, 0, 0, 0, 0, length, 1, net.prefix_len(), net.max_prefix_len(), 0]);
        answer.extend(octets);
        answer.extend([0, 0, 0, 1]);
    }
    answer.extend(END);
    let vrp = |prefix: IpNet| Vrp { prefix, length_max: prefix.max_prefix_len(), asn: 1 };
    assert_eq!(asked(1, &answer).await.unwrap().vrps, prefixes.into_iter().map(vrp).collect());
}

#[tokio::test]
async fn older_validators_are_told() {
    let error = [0, 10, 0, 4, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(asked(1, &error).await, Err(RtrError::Version(0)));
    assert_eq!(asked(1, &[0, 3, 0, 7, 0, 0, 0, 8]).await, Err(RtrError::Version(0)));
    let answer = [0, 3, 0, 7, 0, 0, 0, 8, 0, 7, 0, 7, 0, 0, 0, 12, 0, 0, 0, 1];
    let fetched = asked(0, &answer).await.unwrap();
    assert_eq!((fetched.vrps.len(), fetched.refresh_s, fetched.expire_s), (0, 3_600, 7_200));
}

#[tokio::test]
async fn what_is_no_answer_is_refused() {
    let no_data = [1, 10, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(asked(1, &no_data).await, Err(RtrError::NoData));
    let mut words = vec![1, 10, 0, 3, 0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 5];
    words.extend(b"no\x07pe");
    let reported = RtrError::Reported { code: 3, text: "nope".to_owned() };
    assert_eq!(asked(1, &words).await, Err(reported));
    for (answer, why) in [
        (&[1, 3, 0, 7, 0, 0, 0, 7][..], "a length that cannot be"),
        (&[1, 3, 0, 7, 0xff, 0, 0, 8], "a length that cannot be"),
        (&V4, "PDUs out of order"),
        (&[&RESPONSE[..], &RESPONSE].concat(), "PDUs out of order"),
        (
            &[&RESPONSE[..], &[1, 4, 0, 0, 0, 0, 0, 20, 1, 33, 33, 0, 1, 2, 3, 4, 0, 0, 0, 1]].concat(),
            "a prefix that is none",
        ),
        (
            &[&RESPONSE[..], &[1, 4, 0, 0, 0, 0, 0, 12, 1, 24, 24, 0]].concat(),
            "invalid length for Ipv4Prefix PDU",
        ),
    ] {
        assert_eq!(asked(1, answer).await, Err(garbage(why)));
    }
    assert!(matches!(asked(1, &RESPONSE).await, Err(RtrError::Broken(_))));
}

/// PDUs whose heads are sound, whatever is in them.
fn pdus() -> impl Strategy<Value = Vec<u8>> {
    let pdu = (0_u8..3, 0_u8..12, any::<u16>(), prop::collection::vec(any::<u8>(), 0..40));
    let whole = pdu.prop_map(|(version, kind, word, body)| {
        let length = u32::try_from(8 + body.len()).unwrap_or_default();
        [&[version, kind][..], &word.to_be_bytes(), &length.to_be_bytes(), &body].concat()
    });
    prop::collection::vec(whole, 0..6).prop_map(|pdus| [&RESPONSE[..], &pdus.concat()].concat())
}

proptest! {
    #[test]
    fn any_octets_are_an_answer_however_they_are_cut(
        octets in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), pdus()],
        end in 0_usize..300,
        piece in 1_usize..40,
    ) {
        let octets = &octets[..end.min(octets.len())];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let ask = |piece: usize| runtime.block_on(async {
            let (ours, mut theirs) = tokio::io::duplex(piece);
            let serve = async {
                let mut question = [0; 8];
                theirs.read_exact(&mut question).await.unwrap();
                let _ = theirs.write_all(octets).await;
                drop(theirs);
            };
            tokio::join!(fetch(ours, 1), serve).0
        });
        let (in_pieces, whole) = (ask(piece), ask(1 << 16));
        prop_assert_eq!(&in_pieces, &whole);
        if let Err(RtrError::Reported { text, .. }) = whole {
            prop_assert!(text.chars().count() <= 200);
        }
    }
}
