//! Single connections to scripted servers: what is said when, and what is made of odd answers.

use std::time::Duration;

use mailassay::receiving::probe::Randomness;
use mailassay::receiving::scan::{Call, First, SessionLimits, Sessions};
use mailassay::shared::dial;
use mailassay::shared::evidence::scan::{
    Answer, CodePoints, Hello, Question, Reach, RealHandshake, SessionFault, Stage,
};
use mailassay::shared::evidence::{Alert, TlsVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

fn sessions() -> Sessions {
    Sessions {
        dial: dial::Settings::default(),
        limits: SessionLimits::default(),
        randomness: Randomness::new(|| [7; 32]),
    }
}

fn call() -> Call {
    Call {
        ip: "192.0.2.1".parse().unwrap(),
        host: "mx.example".into(),
        helo: "scanner.example".into(),
        intrusive: None,
    }
}

/// A server that waits `before`, then greets, and answers each line as `script` says: by the word it begins with.
/// Gives back all that it heard in clear.
async fn serve(
    mut stream: DuplexStream,
    before: Duration,
    greeting: String,
    script: &[(&str, &str)],
) -> String {
    let mut heard = String::new();
    let mut chunk = [0; 4096];
    tokio::select! {
        () = sleep(before) => {}
        read = stream.read(&mut chunk) => return format!("spoke early: {:?}", &chunk[..read.unwrap_or(0)]),
    }
    if stream.write_all(greeting.as_bytes()).await.is_err() {
        return heard;
    }
    loop {
        let Ok(read @ 1..) = stream.read(&mut chunk).await else { return heard };
        let text = String::from_utf8_lossy(&chunk[..read]).into_owned();
        let reply = script.iter().find(|(word, _)| text.starts_with(word)).map(|(_, reply)| *reply);
        heard.push_str(if text.is_ascii() && !text.contains('\u{16}') { &text } else { "TLS\r\n" });
        match reply {
            Some(reply) => {
                if stream.write_all(reply.as_bytes()).await.is_err() {
                    return heard;
                }
            }
            // handshake_failure in a record of its own; anything else is left unanswered.
            None if chunk[0] == 0x16 => {
                let _ = stream.write_all(&[0x15, 3, 1, 0, 2, 2, 40]).await;
                return heard;
            }
            None => return heard,
        }
    }
}

const USUAL: [(&str, &str); 5] = [
    ("EHLO", "250-mx.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"),
    ("MAIL", "530 5.7.0 Must issue a STARTTLS command first\r\n"),
    ("RSET", "250 ok\r\n"),
    ("STARTTLS", "220 go\r\n"),
    ("QUIT", "221 bye\r\n"),
];

async fn first(before: Duration, greeting: &str, script: &[(&str, &str)]) -> (First, String) {
    let (ours, theirs) = duplex(1 << 16);
    let sessions = sessions();
    let call = call();
    tokio::join!(sessions.first_over(ours, &call), serve(theirs, before, greeting.to_owned(), script))
}

fn without<'a>(word: &str, reply: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut script: Vec<_> = USUAL.to_vec();
    for line in script.iter_mut().filter(|line| line.0 == word) {
        line.1 = reply;
    }
    script
}

#[tokio::test(start_paused = true)]
async fn the_first_session_sees_what_there_is_and_never_speaks_early() {
    let (seen, heard) = first(Duration::from_secs(45), "220 mx.example ESMTP\r\n", &USUAL).await;
    assert_eq!(heard, "EHLO scanner.example\r\nMAIL FROM:<>\r\nRSET\r\nSTARTTLS\r\nTLS\r\n");
    assert_eq!(seen.reach, Reach::Reached);
    let session = &seen.session;
    assert_eq!(session.greeting_ms, Some(45_000));
    assert_eq!(session.mail_in_clear.as_ref().unwrap().code, 530);
    assert_eq!(session.announces("SIZE"), Some(true));
    assert_eq!(session.fault, None);
    let Some(RealHandshake::Failed { alert, .. }) = seen.handshake else { panic!("{:?}", seen.handshake) };
    assert_eq!(alert, Some(Alert(40)));
}

