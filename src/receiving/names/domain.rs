//! The domain itself.

use data_encoding::HEXLOWER;
use futures_util::future::{OptionFuture, join_all};
use sha2::{Digest, Sha256};

use super::inquiry::{Inquiry, RECORDS_MAX};
use super::{dmarc, servers, size, spf};
use crate::shared::dns::records::{A, AAAA, CDNSKEY, CDS, DNSKEY, DS, MX, NS, NSEC3PARAM, TXT};
use crate::shared::dns::{Direct, Over};
use crate::shared::evidence::scan::{
    DomainNames, Envelope, KeyRecord, KeyUpkeep, LookupResult, MxOfServer, MxRecord, NameAnswer, NameServer,
};

/// Everything that the resolver finds of a domain, its name servers apart.
pub(super) async fn records(inquiry: &Inquiry<'_>, domain: &str) -> DomainNames {
    let ((mx, a, aaaa), zone, spf, dmarc, (domainkey, domainkey_control), tlsrpt, bimi) = tokio::join!(
        mx(inquiry, domain),
        zone(inquiry, domain),
        spf::gather(inquiry, domain),
        dmarc::gather(inquiry, domain),
        domainkey(inquiry, domain),
        inquiry.texts_below("_smtp._tls", domain),
        inquiry.texts_below("default._bimi", domain),
    );
    DomainNames { mx, a, aaaa, spf, dmarc, domainkey, domainkey_control, tlsrpt, bimi, ..zone }
}

/// Whether `_domainkey` exists; where it is not denied, what is said of a name beside it that nobody has published:
/// wildcards (RFC 4592) and signers that deny types in place of names (RFC 9824) answer alike for both.
async fn domainkey(
    inquiry: &Inquiry<'_>,
    domain: &str,
) -> (LookupResult<String>, Option<LookupResult<String>>) {
    let domainkey = inquiry.texts_below("_domainkey", domain).await;
    let control = (domainkey.answer != NameAnswer::NoName && !domainkey.unknown()).then_some(async {
        let digest = Sha256::digest(domain);
        let label = HEXLOWER.encode(&digest[..8]);
        inquiry.texts_below(&format!("_control-{label}"), domain).await
    });
    (domainkey, OptionFuture::from(control).await)
}

/// The MX records, and where there are none the addresses (RFC 5321 §5.1).
async fn mx(
    inquiry: &Inquiry<'_>,
    domain: &str,
) -> (LookupResult<MxRecord>, LookupResult<std::net::IpAddr>, LookupResult<std::net::IpAddr>) {
    let mx = inquiry.mx(domain).await;
    if !matches!(mx.answer, NameAnswer::NoData) {
        return (mx, LookupResult::not_asked(domain, "A"), LookupResult::not_asked(domain, "AAAA"));
    }
    let (a, aaaa) = tokio::join!(inquiry.look_up(domain, A), inquiry.look_up(domain, AAAA));
    (mx, a, aaaa)
}

/// The zone that the domain lies in: its delegation, keys and name servers.
async fn zone(inquiry: &Inquiry<'_>, domain: &str) -> DomainNames {
    let (soa, zone) = inquiry.soa(domain).await;
    let names = DomainNames { soa, ..DomainNames::not_asked(domain) };
    let Some(apex) = zone else { return names };
    let (ds, (keys, upkeep), ns) =
        tokio::join!(inquiry.look_up(&apex, DS), keys(inquiry, &apex), inquiry.look_up(&apex, NS));
    DomainNames { ds, keys, upkeep, ns, zone: Some(apex), ..names }
}

/// The keys of a zone and, where it has any, what it tells its parent of them.
async fn keys(inquiry: &Inquiry<'_>, apex: &str) -> (LookupResult<KeyRecord>, Option<KeyUpkeep>) {
    let keys = inquiry.look_up(apex, DNSKEY).await;
    if keys.records().is_empty() {
        return (keys, None);
    }
    let (cds, cdnskey, nsec3) = tokio::join!(
        inquiry.look_up(apex, CDS),
        inquiry.look_up(apex, CDNSKEY),
        inquiry.look_up(apex, NSEC3PARAM)
    );
    (keys, Some(KeyUpkeep { cds, cdnskey, nsec3 }))
}

/// The name servers of the domain: their addresses, whether they answer, and whether they agree on its MX records.
pub(super) async fn servers(inquiry: &Inquiry<'_>, domain: &str, names: &mut DomainNames, direct: bool) {
    let Some(zone) = names.zone.clone() else { return };
    names.name_servers = servers::of_zone(inquiry, &zone, &names.ns).await;
    if !direct {
        return;
    }
    let asking = names.name_servers.iter().map(|server| mx_of_server(inquiry, domain, server));
    names.mx_of_servers = join_all(asking).await.into_iter().flatten().collect();
    servers::reach(inquiry, &zone, &mut names.name_servers, |_| true).await;
}

/// Asked at its first address that may be asked and answers, IPv4 first.
async fn mx_of_server(inquiry: &Inquiry<'_>, domain: &str, server: &NameServer) -> Option<MxOfServer> {
    let mut silent = None;
    let families = [server.a.records().first(), server.aaaa.records().first()];
    for ip in families.into_iter().flatten().copied() {
        let mut said = inquiry.ask_server(ip, Over::Udp, domain, MX.code()).await?;
        if matches!(said, Direct::Cut) {
            said = inquiry.ask_server(ip, Over::Tcp, domain, MX.code()).await?;
        }
        let of_server = |records| Some(MxOfServer { server: server.name.clone(), ip, records });
        match said {
            Direct::Forbidden(_) => {}
            Direct::Silent(_) => silent = silent.or_else(|| of_server(None)),
            Direct::Cut | Direct::Other(_) => return of_server(None),
            Direct::Records(data) => {
                let mut records: Vec<MxRecord> = data.iter().filter_map(|data| MX.read(data)).collect();
                records.sort();
                records.truncate(RECORDS_MAX);
                if !inquiry.has_room(size::of_mx_records(&records)) {
                    inquiry.cut(format!("MX of {}", server.name), Some(records.len()), 0);
                    return None;
                }
                return of_server(Some(records));
            }
        }
    }
    silent
}

/// The domain of MAIL FROM.
pub(super) async fn envelope(inquiry: &Inquiry<'_>, domain: Option<&str>) -> Option<Envelope> {
    let asking = domain.map(|domain| async move {
        let (mx, (soa, _), spf) =
            tokio::join!(inquiry.mx(domain), inquiry.soa(domain), inquiry.look_up(domain, TXT));
        Envelope { domain: domain.to_owned(), mx, soa, spf }
    });
    OptionFuture::from(asking).await
}
