//! What the hosts of ruled cases show, at every entrance, with and without a server name, and whether their TLSA records are
//! about it.

use mailassay::sending::persona::{CaseCertificate, Entrance, Layout, RuledCase};
use mailassay::sending::trial::{CasePhase, CasePhases, HostRole, Label, NoTrials, Part};
use parking_lot::Mutex;
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::*;

/// Every entrance has an address.
fn everywhere() -> Addresses {
    let v4 = (1..=13).map(|n| IpAddr::from(Ipv4Addr::new(127, 0, 1, n)));
    let v6 = (1..=13).map(|n| IpAddr::from(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, n)));
    Addresses::default().with_entrances(&v4.chain(v6).collect::<Vec<_>>())
}

fn offering(folder: &Path) -> Identities {
    let settings = Settings { folder: folder.to_owned(), pool_labels: 2, ..Settings::default() };
    Identities::open(settings, catalogue(), everywhere(), now()).unwrap()
}

fn roots(identities: &Identities) -> Roots {
    Roots::from_pem(identities.ca_root_pem().unwrap().as_bytes()).unwrap()
}

/// What a sender that takes any certificate is shown at an entrance.
async fn met(
    identities: &Identities,
    at: Entrance,
    name: Option<&str>,
    phases: &dyn CasePhases,
) -> Vec<CertificateDer<'static>> {
    let (ours, theirs) = duplex(65_536);
    let serve = accept(theirs, TIMEOUT_S, |hello| {
        identities.choose_at(at, hello.sni.as_deref(), phases).unwrap().config
    });
    let said = name.unwrap_or("nobody.example");
    let (_, connected) = tokio::join!(serve, client::connect(ours, said, name.is_some(), TIMEOUT_S));
    connected.unwrap().chain
}

fn hosts(catalogue: &Catalogue) -> Vec<(&RuledCase, HostRole)> {
    catalogue.ruled_cases().flat_map(|case| case.roles().iter().map(move |role| (case, *role))).collect()
}

/// The names of a host: the permanent one and that of a trial.
fn names(catalogue: &Catalogue, case: &RuledCase, role: HostRole) -> [String; 2] {
    let part = if case.layout == Layout::Implicit { Part::Domain } else { Part::Host(role) };
    let label: Label = "k3f9a2m7".parse().unwrap();
    [catalogue.ruled_name(case, None, part), catalogue.ruled_name(case, Some(&label), part)]
}

#[tokio::test]
async fn every_host_of_a_ruled_case_shows_what_its_file_says_by_both_names() {
    let folder = tempfile::tempdir().unwrap();
    let (identities, catalogue) = (offering(folder.path()), catalogue());
    let roots = roots(&identities);
    for (case, role) in hosts(&catalogue) {
        let other = if role == HostRole::Bad { HostRole::Good } else { HostRole::Bad };
        for (name, others) in names(&catalogue, case, role).iter().zip(names(&catalogue, case, other)) {
            let id = Catalogue::ruled_host_id(&case.id, role);
            let choice = identities.choose_at(case.entrance(role), Some(name), &NoTrials).unwrap();
            assert_eq!(choice.persona, Some(id.clone()), "{name}");
            let chain = met(&identities, case.entrance(role), Some(name), &NoTrials).await;
            let judged = client::webpki(&chain, name, &roots, now());
            let is_as_written = match case.host(role).certificate {
                CaseCertificate::PublicCa => judged.is_ok(),
                CaseCertificate::SelfSigned
                | CaseCertificate::PrivateCa
                | CaseCertificate::PrivateCaOtherName
                | CaseCertificate::PrivateCaNotSent => judged == Err(CertificateFault::UnknownIssuer),
                CaseCertificate::Expired => matches!(judged, Err(CertificateFault::Dates(_))),
                CaseCertificate::OtherName => {
                    judged.is_err() && client::webpki(&chain, "elsewhere.example.org", &roots, now()).is_ok()
                }
                CaseCertificate::OfOtherHost => {
                    judged.is_err() && client::webpki(&chain, &others, &roots, now()).is_ok()
                }
            };
            assert!(is_as_written, "{name}: {judged:?}");
            let is_sent = matches!(
                case.host(role).certificate,
                CaseCertificate::PrivateCa | CaseCertificate::PrivateCaOtherName
            );
            assert_eq!(chain.len(), 1 + usize::from(is_sent), "{name}");
            // A sender may take any listed name in the certificate for the host's.
            if case.host(role).certificate != CaseCertificate::OfOtherHost && case.roles().len() > 1 {
                assert!(client::webpki(&chain, &others, &roots, now()).is_err(), "{name} shows {others}");
            }
            assert_eq!(identities.tlsa(&id).len(), case.tlsa_of(role).len(), "{name}");
        }
    }
}

