//! Whoever sends here: from any address of 127.0.0.0/8.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mailassay::shared::smtp::{Client, ClientSettings, Starttls, Timeouts};
use mailassay::shared::tls::client;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

use super::world::ORIGIN;

/// How long any step may take, in seconds: what takes longer has failed.
const STEP_S: u32 = 30;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The `n`th address of the networks 127.`second`.0.0/24 and following, of which there are `networks`.
pub(crate) fn address(second: u8, networks: u32, n: u32) -> IpAddr {
    let (network, host) = (n % networks, n / networks % 250 + 1);
    let first = u32::from(Ipv4Addr::new(127, second, 0, 0));
    Ipv4Addr::from(first + network * 256 + host).into()
}

/// Connects from an address.
pub(crate) async fn connect(from: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // The port is chosen with the connection, so that as many are free as for each peer.
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = tokio::time::timeout(Duration::from_secs(u64::from(STEP_S)), socket.connect(to)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn settings() -> ClientSettings {
    let timeouts = Timeouts {
        greeting_s: STEP_S,
        command_s: STEP_S,
        mail_s: STEP_S,
        rcpt_s: STEP_S,
        data_s: STEP_S,
        block_s: STEP_S,
        dot_s: STEP_S,
    };
    ClientSettings { timeouts, ..ClientSettings::default() }
}

/// A session in clear behind its greeting.
pub(crate) async fn greeted(from: IpAddr, to: SocketAddr) -> Result<Client<TcpStream>, Failure> {
    let (client, greeting) = Client::connected(connect(from, to).await?, settings()).await?;
    match greeting.code {
        220 => Ok(client),
        code => Err(format!("greeted with {code} {}", greeting.lines.join(" ")).into()),
    }
}

/// The name of a sender, and its domain.
pub(crate) fn domain(n: u32) -> String {
    format!("sender-{n}.example")
}

/// Comes, says EHLO and leaves: what a source does first, and what opens its window.
pub(crate) async fn look(from: IpAddr, to: SocketAddr, n: u32) -> Result<(), Failure> {
    let mut client = greeted(from, to).await?;
    client.ehlo(&format!("mail.{}", domain(n))).await?;
    client.quit().await?;
    Ok(())
}

/// A message with a Message-ID.
pub(crate) fn message(n: u32, mail: u32) -> String {
    let domain = domain(n);
    format!(
        "From: somebody@{domain}\r\nTo: en@et.{ORIGIN}\r\nSubject: a test\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n\
         Message-ID: <{mail}.{n}@{domain}>\r\n\r\nA test.\r\n"
    )
}

/// MAIL, RCPT, DATA and the dot; gives the code of the last answer.
pub(crate) async fn mail<S>(client: &mut Client<S>, n: u32, mail: u32) -> Result<u16, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let from = client.mail(Some(&format!("somebody@{}", domain(n))), "").await?;
    if from.code != 250 {
        return Ok(from.code);
    }
    let to = client.rcpt(&format!("en@et.{ORIGIN}")).await?;
    if to.code != 250 {
        return Ok(to.code);
    }
    Ok(client.data(message(n, mail).as_bytes()).await?.code)
}

/// A whole session with STARTTLS and a mail, which has to be held. Gives how long it took from EHLO to the answer to
/// the dot.
pub(crate) async fn deliver(from: IpAddr, to: SocketAddr, n: u32) -> Result<Duration, Failure> {
    let mut client = greeted(from, to).await?;
    let began = Instant::now();
    let name = format!("mail.{}", domain(n));
    if !client.ehlo(&name).await?.starttls() {
        return Err("STARTTLS was not offered".into());
    }
    let stream = match client.starttls().await? {
        Starttls::Go(stream) => stream,
        Starttls::Refused(_, reply) => return Err(format!("STARTTLS: {}", reply.code).into()),
    };
    let connected = client::connect(stream, &format!("mx04.et.{ORIGIN}"), true, STEP_S).await?;
    let mut client = Client::in_tls(connected.stream, settings());
    client.ehlo(&name).await?;
    let code = mail(&mut client, n, 0).await?;
    let took = began.elapsed();
    client.quit().await?;
    match code {
        // Held, or taken where nothing more could be learnt.
        451 | 250 => Ok(took),
        code => Err(format!("the mail was answered with {code}").into()),
    }
}
