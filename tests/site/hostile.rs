//! A sender and a receiver who write markup, quotes, control and bidi characters wherever they can.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rcgen::{CertificateParams, DnType, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::stage::Stage;

pub(crate) const DOMAIN: &str = "hostile.test";
/// What would be an element of the page if it were not text.
pub(crate) const ELEMENT: &str = "x-evil";
const SENDER: Ipv4Addr = Ipv4Addr::new(127, 66, 6, 6);
const RECEIVER: Ipv4Addr = Ipv4Addr::new(127, 0, 66, 1);
/// Closes whatever it stands in, and runs if it can: the script would rename the page.
const MARKUP: &str = "\"'></style></script><script>document.title='EVIL'</script><x-evil onclick=alert(1)>&lt;\u{202E}\u{1}{{7*7}}";
/// The same for a place that holds only printable ASCII.
const IN_ASCII: &str = "'><script>document.title='EVIL'</script><x-evil>";

/// Its zone. A string of TXT takes any octet (RFC 1035 §5.1).
pub(crate) const RECORDS: &str = "@ IN MX 10 mx\nmx IN A 127.0.66.1\nmail IN A 127.66.6.6\n\
    @ IN TXT \"v=spf1 ip4:127.66.6.6 exp=<script>document.title='EVIL'</script> -all\"\n\
    @ IN TXT \"<x-evil>\\226\\128\\174\\001<script>document.title='EVIL'</script>\"\n\
    _dmarc IN TXT \"v=DMARC1; p=<script>document.title='EVIL'</script>; rua=mailto:'><x-evil>\"\n\
    _mta-sts IN TXT \"v=STSv1; id='><script>document.title='EVIL'</script>\"\n\
    _smtp._tls IN TXT \"v=TLSRPTv1; rua=javascript:document.title='EVIL',https://'><x-evil>\"\n\
    x._domainkey IN TXT \"v=DKIM1; p='><script>document.title='EVIL'</script>\"\n\
    default._bimi IN TXT \"v=BIMI1; l=javascript:document.title='EVIL'; a='><x-evil>\"\n";

/// Whether its MX host offers no STARTTLS any more.
static STARTTLS_WITHHELD: AtomicBool = AtomicBool::new(false);

/// From now on its MX host offers no STARTTLS.
pub(crate) fn withhold_starttls() {
    STARTTLS_WITHHELD.store(true, Ordering::Relaxed);
}

/// Sends one mail to both test addresses; it is held, and the trial is open. What the sender calls itself, whom its
/// mail is from, its Message-ID and who signed it are all hostile. Gives what it was answered.
pub(crate) async fn send(stage: &Stage) -> Result<String, String> {
    let places = stage.world().places;
    let mut heard = String::new();
    for case in ["et", "ut"] {
        let attempt = attempt(places.smtp, case);
        let limit = Duration::from_secs(60);
        let attempt = tokio::time::timeout(limit, attempt).await.map_err(|_| "no answer".to_owned())?;
        heard += &attempt.map_err(|error| format!("the hostile sender: {error}"))?;
    }
    Ok(heard)
}

/// Gives what it was answered.
async fn attempt(port: u16, case: &str) -> std::io::Result<String> {
    let mut heard = String::new();
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((SENDER, 0)))?;
    let stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    let mut stream = BufReader::new(stream);
    let message = format!(
        "From: \"{MARKUP}\" <\"{IN_ASCII}\"@{DOMAIN}>\r\nTo: en@{case}.mailassay.test\r\nSubject: {MARKUP}\r\n\
         Date: Fri, 27 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{IN_ASCII}@{DOMAIN}>\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={DOMAIN}; s=x; h=from; bh=AAAA; b={IN_ASCII}\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={IN_ASCII}; s={IN_ASCII}; h=from; bh=AAAA; b=AA\r\n\
         \r\n{MARKUP}\r\n.\r\n"
    );
    let commands = [
        String::new(),
        format!("EHLO {}\r\n", MARKUP.replace(' ', "/")),
        format!("MAIL FROM:<\"{IN_ASCII}\"@{DOMAIN}>\r\n"),
        format!("RCPT TO:<en@{case}.mailassay.test>\r\n"),
        "DATA\r\n".to_owned(),
        message,
        "QUIT\r\n".to_owned(),
    ];
    for command in commands {
        stream.write_all(command.as_bytes()).await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(heard);
            }
            heard += &line;
            // The last line of a reply (RFC 5321 §4.2.1).
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
    }
    Ok(heard)
}

/// Its MX host: greets, lists its extensions and refuses with markup, and shows a certificate full of it.
pub(crate) async fn receive(port: u16, tasks: &TaskTracker, stop: &CancellationToken) {
    let listener = TcpListener::bind(SocketAddr::from((RECEIVER, port))).await.expect("a free place");
    let config = certificate();
    let stop = stop.clone();
    tasks.spawn(async move {
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            let Ok((stream, _)) = accepted else { continue };
            let acceptor = tokio_rustls::TlsAcceptor::from(config.clone());
            let served = async move {
                let mut stream = BufReader::new(stream);
                stream.write_all(format!("220 mx.{DOMAIN} ESMTP {MARKUP}\r\n").as_bytes()).await.ok()?;
                talk(&mut stream).await?;
                let stream = acceptor.accept(stream.into_inner()).await.ok()?;
                talk(&mut BufReader::new(stream)).await
            };
            // A scan is patient; a demo of malice need not be.
            tokio::spawn(tokio::time::timeout(Duration::from_secs(10), served));
        }
    });
}

/// Until STARTTLS, or the end.
async fn talk(stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>) -> Option<()> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.to_ascii_uppercase();
        let reply = match line.trim_end() {
            "STARTTLS" => "220 2.0.0 Ready\r\n".to_owned(),
            "QUIT" => "221 2.0.0 Bye\r\n".to_owned(),
            hello if hello.starts_with("EHLO") => {
                let withheld = STARTTLS_WITHHELD.load(Ordering::Relaxed);
                let starttls = if withheld { "" } else { "250-STARTTLS\r\n" };
                format!("250-{MARKUP}\r\n{starttls}250-X-{MARKUP}\r\n250 AUTH {MARKUP}\r\n")
            }
            _ => format!("550 5.7.1 {MARKUP}\r\n"),
        };
        stream.write_all(reply.as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        if line.starts_with("STARTTLS") {
            return Some(());
        }
        if line.starts_with("QUIT") {
            return None;
        }
    }
}

fn certificate() -> std::sync::Arc<rustls::ServerConfig> {
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::new(vec![format!("mx.{DOMAIN}")]).expect("a name");
    for part in [DnType::CommonName, DnType::OrganizationName, DnType::CountryName] {
        parameters.distinguished_name.push(part, MARKUP);
    }
    let certificate = parameters.self_signed(&key).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("its key");
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    std::sync::Arc::new(config)
}