#[tokio::test(start_paused = true)]
async fn sessions_that_lead_nowhere_say_why_and_quit_where_they_can() {
    let fine = "220 mx.example\r\n";
    let long = format!("220 {}\r\n", "x".repeat(3000));
    let endless = "250-more and more and more of it\r\n".repeat(3000);
    let cases = [
        ("554 no\r\n", USUAL.to_vec(), reply(Stage::Greeting, 554, "no"), true),
        ("421 busy\r\n", USUAL.to_vec(), reply(Stage::Greeting, 421, "busy"), false),
        (fine, without("EHLO", "450 later\r\n"), reply(Stage::Ehlo, 450, "later"), true),
        (fine, without("STARTTLS", "454 later\r\n"), reply(Stage::Starttls, 454, "later"), true),
        (fine, vec![], SessionFault::Dropped { stage: Stage::Ehlo }, false),
        (long.as_str(), USUAL.to_vec(), garbage(Stage::Greeting), false),
        ("HTTP/1.1 400\r\n", USUAL.to_vec(), garbage(Stage::Greeting), false),
        (fine, without("EHLO", Box::leak(endless.into_boxed_str())), garbage(Stage::Ehlo), false),
    ];
    for (greeting, script, fault, quits) in cases {
        let (seen, heard) = first(Duration::ZERO, greeting, &script).await;
        let found = seen.session.fault.clone().unwrap();
        match (&found, &fault) {
            (SessionFault::Garbage { stage, .. }, SessionFault::Garbage { stage: other, .. }) => {
                assert_eq!(stage, other);
            }
            _ => assert_eq!(found, fault, "{greeting:.20}"),
        }
        assert_eq!(heard.ends_with("QUIT\r\n"), quits, "{greeting:.20} {heard}");
        assert_eq!(seen.handshake, None);
    }
    // Refused for good: there is no TLS, and that is all.
    let (seen, heard) = first(Duration::ZERO, fine, &without("STARTTLS", "502 no\r\n")).await;
    assert_eq!((seen.session.fault, heard.ends_with("QUIT\r\n")), (None, true));
    let (seen, heard) = first(Duration::ZERO, fine, &without("EHLO", "250 mx.example\r\n")).await;
    assert_eq!(
        (seen.session.starttls, heard.as_str()),
        (None, "EHLO scanner.example\r\nMAIL FROM:<>\r\nRSET\r\nQUIT\r\n")
    );
}

fn reply(stage: Stage, code: u16, text: &str) -> SessionFault {
    let lines = vec![text.to_owned()];
    SessionFault::Reply { stage, reply: mailassay::shared::evidence::scan::SmtpReply { code, lines } }
}

