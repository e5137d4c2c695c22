//! The line of a command (`smtp::command`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailassay::shared::smtp::command::{self, Command, HELLO_NAME_OCTETS_MAX, Recipient};

fuzz_target!(|line: &[u8]| {
    let parsed = command::parse(line);
    match &parsed.command {
        Ok(Command::Hello { name, .. }) => {
            assert!(name.len() <= HELLO_NAME_OCTETS_MAX && !name.chars().any(char::is_control));
        }
        // What was read of a path says the same when it is written as a path.
        Ok(Command::Mail { from: Some(address), .. }) => {
            let again = command::parse(format!("MAIL FROM:<{address}>").as_bytes());
            let Ok(Command::Mail { from: Some(read), .. }) = &again.command else {
                panic!("{address}: {again:?}")
            };
            assert_eq!(read, address);
        }
        Ok(Command::Rcpt(Recipient::Address(address))) => {
            let again = command::parse(format!("RCPT TO:<{address}>").as_bytes());
            assert_eq!(again.command, Ok(Command::Rcpt(Recipient::Address(address.clone()))), "{address}");
        }
        _ => {}
    }
    // A verb has no case.
    let end = line.iter().position(|octet| *octet == b' ').unwrap_or(line.len());
    let mut upper = line.to_vec();
    upper[..end].make_ascii_uppercase();
    assert_eq!(command::parse(&upper).command.is_ok(), parsed.command.is_ok());
});