#[tokio::test]
async fn tlsa_records_relate_to_certificates_as_files_want_with_a_name_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let (identities, catalogue) = (offering(folder.path()), catalogue());
    for (case, matches, also_without_name) in [
        ("dane-good", true, true),
        ("dane-mismatch", false, false),
        ("implicit-mx", false, false),
        ("both-conflict", false, false),
        ("both-private", true, true),
        ("ee-expired", true, true),
        ("ee-name", true, true),
        ("mixed-roll", true, true),
        ("ta-ok", true, false),
        ("ta-name", false, false),
        ("ta-missing", false, false),
    ] {
        let case = catalogue.ruled_case(&case.into()).unwrap();
        let (id, at) = (Catalogue::ruled_host_id(&case.id, HostRole::Bad), case.entrance(HostRole::Bad));
        let [name, _] = names(&catalogue, case, HostRole::Bad);
        let tlsa = identities.tlsa(&id);
        let of = |chain: &[_]| client::dane(chain, &[name.as_str()], &tlsa, now()).is_ok();
        assert_eq!(of(&met(&identities, at, Some(&name), &NoTrials).await), matches, "{name}");
        assert_eq!(of(&met(&identities, at, None, &NoTrials).await), also_without_name, "{name} without SNI");
    }
    for case in catalogue.ruled_cases().filter(|case| !case.tlsa_of(HostRole::Good).is_empty()) {
        let tlsa = identities.tlsa(&Catalogue::ruled_host_id(&case.id, HostRole::Good));
        let chain = met(&identities, Entrance::Good, None, &NoTrials).await;
        assert!(client::dane(&chain, &[], &tlsa, now()).is_ok(), "the sound host of {}", case.id);
    }
    let unusable = identities.tlsa(&"bad.unusable".into());
    assert!(
        unusable.len() == 3 && !unusable.iter().any(mailassay::shared::policy::Tlsa::usable),
        "{unusable:?}"
    );
}

#[tokio::test]
async fn without_a_name_each_entrance_shows_one_certificate_for_all_its_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let (identities, catalogue) = (offering(folder.path()), catalogue());
    let roots = roots(&identities);
    for at in Entrance::ALL {
        let Some(choice) = identities.choose_at(*at, None, &NoTrials) else { panic!("{at:?}") };
        assert_eq!(choice.persona, None);
        let chain = met(&identities, *at, None, &NoTrials).await;
        let here = hosts(&catalogue).into_iter().filter(|(case, role)| case.entrance(*role) == *at);
        for name in here.flat_map(|(case, role)| names(&catalogue, case, role)) {
            let judged = client::webpki(&chain, &name, &roots, now());
            assert_eq!(judged.is_ok(), at.is_trusted(), "{name} at {at:?}: {judged:?}");
        }
    }
    // Whoever names a host of another entrance is shown what is met here.
    for elsewhere in ["good.none.example.org", "mx06.et.example.org", "k3f9a2m7.bad.nowhere.example.org"] {
        let choice = identities.choose_at(Entrance::Untrusted, Some(elsewhere), &NoTrials).unwrap();
        assert_eq!(choice.persona, None, "{elsewhere}");
    }
    assert!(identities.choose(Some("bad.none.example.org"), LOCAL, Phase::A).persona.is_none());
}

