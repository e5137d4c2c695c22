//! Tests of the grammar.

use proptest::prelude::*;

use super::*;

fn strict(line: &str) -> Command {
    let parsed = parse(line.as_bytes());
    assert!(!parsed.lax, "{line}");
    parsed.command.unwrap_or_else(|why| panic!("{line}: {why:?}"))
}

fn malformed(line: &str) -> Malformed {
    parse(line.as_bytes()).command.expect_err(line)
}

fn address(line: &str) -> String {
    match strict(line) {
        Command::Mail { from: Some(address), .. } | Command::Rcpt(Recipient::Address(address)) => {
            address.to_string()
        }
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn paths_are_kept_as_written() {
    for (path, kept) in [
        ("<a@example.net>", "a@example.net"),
        ("<\"a b\"@example.net>", "\"a b\"@example.net"),
        ("<\"a\\\"b\"@example.net>", "\"a\\\"b\"@example.net"),
        ("<a@[127.0.0.1]>", "a@[127.0.0.1]"),
        ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"),
        ("<@relay.example,@two.example:a@example.net>", "a@example.net"),
        ("<prvs=1234=a@example.net>", "prvs=1234=a@example.net"),
        ("<j\u{f6}@b\u{fc}cher.example>", "j\u{f6}@b\u{fc}cher.example"),
    ] {
        assert_eq!(address(&format!("MAIL FROM:{path}")), kept);
        assert_eq!(address(&format!("rcpt to:{path}")), kept);
    }
    assert!(matches!(strict("MAIL FROM:<>"), Command::Mail { from: None, .. }));
    assert_eq!(strict("RCPT TO:<Postmaster>"), Command::Rcpt(Recipient::Postmaster));
}

#[test]
fn other_protocols_are_told_from_bad_commands() {
    for line in [
        "GET / HTTP/1.1",
        "POST /r HTTP/1.1",
        "CONNECT a:25 HTTP/1.1",
        "PUT / HTTP/1.1",
        "HEAD / HTTP/1.0",
        "OPTIONS * HTTP/1.1",
        "PRI * HTTP/2.0",
        "Host: mx.test.example",
        "Subject : a",
        "X:",
        "SSH-2.0-OpenSSH_9.6",
        "\x16\x03\x01\x02",
    ] {
        assert_eq!(malformed(line), Malformed::Foreign, "{line}");
    }
    for line in ["FOO", "get", "GETS a", "XCLIENT NAME=a:b", "FOO a: b", ":", "", "\u{e9}: a"] {
        assert_eq!(malformed(line), Malformed::UnknownVerb, "{line}");
    }
    assert!(matches!(strict("MAIL FROM:<a@example.net>"), Command::Mail { .. }));
}

#[test]
fn what_is_no_path_is_refused() {
    for path in [
        "<a b@c.d>",
        "<a@>",
        "<@b>",
        "<a@b",
        "a",
        "<a@-b.c>",
        "<a@[1.2.3]>",
        "<a@b..c>",
        "<a@b>x",
        "",
        "<a@b>>",
    ] {
        assert_eq!(malformed(&format!("MAIL FROM:{path}")), Malformed::ReversePath, "{path}");
        assert_eq!(malformed(&format!("RCPT TO:{path}")), Malformed::ForwardPath, "{path}");
    }
    assert_eq!(malformed("RCPT TO:<>"), Malformed::ForwardPath);
    assert_eq!(parse(b"MAIL FROM:<\xff@b.c>").command, Err(Malformed::ReversePath));
}

#[test]
fn lax_syntax_is_taken_and_marked() {
    for line in [
        "MAIL FROM: <a@b.c>",
        "MAIL FROM:a@b.c",
        "MAIL FROM:<a@b.c> ",
        "MAIL FROM:<a@b.c>  SIZE=1",
        "MAIL FROM:<a.@b.c>",
        "RCPT TO:<a..b@c.d>",
        "RCPT TO:<a@c.d.>",
        "DATA ",
        "EHLO  x",
        "EHLO x!",
        "HELO \u{1}",
    ] {
        let parsed = parse(line.as_bytes());
        assert!(parsed.lax && parsed.command.is_ok(), "{line}: {parsed:?}");
    }
    for line in ["EHLO [192.0.2.1]", "EHLO mx.example.net", "NOOP a b", "HELP MAIL", "quit"] {
        strict(line);
    }
}

#[test]
fn lines_that_are_no_commands_say_why() {
    for line in
        ["DATA foo", "STARTTLS foo", "EHLO a b", "EHLO", "HELO ", "RSET x", "VRFY", "MAIL", "MAIL TO:<a@b>"]
    {
        assert_eq!(malformed(line), Malformed::Argument, "{line}");
    }
    for line in ["", " EHLO x", "EHLO\tx", "MAILFROM:<a@b>"] {
        assert_eq!(malformed(line), Malformed::UnknownVerb, "{line}");
    }
    assert_eq!(malformed("BDAT 99999999999999999999999"), Malformed::Chunk);
    assert_eq!(malformed("AUTH PLAIN"), Malformed::NotServed);
}

#[test]
fn parameters_are_those_that_are_offered() {
    let parameters = |text: &str| match parse(format!("MAIL FROM:<a@b.c> {text}").as_bytes()).command {
        Ok(Command::Mail { parameters, .. }) => Ok(parameters),
        Ok(other) => panic!("{other:?}"),
        Err(why) => Err(why),
    };
    let all = parameters("size=1000 BODY=8BITMIME SMTPUTF8").expect("well-formed");
    assert_eq!(
        all,
        MailParameters { size_octets: Some(1000), eight_bit: true, smtputf8: true, require_tls: false }
    );
    assert_eq!(parameters("SIZE=99999999999999999999").expect("20 digits").size_octets, Some(u64::MAX));
    for wrong in ["SIZE=99999999999999999999999", "SIZE", "SIZE=-1", "BODY=x", "SMTPUTF8=1", "SIZE=1 SIZE=1"]
    {
        assert_eq!(parameters(wrong), Err(Malformed::Parameter), "{wrong}");
    }
    assert!(parameters("requiretls").is_ok_and(|given| given.require_tls));
    assert_eq!(parameters("REQUIRETLS=yes"), Err(Malformed::Parameter));
    assert_eq!(malformed("RCPT TO:<a@b.c> NOTIFY=NEVER"), Malformed::RcptParameter);
}

#[test]
fn a_long_or_foul_name_is_cut_and_cleaned() {
    let name = |line: &[u8]| match parse(line).command {
        Ok(Command::Hello { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(name(b"EHLO a\xffb\x1b[2J"), "a?b?[2J");
    assert_eq!(name(&[b"EHLO ".as_slice(), &[b'a'; 1000]].concat()).len(), HELLO_NAME_OCTETS_MAX);
}

#[test]
fn quotes_do_not_change_whom_a_local_part_means() {
    let plain = |local: &str| Address { local: local.to_owned(), domain: String::new() }.plain_local();
    assert_eq!(plain("en"), "en");
    assert_eq!(plain("\"en\""), "en");
    assert_eq!(plain("\"e\\n \\\\\""), "en \\");
}

proptest! {
    #[test]
    fn nothing_breaks_the_parser(line in prop::collection::vec(any::<u8>(), 0..80)) {
        parse(&line);
        parse(&[b"MAIL FROM:<", line.as_slice()].concat());
    }

    #[test]
    fn smtp_proto_agrees_on_plain_addresses(local in "[a-z0-9]{1,9}([.][a-z0-9]{1,9}){0,2}", domain in "[a-z0-9]{1,9}([.][a-z]{2,9}){1,2}", size in 0u32..) {
        let line = format!("MAIL FROM:<{local}@{domain}> SIZE={size}\r\n");
        let theirs = smtp_proto::Request::parse(&mut line.as_bytes().iter()).expect("their parser takes it");
        let smtp_proto::Request::Mail { from } = theirs else { panic!("{theirs:?}") };
        let ours = strict(line.trim_end());
        let Command::Mail { from: Some(address), parameters } = ours else { panic!("{ours:?}") };
        prop_assert_eq!(address.to_string(), from.address.as_ref());
        prop_assert_eq!(parameters.size_octets, Some(from.size as u64));
    }
}
