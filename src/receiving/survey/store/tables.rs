//! The tables of a file, and the statements on servers.

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use sqlx::{Row, SqliteConnection};

use super::OTHERS_MAX;
use super::packed::{pack, unpack};
use crate::receiving::scan::{Certificates, Seen};
use crate::shared::database::sqlite::Schema;
use crate::shared::evidence::scan::{Depth, Server};

/// What a file of a survey holds. A new version is one more step.
pub const SCHEMA: Schema = Schema {
    name: "the survey",
    // "Mlsv".
    application_id: 0x4d6c_7376,
    tables: include_str!("schema.sql"),
    steps: &[],
    unmarked: None,
};

/// Writes what was seen of a server.
pub(super) async fn keep(connection: &mut SqliteConnection, seen: &Seen, depth: Depth) -> sqlx::Result<()> {
    let (server, certificates) = seen;
    for (sha256, der) in certificates {
        sqlx::query("INSERT INTO certificates (sha256, der) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(sha256)
            .bind(der.as_ref())
            .execute(&mut *connection)
            .await?;
    }
    let packed = pack(&(server, certificates.keys().collect::<Vec<_>>())).map_err(sqlx::Error::Io)?;
    sqlx::query(
        "INSERT OR REPLACE INTO servers (ip, host, whole, at, own, server) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(server.ip.to_string())
    .bind(&server.host)
    .bind(depth == Depth::Full)
    .bind(server.at.as_microsecond())
    .bind(server.probed_as.is_none())
    .bind(packed)
    .execute(connection)
    .await?;
    Ok(())
}

/// What is kept of an address: under the name first, then under others that have probes of their own.
pub(super) async fn seen(
    connection: &mut SqliteConnection,
    ip: IpAddr,
    host: &str,
    depth: Depth,
) -> sqlx::Result<Vec<Seen>> {
    let rows = sqlx::query(
        "SELECT server FROM servers WHERE ip = ?1 AND (host = ?2 OR own) AND (whole OR NOT ?3)
         ORDER BY host = ?2 DESC, at DESC LIMIT ?4",
    )
    .bind(ip.to_string())
    .bind(host)
    .bind(depth == Depth::Full)
    .bind(1 + OTHERS_MAX)
    .fetch_all(&mut *connection)
    .await?;
    let mut all = Vec::new();
    for row in rows {
        let packed: Vec<u8> = row.try_get(0)?;
        let (server, sha256s): (Server, Vec<String>) = unpack(&packed).map_err(sqlx::Error::Io)?;
        let mut certificates = Certificates::new();
        for sha256 in sha256s {
            let der: Option<Vec<u8>> = sqlx::query_scalar("SELECT der FROM certificates WHERE sha256 = ?1")
                .bind(&sha256)
                .fetch_optional(&mut *connection)
                .await?;
            certificates.extend(der.map(|der| (sha256, CertificateDer::from(der))));
        }
        all.push((server, certificates));
    }
    Ok(all)
}