#[tokio::test]
async fn what_changes_after_the_first_mail_of_a_trial_changes_for_its_names_alone() {
    struct Second;
    impl CasePhases for Second {
        fn phase(&self, case: &str, label: &Label) -> CasePhase {
            let is_second = case == "sts-cached" && label.as_str() == "k3f9a2m7";
            if is_second { CasePhase::Second } else { CasePhase::First }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let identities = offering(folder.path());
    let roots = roots(&identities);
    for (name, verifies) in [
        ("bad.sts-cached.example.org", true),
        ("other123.bad.sts-cached.example.org", true),
        ("k3f9a2m7.bad.sts-cached.example.org", false),
    ] {
        let chain = met(&identities, Entrance::Trusted, Some(name), &Second).await;
        assert_eq!(client::webpki(&chain, name, &roots, now()).is_ok(), verifies, "{name}");
    }
}

#[tokio::test]
async fn records_of_ruled_hosts_outlive_restarts_and_what_is_not_offered_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let identities = offering(folder.path());
    let tlsa = |identities: &Identities| {
        identities.ruled_hosts().into_iter().map(|id| (id.clone(), identities.tlsa(&id))).collect::<Vec<_>>()
    };
    let before = tlsa(&identities);
    assert!(before.len() > 140, "{} hosts", before.len());
    let later: Timestamp = "2027-01-25T12:00:00Z".parse().unwrap();
    assert!(identities.renew(later).unwrap());
    assert_eq!(tlsa(&identities), before);
    assert_eq!(tlsa(&offering(folder.path())), before);
    let policy_host = |name: &str| identities.choose_policy_host(Some(name)).unwrap().config;
    let [permanent, pool, beyond] =
        ["", "p0002.", "p0003."].map(|label| policy_host(&format!("mta-sts.{label}sts-good.example.org")));
    assert!(Arc::ptr_eq(&permanent, &pool) && !Arc::ptr_eq(&pool, &beyond));

    let two: Vec<IpAddr> = (1..=2).map(|n| Ipv4Addr::new(127, 0, 1, n).into()).collect();
    let settings = Settings { folder: folder.path().to_owned(), ..Settings::default() };
    let addresses = Addresses::default().with_entrances(&two);
    let some = Identities::open(settings, catalogue(), addresses, now()).unwrap();
    assert_eq!(some.tlsa(&"bad.dane-mismatch".into()).len(), 1);
    assert!(some.tlsa(&"bad.dane-nostarttls".into()).is_empty());
    assert!(some.choose_at(Entrance::Untrusted, None, &NoTrials).is_none());
}

/// Sessions that are offered to any server, whoever gave them.
#[derive(Debug, Default)]
struct OneForAll {
    tls12: Mutex<Option<Tls12ClientSessionValue>>,
    tls13: Mutex<Option<Tls13ClientSessionValue>>,
}

impl ClientSessionStore for OneForAll {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, session: Tls12ClientSessionValue) {
        *self.tls12.lock() = Some(session);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.tls12.lock().take()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        *self.tls13.lock() = Some(ticket);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.tls13.lock().take()
    }
}

/// The faulty host takes the sessions of the sound one, under its own name and without a certificate; nobody else does.
#[tokio::test]
async fn the_faulty_host_resumes_what_the_sound_one_began() {
    let folder = tempfile::tempdir().unwrap();
    let identities = offering(folder.path());
    let mut trusted = rustls::RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(identities.ca_root_pem().unwrap().as_bytes()).unwrap();
    trusted.add(root).unwrap();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for (at, name, resumed) in [
            (Entrance::Good, "good.none.example.org", false),
            (Entrance::Trusted, "bad.dane-good.example.org", false),
            (Entrance::Resuming, "k3f9a2m7.bad.resume.example.org", true),
            (Entrance::Resuming, "bad.resume.example.org", true),
        ] {
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let mut config = rustls::ClientConfig::builder_with_provider(provider)
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(trusted.clone())
                .with_no_client_auth();
            config.resumption = Resumption::store(Arc::new(OneForAll::default()));
            let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
            let sound =
                resumes(&identities, &connector, Entrance::Good, "k3f9a2m7.good.resume.example.org").await;
            assert!(!sound, "the first is new");
            assert_eq!(resumes(&identities, &connector, at, name).await, resumed, "{name} in {version:?}");
        }
    }
}

/// Whether a sender's link to a host resumes a session.
async fn resumes(
    identities: &Identities,
    connector: &tokio_rustls::TlsConnector,
    at: Entrance,
    name: &'static str,
) -> bool {
    let (ours, theirs) = duplex(65_536);
    let server = async {
        let choose =
            |hello: &ClientHello| identities.choose_at(at, hello.sni.as_deref(), &NoTrials).unwrap().config;
        let mut accepted = accept(theirs, TIMEOUT_S, choose).await;
        let (negotiated, stream) = accepted.outcome.as_mut().unwrap();
        // What the sender reads brings the ticket with it.
        stream.write_all(b"2").await.unwrap();
        stream.flush().await.unwrap();
        (negotiated.resumed, accepted)
    };
    let client = async {
        let mut stream = connector.connect(ServerName::try_from(name).unwrap(), ours).await.unwrap();
        stream.read_u8().await.unwrap();
        stream
    };
    let ((resumed, _accepted), _stream) = tokio::join!(server, client);
    resumed
}
