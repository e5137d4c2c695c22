//! Those who come and take their time.

use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::super::sender::connect;
use super::super::world::ORIGIN;
use super::{Flood, Tally, each};

/// How many come at a time.
const COMING: u32 = 6_000;
/// The largest message: SIZE by default.
const MESSAGE_OCTETS: usize = 10_485_760;
/// A line of it.
const LINE: [u8; 80] = {
    let mut line = [b'x'; 80];
    line[78] = b'\r';
    line[79] = b'\n';
    line
};

type Link = BufReader<TcpStream>;

/// Reads a whole reply; gives its code.
async fn reply(link: &mut Link) -> std::io::Result<String> {
    loop {
        let mut line = String::new();
        if link.read_line(&mut line).await? == 0 {
            return Ok("closed".to_owned());
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(line.get(..3).unwrap_or_default().to_owned());
        }
    }
}

/// Connects and is greeted; gives why not, else.
async fn greeted(flood: Flood, from: IpAddr) -> Result<Link, String> {
    let greeting = async {
        let mut link = BufReader::new(connect(from, flood.places.smtp).await?);
        let code = reply(&mut link).await?;
        Ok::<_, std::io::Error>((link, code))
    };
    match tokio::time::timeout(flood.left(), greeting).await {
        Ok(Ok((link, code))) if code == "220" => Ok(link),
        Ok(Ok((_, code))) => Err(format!("turned away with {code}")),
        Ok(Err(error)) => Err(error.kind().to_string()),
        Err(_) => Err("never greeted".to_owned()),
    }
}

fn one(what: impl Into<String>) -> Tally {
    let mut tally = Tally::default();
    tally.add(what);
    tally
}

/// Says nothing, until all is over or the service closes.
pub(super) async fn connections(flood: Flood) -> Tally {
    each(flood, flood.number(5_000), COMING, |n| async move {
        match greeted(flood, flood.address(n)).await {
            Ok(mut link) => match tokio::time::timeout(flood.left(), reply(&mut link)).await {
                Ok(_) => one("closed by the service"),
                Err(_) => one("held to the end"),
            },
            Err(why) => one(why),
        }
    })
    .await
}

/// Says EHLO, a letter each second, again and again.
pub(super) async fn commands(flood: Flood) -> Tally {
    each(flood, flood.number(1_000), COMING, |n| async move {
        let mut link = match greeted(flood, flood.address(n)).await {
            Ok(link) => link,
            Err(why) => return one(why),
        };
        for letter in format!("EHLO sender-{n}.example\r\n").bytes().cycle() {
            if flood.is_over() {
                break;
            }
            if link.get_mut().write_all(&[letter]).await.is_err() {
                return one("closed by the service");
            }
            tokio::time::sleep(Duration::from_secs(1).min(flood.left())).await;
        }
        one("slow to the end")
    })
    .await
}

/// Sends the largest message, evenly over the time that there is, and its dot.
pub(super) async fn messages(flood: Flood) -> Tally {
    each(flood, flood.number(200), COMING, |n| async move {
        let mut link = match greeted(flood, flood.address(n)).await {
            Ok(link) => link,
            Err(why) => return one(why),
        };
        match message(flood, &mut link, n).await {
            Ok(became) => one(became),
            Err(error) => one(error.kind().to_string()),
        }
    })
    .await
}

async fn message(flood: Flood, link: &mut Link, n: u32) -> std::io::Result<String> {
    let commands = [
        (format!("EHLO mail.sender-{n}.example\r\n"), "250"),
        (format!("MAIL FROM:<somebody@sender-{n}.example>\r\n"), "250"),
        (format!("RCPT TO:<en@et.{ORIGIN}>\r\n"), "250"),
        ("DATA\r\n".to_owned(), "354"),
    ];
    for (command, wanted) in commands {
        link.get_mut().write_all(command.as_bytes()).await?;
        let code = reply(link).await?;
        if code != wanted {
            return Ok(format!("answered with {code} at {}", command.get(..4).unwrap_or_default()));
        }
    }
    let header = format!("From: somebody@sender-{n}.example\r\nMessage-ID: <{n}@sender-{n}.example>\r\n\r\n");
    link.get_mut().write_all(header.as_bytes()).await?;
    // The dot comes a little before all is over.
    let parts = u32::try_from(flood.left().as_secs()).unwrap_or(1).saturating_sub(1).max(1);
    let lines = (MESSAGE_OCTETS - 1_000) / LINE.len() / parts as usize;
    let part = LINE.repeat(lines);
    for _ in 0..parts {
        if link.get_mut().write_all(&part).await.is_err() {
            // What it said before it closed.
            return Ok(format!("answered with {} within the message", reply(link).await?));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    link.get_mut().write_all(b".\r\n").await?;
    Ok(format!("answered with {} at the dot", reply(link).await?))
}
