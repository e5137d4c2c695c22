//! Keys of zones that are rolled over: all nodes show the new one within seconds.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use tokio::net::UdpSocket;

use super::*;

/// How long both may take to look at what was written: far less than the hour in which they look anyway.
const SEEN: Duration = Duration::from_secs(60);

/// How many keys a zone has at a node.
async fn keys(config: &Path) -> usize {
    let server = mailassay::program::config::load(config).unwrap().listen.dns[0];
    let mut question = Message::new(4711, MessageType::Query, OpCode::Query);
    question.add_query(Query::query(Name::from_ascii("test.localhost.").unwrap(), RecordType::DNSKEY));
    let mut edns = Edns::new();
    edns.set_max_payload(4096).set_version(0);
    question.set_edns(edns);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&question.to_vec().unwrap(), server).await.unwrap();
    let mut octets = [0; 4_096];
    let Ok(answer) = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut octets)).await else {
        return 0;
    };
    Message::from_vec(&octets[..answer.unwrap()]).unwrap().answers.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_rolled_over_is_shown_by_all_nodes_within_seconds() {
    let Some(server) = Server::shared("a key of two services") else { return };
    let pair = pair(&server.database("rolled"), 3);
    // Else zones are made anew every ten seconds anyway.
    for config in &pair.configs {
        let text = fs::read_to_string(config).unwrap();
        let slow = text.replace("rotation_s = 10\n", "rotation_s = 1000\n");
        assert_ne!(slow, text);
        fs::write(config, slow).unwrap();
    }
    let one = Service::start(&pair.configs[0], &[]).await;
    let other = Service::start(&pair.configs[1], &[]).await;
    let before = keys(&pair.configs[0]).await;
    assert!(before > 0 && keys(&pair.configs[1]).await == before);
    let (code, output, error) = run(&["zone", "roll-ksk"], Some(&pair.configs[0]));
    assert_eq!(code, 0, "{output}{error}");
    for config in &pair.configs {
        let shown = async || keys(config).await == before + 1;
        tokio::time::timeout(SEEN, until("it shows the new key", shown)).await.unwrap();
    }
    one.stop().await;
    other.stop().await;
}
