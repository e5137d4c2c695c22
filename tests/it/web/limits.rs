//! What the site lets one client hold, and for how long.

use tokio::net::TcpSocket;

use super::*;

#[tokio::test]
async fn one_address_may_not_hold_all_connections() {
    let settings = Settings { connections_per_address_max: 2, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let held = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let mut third = TcpStream::connect(address).await.unwrap();
    let mut nothing = [0; 1];
    // The third is closed unread, by FIN or by RST.
    assert!(third.read(&mut nothing).await.map_or(true, |read| read == 0));
    drop(held);
}

/// Connects from an address of loopback, and says whether it was let in.
async fn is_let_in(from: [u8; 4], address: SocketAddr, held: &mut Vec<TcpStream>) -> bool {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    // Who is let in is answered, and may ask again; who is not is closed unread, by FIN or by RST.
    let _ = stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answered = stream.read(&mut [0; 1]).await.is_ok_and(|read| read > 0);
    held.push(stream);
    answered
}

#[tokio::test]
async fn a_network_may_not_hold_all_connections_and_another_is_served() {
    let settings = Settings { connections_per_network_max: 3, connections_max: 5, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let mut held = Vec::new();
    let mut let_in = Vec::new();
    for from in
        [[127, 0, 0, 1], [127, 0, 0, 2], [127, 0, 0, 3], [127, 0, 0, 4], [127, 1, 0, 1], [127, 2, 0, 1]]
    {
        let_in.push(is_let_in(from, address, &mut held).await);
    }
    assert_eq!(let_in, [true, true, true, false, true, true]);
    assert!(!is_let_in([127, 3, 0, 1], address, &mut held).await, "all are taken");
}

#[tokio::test]
async fn a_connection_brings_so_many_requests_and_a_new_one_goes_on() {
    let settings = Settings { requests_max: 3, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let one = get("/health", "x").replace("Connection: close\r\n", "");
    let answers = ask(TcpStream::connect(address).await.unwrap(), &one.repeat(10)).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 3, "{answers}");
    assert!(fetch(address, "/health").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_that_does_not_end_in_time_ends_the_connection() {
    let settings = Settings { head_timeout_s: 1, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_connection_that_lasts_too_long_is_cut() {
    let settings = Settings { head_timeout_s: 60, connection_timeout_s: 1, ..Settings::default() };
    let (address, _guard) = site(None, settings).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let (address, _guard) = site(None, Settings::default()).await;
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(40_000));
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The service may close before all of it is written.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}
