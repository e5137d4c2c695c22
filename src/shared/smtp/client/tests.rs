//! Tests of the client against scripted servers.

use super::*;

/// A server that sends each reply of `script` for each line that comes, beginning with the greeting, and
/// gives back what it was sent.
async fn against<T>(
    script: &'static [&'static str],
    client: impl AsyncFnOnce(tokio::io::DuplexStream) -> T,
) -> (T, String) {
    let (ours, mut theirs) = tokio::io::duplex(1 << 16);
    let server = async move {
        let (mut heard, mut chunk) = (Vec::new(), [0; 1024]);
        for reply in script {
            theirs.write_all(reply.as_bytes()).await.expect("a duplex takes it");
            match theirs.read(&mut chunk).await {
                Ok(n @ 1..) => heard.extend_from_slice(&chunk[..n]),
                _ => break,
            }
        }
        String::from_utf8(heard).expect("ASCII")
    };
    tokio::join!(client(ours), server)
}

#[tokio::test]
async fn delivers_and_stuffs() {
    let script = [
        "220 a\r\n",
        "250-a\r\n250-Size 1000\r\n250 STARTTLS\r\n",
        "250 2.1.0 a\r\n",
        "250 a\r\n",
        "354 a\r\n",
        "451 4.7.1 a\r\n",
        "221 a\r\n",
    ];
    let script: &'static [&'static str] = Box::leak(Box::new(script));
    let (dot, heard) = against(script, async |stream| {
        let (mut client, greeting) = Client::connected(stream, ClientSettings::default()).await?;
        assert_eq!(greeting.code, 220);
        let capabilities = client.ehlo("mx.example").await?;
        assert_eq!((capabilities.get("SIZE"), capabilities.starttls()), (Some("1000"), true));
        client.mail(None, "SIZE=6").await?;
        client.rcpt("a@b.example").await?;
        let dot = client.data(b".a\r\n").await?;
        client.quit().await?;
        Ok::<_, ClientError>(dot)
    })
    .await;
    let dot = dot.expect("a whole session");
    assert_eq!((dot.code, dot.status()), (451, Some("4.7.1")));
    let expected =
        "EHLO mx.example\r\nMAIL FROM:<> SIZE=6\r\nRCPT TO:<a@b.example>\r\nDATA\r\n..a\r\n.\r\nQUIT\r\n";
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn forged_lines_behind_starttls_are_an_injection() {
    let (result, _) = against(&["220 a\r\n", "220 go\r\n250-evil\r\n"], async |stream| {
        let (client, _) = Client::connected(stream, ClientSettings::default()).await?;
        client.starttls().await
    })
    .await;
    assert!(matches!(result, Err(ClientError::Unasked("STARTTLS"))), "{result:?}");
}

#[tokio::test]
async fn starttls_gives_the_stream_or_goes_on() {
    let (result, heard) = against(&["220 a\r\n", "454 4.7.0 later\r\n", "221 a\r\n"], async |stream| {
        let (client, _) = Client::connected(stream, ClientSettings::default()).await?;
        let Starttls::Refused(client, reply) = client.starttls().await? else { panic!("454 is no 220") };
        client.quit().await?;
        Ok::<_, ClientError>(reply.code)
    })
    .await;
    assert_eq!(result.expect("a session"), 454);
    assert_eq!(heard, "STARTTLS\r\nQUIT\r\n");
}

#[tokio::test]
async fn no_argument_forges_a_command() {
    let (result, _) = against(&["220 a\r\n"], async |stream| {
        let (mut client, _) = Client::connected(stream, ClientSettings::default()).await?;
        client.rcpt("a@b>\r\nDATA\r\n").await
    })
    .await;
    assert!(matches!(result, Err(ClientError::Argument("RCPT"))), "{result:?}");
}

#[tokio::test]
async fn a_silent_server_is_left_in_time() {
    let (stream, _held) = tokio::io::duplex(64);
    let settings =
        ClientSettings { timeouts: Timeouts { greeting_s: 0, ..Timeouts::default() }, ..Default::default() };
    let result = Client::connected(stream, settings).await;
    assert!(matches!(result, Err(ClientError::TimedOut(0))));
}
