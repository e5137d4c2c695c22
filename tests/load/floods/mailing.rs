//! Those who mail.

use super::super::sender::{Failure, address, domain, greeted, look, mail};
use super::{Flood, Tally, each};

/// How many links of one source mail at a time, and how many mails each brings.
const LINKS: u32 = 20;
const MAILS_PER_LINK: u32 = 50;
/// How many sources come at a time.
const SOURCES_AT_ONCE: u32 = 40;
/// The sources of trials: 127.100.0.0/24 and following.
const SOURCES: u8 = 100;
const SOURCE_NETWORKS: u32 = 200;

/// Mails of one source, each a new one, or all of them attempts at the same.
pub(super) async fn of_one_source(flood: Flood, same: bool) -> Tally {
    let links = (flood.number(20_000) / MAILS_PER_LINK).max(1);
    each(flood, links, LINKS, |link| async move {
        let mut tally = Tally::default();
        if let Err(error) = mails(flood, link, same, &mut tally).await {
            tally.add(error.to_string());
        }
        tally
    })
    .await
}

async fn mails(flood: Flood, link: u32, same: bool, tally: &mut Tally) -> Result<(), Failure> {
    let mut client = greeted(flood.address(0), flood.places.smtp).await?;
    client.ehlo(&format!("mail.{}", domain(0))).await?;
    for n in 0..MAILS_PER_LINK {
        if flood.is_over() {
            break;
        }
        let number = if same { 0 } else { link * MAILS_PER_LINK + n };
        let code = mail(&mut client, 0, number).await?;
        tally.add(format!("answered with {code}"));
        if code == 421 {
            return Ok(());
        }
    }
    client.quit().await?;
    Ok(())
}

/// A look and a mail of each of many sources, each under a domain of its own.
pub(super) async fn trials(flood: Flood) -> Tally {
    each(flood, flood.number(10_000), SOURCES_AT_ONCE, |n| async move {
        let mut tally = Tally::default();
        match trial(flood, n).await {
            Ok(code) => tally.add(format!("answered with {code}")),
            Err(error) => tally.add(error.to_string()),
        }
        tally
    })
    .await
}

async fn trial(flood: Flood, n: u32) -> Result<u16, Failure> {
    let from = address(SOURCES, SOURCE_NETWORKS, n);
    look(from, flood.places.smtp, n).await?;
    let mut client = greeted(from, flood.places.smtp).await?;
    client.ehlo(&format!("mail.{}", domain(n))).await?;
    let code = mail(&mut client, n, 0).await?;
    client.quit().await?;
    Ok(code)
}
