//! The header fields of a message, without its body.

use mail_parser::{Address, HeaderValue, parsers::MessageStream};

/// The fields of a message in order, unfolded, with bytes that are not UTF-8 replaced.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// How much of a message is searched for fields.
    pub const HEADERS_OCTETS_MAX: usize = 256 * 1024;

    /// Reads the fields up to the first empty line. Lines that are no field are left out.
    pub fn read(message: &[u8]) -> Self {
        let message = &message[..message.len().min(Self::HEADERS_OCTETS_MAX)];
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in message.split_inclusive(|byte| *byte == b'\n') {
            let text = String::from_utf8_lossy(line);
            let text = text.trim_end_matches(['\r', '\n']);
            if text.is_empty() {
                break;
            }
            if text.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.last_mut() {
                    value.push_str(text);
                }
            } else if let Some((name, value)) = text.split_once(':') {
                fields.push((name.trim_end().to_ascii_lowercase(), value.trim_start().to_owned()));
            }
        }
        Self(fields)
    }

    /// The values of the fields called `name` (in lower case).
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.trim())
    }

    /// The value of the field called `name`, if there is exactly one.
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    /// The names, in lower case, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The addresses (`local@domain`) of the fields called `name`, at most [`Self::ADDRESSES_MAX`].
    pub fn addresses(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for value in self.all(name) {
            let line = format!("{value}\r\n");
            let parsed = MessageStream::new(line.as_bytes()).parse_address();
            let HeaderValue::Address(addresses) = parsed else { continue };
            let mut take =
                |address: &mail_parser::Addr<'_>| found.extend(address.address.as_deref().map(str::to_owned));
            match &addresses {
                Address::List(list) => list.iter().for_each(&mut take),
                Address::Group(groups) => {
                    groups.iter().flat_map(|group| &group.addresses).for_each(&mut take);
                }
            }
        }
        found.truncate(Self::ADDRESSES_MAX);
        found
    }

    /// How many addresses of a field are looked at.
    pub const ADDRESSES_MAX: usize = 1_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfolds_and_stops_at_the_body() {
        let fields = Fields::read(b"Subject: one\r\n  two\r\nno field\r\nX :y\r\n\r\nTo: body\r\n");
        assert_eq!(fields.only("subject"), Some("one  two"));
        assert_eq!(fields.only("x"), Some("y"));
        assert_eq!(fields.only("to"), None);
    }

    #[test]
    fn finds_addresses_in_lists_and_groups() {
        let fields = Fields::read(
            b"To: \"Doe, Jane\" <en@et.example.org>, de@ut.example.org (a comment)\r\n\
              To: friends: a@b.example, <c@d.example>;, undisclosed:;\r\n",
        );
        let expected = ["en@et.example.org", "de@ut.example.org", "a@b.example", "c@d.example"];
        assert_eq!(fields.addresses("to"), expected);
    }

    #[test]
    fn hostile_fields_cost_little() {
        let deep = format!("To: {}\r\n", "(".repeat(200_000));
        assert!(Fields::read(deep.as_bytes()).addresses("to").len() <= 1);
        let many = "To: a@b.example\r\n".repeat(20_000);
        assert_eq!(Fields::read(many.as_bytes()).addresses("to").len(), Fields::ADDRESSES_MAX);
        assert!(Fields::read(&[0xff; 1000]).names().next().is_none());
    }
}
