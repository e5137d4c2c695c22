//! The replies of a server (`smtp::reply`), and the session that acts on them (`smtp::Client`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::shared::smtp::reply::ReplyReader;
use mailassay::shared::smtp::{Client, ClientError, ClientSettings, ReplyLimits, ServerReply, Starttls};
use mailassay_fuzz::{Stranger, run};

const LIMITS: ReplyLimits = ReplyLimits { line_octets_max: 128, lines_max: 8, reply_octets_max: 512 };

fuzz_target!(|input: &[u8]| {
    let Some((size, octets)) = input.split_first() else { return };
    let size = usize::from(*size).max(1);
    let whole = replies([octets]);
    // An endless line is found when it comes, so that what is said of it may depend on the pieces; replies may not.
    assert_eq!(whole, replies(octets.chunks(size)));
    for reply in &whole {
        assert!((200..600).contains(&reply.code) && (1..=LIMITS.lines_max).contains(&reply.lines.len()));
        assert!(reply.lines.iter().map(String::len).sum::<usize>() <= 3 * LIMITS.reply_octets_max);
        reply.status().iter().for_each(|status| assert!(reply.lines[0].starts_with(status)));
        // Written again it is read as the same, where replaced octets leave it its length.
        let wire: String = reply.lines.iter().enumerate().fold(String::new(), |wire, (n, line)| {
            let separator = if n + 1 < reply.lines.len() { '-' } else { ' ' };
            format!("{wire}{}{separator}{line}\r\n", reply.code)
        });
        if !wire.contains(char::REPLACEMENT_CHARACTER) && wire.len() <= LIMITS.line_octets_max {
            assert_eq!(replies([wire.as_bytes()]), [reply.clone()]);
        }
    }
    let _ = run(session(Stranger::new(octets, size)));
});

fn replies<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<ServerReply> {
    let mut reader = ReplyReader::new(LIMITS);
    let mut replies = Vec::new();
    for piece in pieces {
        reader.push(piece);
        loop {
            match reader.next_reply() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(_) => return replies,
            }
        }
    }
    replies
}

async fn session(server: Stranger<'_>) -> Result<(), ClientError> {
    let (mut client, _) = Client::connected(server, ClientSettings::default()).await?;
    let offered = client.ehlo("fuzz.example").await?;
    let mut client = match offered.starttls() {
        true => match client.starttls().await? {
            Starttls::Go(stream) => Client::in_tls(stream, ClientSettings::default()),
            Starttls::Refused(client, _) => client,
        },
        false => client,
    };
    client.mail(Some("sender@fuzz.example"), "SIZE=10").await?;
    client.rcpt("recipient@fuzz.example").await?;
    client.data(b"Subject: fuzz\r\n\r\n.\r\n").await?;
    client.quit().await.map(drop)
}