fn garbage(stage: Stage) -> SessionFault {
    SessionFault::Garbage { stage, reason: String::new() }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stalls_or_dribbles_is_left_in_time() {
    let (seen, _) = first(Duration::from_secs(61), "220 a\r\n", &USUAL).await;
    assert_eq!(seen.session.fault, Some(SessionFault::TimedOut { stage: Stage::Greeting }));
    // An octet every ten seconds keeps no reply open longer than its whole limit.
    let (ours, mut theirs) = duplex(1 << 16);
    let began = Instant::now();
    let dribble = async {
        for octet in "220-".bytes().chain(std::iter::repeat(b'x')) {
            sleep(Duration::from_secs(10)).await;
            if theirs.write_all(&[octet]).await.is_err() {
                break;
            }
        }
    };
    let (sessions, call) = (sessions(), call());
    let (seen, ()) = tokio::join!(sessions.first_over(ours, &call), dribble);
    assert_eq!(seen.session.fault, Some(SessionFault::TimedOut { stage: Stage::Greeting }));
    assert!(began.elapsed() < Duration::from_secs(75));
}

fn hello() -> Hello {
    Hello {
        version: TlsVersion::TLS12,
        suites: CodePoints(vec![0xc02f]),
        groups: CodePoints(vec![0x1d]),
        schemes: CodePoints(vec![0x0401]),
        compression: false,
        share: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_is_put_only_after_starttls_and_a_noop_goes_with_it_when_asked_for() {
    let renegotiate = Question::Renegotiate { hello: hello(), tries: 11, inject: true };
    for (question, words) in [
        (Question::Hello(hello()), "EHLO scanner.example\r\nSTARTTLS\r\nTLS\r\n"),
        (Question::Inject, "EHLO scanner.example\r\nSTARTTLS\r\nNOOP\r\nTLS\r\n"),
        (renegotiate, "EHLO scanner.example\r\nSTARTTLS\r\nNOOP\r\nTLS\r\n"),
    ] {
        let (ours, theirs) = duplex(1 << 16);
        let (sessions, call) = (sessions(), call());
        let serving = serve(theirs, Duration::ZERO, "220 a\r\n".into(), &USUAL);
        let (asked, heard) = tokio::join!(sessions.ask_over(ours, &call, &question), serving);
        assert_eq!(heard, words);
        match question {
            Question::Hello(_) => assert_eq!(asked.answer, Answer::Alert { alert: Alert(40) }),
            _ => assert!(!matches!(asked.answer, Answer::NotPut { .. }), "{:?}", asked.answer),
        }
    }
    // Who does not take the NOOP says so in answer to STARTTLS.
    let stuffed = Question::Renegotiate { hello: hello(), tries: 11, inject: true };
    let closes: Vec<_> = USUAL.into_iter().filter(|(word, _)| *word != "STARTTLS").collect();
    for (script, fault) in [
        (without("STARTTLS", "554 5.5.0 no\r\n"), reply(Stage::Starttls, 554, "5.5.0 no")),
        (closes, SessionFault::Dropped { stage: Stage::Starttls }),
    ] {
        let (ours, theirs) = duplex(1 << 16);
        let (sessions, call) = (sessions(), call());
        let serving = serve(theirs, Duration::ZERO, "220 a\r\n".into(), &script);
        let (asked, _) = tokio::join!(sessions.ask_over(ours, &call, &stuffed), serving);
        assert_eq!(asked.answer, Answer::NotPut { fault });
    }
    // A limit met on the way is no answer.
    let (ours, theirs) = duplex(1 << 16);
    let (sessions, call) = (sessions(), call());
    let serving = serve(theirs, Duration::ZERO, "421 too many\r\n".into(), &USUAL);
    let (asked, _) = tokio::join!(sessions.ask_over(ours, &call, &Question::Ssl2), serving);
    assert_eq!(asked.answer, Answer::NotPut { fault: reply(Stage::Greeting, 421, "too many") });
}

/// Recipients are tried only where the operator asked for it.
#[tokio::test(start_paused = true)]
async fn recipients_are_tried_on_demand() {
    let script = [
        ("EHLO", "250 mx.example\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT TO:<postmaster@example.net>", "250 ok\r\n"),
        ("RCPT", "550 no\r\n"),
        ("RSET", "250 ok\r\n"),
        ("QUIT", "221 bye\r\n"),
    ];
    let (ours, theirs) = duplex(1 << 16);
    let (sessions, call) = (sessions(), Call { intrusive: Some("example.net".into()), ..call() });
    let serving = serve(theirs, Duration::ZERO, "220 a\r\n".into(), &script);
    let (seen, heard) = tokio::join!(sessions.first_over(ours, &call), serving);
    let intrusive = seen.intrusive.unwrap();
    assert_eq!(intrusive.postmaster.unwrap().code, 250);
    assert_eq!(intrusive.unknown_recipient.unwrap().code, 550);
    assert_eq!(intrusive.relay.unwrap().code, 550);
    assert!(!heard.contains("DATA"), "{heard}");
    let (_, heard) = first(Duration::ZERO, "220 a\r\n", &script).await;
    assert!(!heard.contains("RCPT"), "{heard}");
}

/// How a server behaves once a question is over.
#[derive(Clone, Copy, Debug)]
enum Closes {
    After(Duration),
    Never,
    /// It goes on sending.
    Floods,
}

/// Servers count a connection until they have closed it; so do we.
#[tokio::test(start_paused = true)]
async fn a_connection_is_over_when_the_server_has_closed_it() {
    let ms = Duration::from_millis;
    for (closes, takes) in [
        (Closes::After(ms(0)), ms(0)),
        (Closes::After(ms(500)), ms(500)),
        (Closes::After(ms(5000)), ms(700)),
        (Closes::Never, ms(700)),
        (Closes::Floods, ms(0)),
    ] {
        let (ours, mut theirs) = duplex(1 << 12);
        let (sessions, call) = (sessions(), call());
        let serving = tokio::spawn(async move {
            let mut chunk = [0; 4096];
            for reply in ["220 a\r\n", "250-a\r\n250 STARTTLS\r\n", "220 go\r\n"] {
                theirs.write_all(reply.as_bytes()).await.unwrap();
                assert_ne!(theirs.read(&mut chunk).await.unwrap(), 0);
            }
            theirs.write_all(&[0x15, 3, 1, 0, 2, 2, 40]).await.unwrap();
            let mut rest = Vec::new();
            while let Ok(read @ 1..) = theirs.read(&mut chunk).await {
                rest.extend_from_slice(&chunk[..read]);
            }
            let mut flood = 0;
            match closes {
                Closes::After(time) => sleep(time).await,
                Closes::Never => sleep(Duration::from_secs(3600)).await,
                Closes::Floods => {
                    while flood < 1 << 20 && theirs.write_all(&chunk).await.is_ok() {
                        flood += chunk.len();
                    }
                }
            }
            (rest, flood)
        });
        let began = Instant::now();
        let asked = sessions.ask_over(ours, &call, &Question::Hello(hello())).await;
        assert_eq!(began.elapsed(), takes, "{closes:?}");
        assert_eq!(asked.answer, Answer::Alert { alert: Alert(40) });
        let (rest, flood) = serving.await.unwrap();
        // close_notify, and the end of our side.
        assert_eq!(rest, [0x15, 3, 1, 0, 2, 1, 0], "{closes:?}");
        assert!(flood < 128 * 1024, "{flood}");
    }
    // The first session is as patient.
    let began = Instant::now();
    let (ours, theirs) = duplex(1 << 16);
    let (sessions, call) = (sessions(), call());
    let slow = async {
        let (mut theirs, mut held) = (theirs, vec![0; 4096]);
        theirs.write_all(b"554 no\r\n").await.unwrap();
        while let Ok(1..) = theirs.read(&mut held).await {
            let _ = theirs.write_all(b"221 bye\r\n").await;
        }
        sleep(Duration::from_millis(400)).await;
    };
    let (seen, ()) = tokio::join!(sessions.first_over(ours, &call), slow);
    assert_eq!(seen.session.fault, Some(reply(Stage::Greeting, 554, "no")));
    assert_eq!(began.elapsed(), Duration::from_millis(400));
}
