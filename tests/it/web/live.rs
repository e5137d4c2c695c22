//! A trial's page while it runs, and its events.

use tokio::io::{AsyncBufReadExt, BufReader};

use super::*;

/// A reader of events, as a browser is one.
struct Reader {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Reader {
    async fn open(address: SocketAddr, query: &str, last: Option<&str>) -> Self {
        let last = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
        let path = format!("/r/{}/events?{query}", trial());
        let request = format!("GET {path} HTTP/1.1\r\nHost: test.example.org\r\n{last}\r\n");
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self { stream: BufReader::new(stream), head: String::new() };
        while !reader.head.ends_with("\r\n\r\n") {
            assert!(reader.stream.read_line(&mut reader.head).await.unwrap() > 0, "{}", reader.head);
        }
        reader.head.make_ascii_lowercase();
        reader
    }

    /// The next event, in the lines of the stream; none at its end.
    async fn event(&mut self) -> Option<String> {
        let mut event = String::new();
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).await.unwrap();
            let line = line.trim_end();
            match line {
                _ if read == 0 => return None,
                "" if event.contains("event: ") => return Some(event),
                // A size of the chunked transfer, or the end of the body.
                "0" => return None,
                size if size.bytes().all(|octet| octet.is_ascii_hexdigit()) => {}
                line => event = event + line + "\n",
            }
        }
    }

    /// The events up to the end.
    async fn rest(mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await {
            events.push(event);
        }
        events
    }
}

#[tokio::test]
async fn a_running_trial_shows_its_steps_without_a_script_too() {
    let (_known, address, _guard) = site_with(running(), Settings::default()).await;
    let page = fetch(address, &format!("/r/{}", trial())).await;
    for text in [
        "Your test is running",
        "Connection 1",
        "We offered STARTTLS.",
        "An attempt is awaited.",
        "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>",
        &format!("/r/{}/events?lang=en&#38;stage=running&#38;after=10", trial()),
        "/assets/live.js",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let (_known, address, _guard) = site_with(finished(), Settings::default()).await;
    let page = fetch(address, &format!("/r/{}", trial())).await;
    assert!(!page.contains("live.js") && !page.contains("refresh"), "{page}");
}

#[tokio::test]
async fn events_come_as_they_happen_and_the_answer_ends_them() {
    let (known, address, _guard) = site_with(running(), Settings::default()).await;
    let mut reader = Reader::open(address, "lang=en&stage=running&after=10", None).await;
    for field in ["content-type: text/event-stream", "x-accel-buffering: no", "cache-control: no-store"] {
        assert!(reader.head.contains(field), "{field} in {}", reader.head);
    }
    // What is awaited is always told; the first step is known to the page.
    let first = reader.event().await.unwrap();
    assert!(first.contains("retry: 500") && first.contains("event: awaited"), "{first}");
    known.change(|report| report.steps.push(step(2, 20, "After this, \"encrypt\" is <excluded>.")));
    let second = reader.event().await.unwrap();
    assert!(
        second.contains("id: 20\nevent: step") && second.contains("\"key\":\"connection-2\""),
        "{second}"
    );
    assert!(second.contains("&#60;excluded&#62;"), "{second}");
    // A connection that goes on is the same step, further on.
    known.change(|report| report.steps[0] = step(1, 30, "Much follows."));
    let third = reader.event().await.unwrap();
    assert!(third.contains("id: 30") && third.contains("\"before\":\"connection-2\""), "{third}");
    known.change(|report| *report = finished());
    assert_eq!(reader.rest().await, ["event: end\ndata: \n"].map(|event| event.replace("data: ", "data:")));
    let after = fetch(address, &format!("/r/{}/events?stage=running", trial())).await;
    assert!(after.starts_with("HTTP/1.1 204"), "an event source does not come again: {after}");
}

#[tokio::test]
async fn who_comes_again_is_told_what_it_missed() {
    let report = Report { steps: vec![step(1, 10, "a"), step(2, 20, "b"), step(3, 15, "c")], ..running() };
    let (_known, address, _guard) = site_with(report, Settings::default()).await;
    // The last event that a browser had counts for more than what its page was loaded with.
    let mut reader = Reader::open(address, "lang=en&stage=running&after=0", Some("10")).await;
    let told = [reader.event().await.unwrap(), reader.event().await.unwrap(), reader.event().await.unwrap()];
    let ids = told.each_ref().map(|event| event.lines().find_map(|line| line.strip_prefix("id: ")));
    assert_eq!(ids, [Some("15"), Some("20"), None], "in the order of their places: {told:?}");
}

#[tokio::test]
async fn a_page_of_another_stage_is_loaded_anew() {
    let answered = Report { stage: Stage::Answered, ..finished() };
    let (known, address, _guard) = site_with(answered, Settings::default()).await;
    let late = Reader::open(address, "lang=en&stage=running", None).await;
    assert_eq!(late.rest().await.len(), 1);
    let page = fetch(address, &format!("/r/{}", trial())).await;
    assert!(page.contains("<p>a verdict</p>") && page.contains("stage=answered"), "{page}");
    let mut waits = Reader::open(address, "lang=en&stage=answered", None).await;
    assert!(waits.event().await.unwrap().contains("event: awaited"));
    known.change(|report| *report = finished());
    assert!(waits.event().await.unwrap().contains("event: end"));
}

#[tokio::test]
async fn all_who_watch_share_one_rendering() {
    let (known, address, _guard) =
        site_with(running(), Settings { streams_per_address_max: 99, ..Settings::default() }).await;
    let mut readers = Vec::new();
    for _ in 0..20 {
        let mut reader = Reader::open(address, "lang=en&stage=running&after=10", None).await;
        reader.event().await.unwrap();
        readers.push(reader);
    }
    let asked = *known.asked.lock();
    known.change(|report| report.steps.push(step(2, 20, "b")));
    for reader in &mut readers {
        assert!(reader.event().await.unwrap().contains("id: 20"));
    }
    assert_eq!(*known.asked.lock(), asked + 1, "a change is rendered once");
}

#[tokio::test]
async fn a_stream_ends_before_its_connection_is_cut() {
    let settings = Settings { connection_timeout_s: 1, ..Settings::default() };
    let (_known, address, _guard) = site_with(running(), settings).await;
    let mut reader = Reader::open(address, "lang=en&stage=running&after=10", None).await;
    assert!(reader.event().await.is_some());
    // The last chunk comes: the browser sees an end, and no failure.
    assert_eq!(reader.event().await, None);
    let mut rest = String::new();
    assert_eq!(reader.stream.read_line(&mut rest).await.unwrap(), 2, "{rest}");
}

#[tokio::test]
async fn a_client_a_network_and_a_trial_have_so_many_streams() {
    let query = "lang=en&stage=running&after=10";
    for (settings, status) in [
        (Settings { streams_per_address_max: 1, ..Settings::default() }, "429"),
        (Settings { streams_per_network_max: 1, ..Settings::default() }, "429"),
        (Settings { streams_per_trial_max: 1, ..Settings::default() }, "429"),
        (Settings { streams_max: 1, ..Settings::default() }, "503"),
    ] {
        let (_known, address, _guard) = site_with(running(), settings).await;
        let mut held = Reader::open(address, query, None).await;
        held.event().await.unwrap();
        let second = Reader::open(address, query, None).await;
        let head = second.head;
        assert!(
            head.starts_with(&format!("http/1.1 {status}")) && head.contains("retry-after: 30"),
            "{head}"
        );
        // The page itself still comes.
        assert!(fetch(address, &format!("/r/{}", trial())).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn behind_a_proxy_each_client_has_its_own() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let settings = Settings {
        streams_per_address_max: 1,
        connections_per_address_max: 1,
        trusted_proxies,
        ..Settings::default()
    };
    let (_known, address, _guard) = site_with(running(), settings).await;
    let open = |client: &str| {
        let path = format!("/r/{}/events?lang=en&stage=running", trial());
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {client}\r\n\r\n");
        async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut line = String::new();
            let mut stream = BufReader::new(stream);
            stream.read_line(&mut line).await.unwrap();
            (stream, line)
        }
    };
    let one = open("192.0.2.1").await;
    let two = open("192.0.2.2").await;
    let again = open("192.0.2.1").await;
    assert!(
        one.1.contains("200") && two.1.contains("200") && again.1.contains("429"),
        "{one:?} {two:?} {again:?}"
    );
}
