//! A signed file: made, read, and checked.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::shared::time::Timestamp;

use super::key::SealKey;
use super::record::KeyRecord;
use super::strict::Strict;

/// How large a signed file, or a redacted history, may be, in octets: a trial of a thousand connections has one.
pub const FILE_OCTETS_MAX: u64 = 16 << 20;
/// What the file holds, as its header says (RFC 7515 §4.1.9).
const TYPE: &str = "mailassay+json";

/// A document with a signature.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedDocument {
    document: Value,
    protected: String,
    signature: String,
}

/// What the signature says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Seal {
    /// The origin that it names as its signer.
    pub origin: String,
    /// Where the key is published.
    pub key_name: String,
    /// The key in the file.
    pub key: KeyRecord,
    /// When it was signed, as the signer says.
    pub at: Timestamp,
}

/// How much a signature that fits is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It fits the key that was given.
    Given,
    /// It fits the key in the file, which anybody could have put there.
    OnlyInFile,
}

/// Why a file is no signed document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it has more than {} MiB", FILE_OCTETS_MAX >> 20)]
    TooLarge,
    #[error("it is no JSON that reads in one way: {0}")]
    Json(String),
    #[error("it has no field `{0}`, which every signed document has; `trial show --json --signed` makes one")]
    Field(&'static str),
    #[error("its header is not that of a signed document: {0}")]
    Header(String),
}

/// Why a signature is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The document is not what was signed, or was signed by another key.
    Signature,
    /// The key that was given is not that of the file.
    OtherKey,
}

/// The protected header (RFC 7515 §4.1). Fields are in the order of their names; others, such as `crit`, would have to be
/// understood.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    /// Seconds of Unix time.
    iat: i64,
    jwk: Jwk,
    kid: String,
    typ: String,
}

/// An Ed25519 key as JSON (RFC 8037 §2).
#[derive(Debug, Serialize, Deserialize)]
struct Jwk {
    crv: String,
    kty: String,
    x: String,
}

impl SealedDocument {
    /// Signs a document.
    pub fn sign(key: &SealKey, document: Value, now: Timestamp) -> Self {
        let header = Header {
            // RFC 9864 has a name of its own for Ed25519, which few readers know yet.
            alg: "EdDSA".to_owned(),
            iat: now.as_second(),
            jwk: Jwk {
                crv: "Ed25519".to_owned(),
                kty: "OKP".to_owned(),
                x: BASE64URL_NOPAD.encode(key.public().octets()),
            },
            kid: key.name(),
            typ: TYPE.to_owned(),
        };
        let header = serde_json::to_vec(&header).expect("a header is JSON");
        let protected = BASE64URL_NOPAD.encode(&header);
        let signature = BASE64URL_NOPAD.encode(&key.sign(&signed_octets(&protected, &document)));
        Self { document, protected, signature }
    }

    /// The file that is handed on.
    pub fn json(&self) -> Value {
        json!({ "document": self.document, "protected": self.protected, "signature": self.signature })
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it is no signed document, or reads in more than one way.
    pub fn read(file: &[u8]) -> Result<Self, Unreadable> {
        if file.len() as u64 > FILE_OCTETS_MAX {
            return Err(Unreadable::TooLarge);
        }
        let read: Result<Strict, _> = serde_json::from_slice(file);
        let Strict(mut value) = read.map_err(|error| Unreadable::Json(error.to_string()))?;
        let mut field = |name| value.get_mut(name).map(Value::take).ok_or(Unreadable::Field(name));
        let (protected, signature, document) = (field("protected")?, field("signature")?, field("document")?);
        let Value::String(protected) = protected else { return Err(Unreadable::Field("protected")) };
        let Value::String(signature) = signature else { return Err(Unreadable::Field("signature")) };
        if !document.is_object() {
            return Err(Unreadable::Field("document"));
        }
        Ok(Self { document, protected, signature })
    }

    /// What is signed.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// What the signature says of itself. Before it was checked that is a claim.
    ///
    /// # Errors
    ///
    /// If the header is not as [`Self::sign`] writes it.
    pub fn seal(&self) -> Result<Seal, Unreadable> {
        let fault = |text: &str| Unreadable::Header(text.to_owned());
        let header = BASE64URL_NOPAD.decode(self.protected.as_bytes());
        let header = header.map_err(|_| fault("it is not written in base64url"))?;
        let header: Header = serde_json::from_slice(&header).map_err(|error| fault(&error.to_string()))?;
        let is_ours = matches!(header.alg.as_str(), "EdDSA" | "Ed25519") && header.typ == TYPE;
        if !is_ours || header.jwk.kty != "OKP" || header.jwk.crv != "Ed25519" {
            return Err(fault("it names another algorithm or type"));
        }
        let key = BASE64URL_NOPAD.decode(header.jwk.x.as_bytes()).ok().and_then(|key| KeyRecord::new(&key));
        let key = key.ok_or_else(|| fault("its key has not 32 octets"))?;
        let origin =
            key.origin_of(&header.kid).ok_or_else(|| fault("the name of its key is that of another"))?;
        let at = Timestamp::from_second(header.iat).map_err(|_| fault("its time is none"))?;
        Ok(Seal { origin: origin.to_owned(), key_name: header.kid.clone(), key, at })
    }

    /// Checks the signature, with the key that was given, if one was.
    ///
    /// # Errors
    ///
    /// If the signature fits neither, or the file has another key than was given.
    pub fn check(&self, seal: &Seal, given: Option<KeyRecord>) -> Result<Trust, Fault> {
        if given.is_some_and(|given| given != seal.key) {
            return Err(Fault::OtherKey);
        }
        let signature = BASE64URL_NOPAD.decode(self.signature.as_bytes()).map_err(|_| Fault::Signature)?;
        let key = UnparsedPublicKey::new(&ED25519, seal.key.octets());
        let octets = signed_octets(&self.protected, &self.document);
        key.verify(&octets, &signature).map_err(|_| Fault::Signature)?;
        Ok(if given.is_some() { Trust::Given } else { Trust::OnlyInFile })
    }
}

/// What is signed (RFC 7515 §5.1), of the document its canonical form (RFC 8785).
fn signed_octets(protected: &str, document: &Value) -> Vec<u8> {
    let canonical = serde_json_canonicalizer::to_vec(document).expect("a JSON value has a canonical form");
    format!("{protected}.{}", BASE64URL_NOPAD.encode(&canonical)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::keyfile::Keeping;

    fn key() -> SealKey {
        SealKey::keeping(&Keeping::nothing(), "/nowhere/seal.key.pem".as_ref(), "test.example")
            .expect("a key")
    }

    fn now() -> Timestamp {
        "2026-11-29T12:00:00Z".parse().expect("an instant")
    }

    #[test]
    fn blanks_and_order_do_not_count_and_everything_else_does() {
        let key = key();
        let document = json!({ "b": 1.5, "a": ["\u{20ac}", null, true], "\u{1f600}": { "x": 3 } });
        let sealed = SealedDocument::sign(&key, document, now());
        let file = serde_json::to_string_pretty(&sealed.json()).expect("JSON");
        let read = SealedDocument::read(file.as_bytes()).expect("a signed document");
        assert_eq!(read, sealed);
        let seal = read.seal().expect("a seal");
        assert_eq!((seal.origin.as_str(), seal.key, seal.at), ("test.example", key.public(), now()));
        assert_eq!(read.check(&seal, Some(key.public())), Ok(Trust::Given));
        assert_eq!(read.check(&seal, None), Ok(Trust::OnlyInFile));
        let other = SealKey::keeping(&Keeping::nothing(), "/nowhere/other.pem".as_ref(), "test.example");
        assert_eq!(read.check(&seal, Some(other.expect("a key").public())), Err(Fault::OtherKey));
        for (from, to) in [("1.5", "1.50001"), ("true", "false"), ("\u{20ac}", "\u{a3}"), ("\"x\"", "\"y\"")]
        {
            let changed = file.replacen(from, to, 1);
            assert_ne!(changed, file);
            let changed = SealedDocument::read(changed.as_bytes()).expect("a signed document");
            assert_eq!(changed.check(&seal, None), Err(Fault::Signature), "{from}");
        }
    }

    /// Who signs anew with a key of their own cannot name a record that has another.
    #[test]
    fn a_key_has_no_other_keys_name() {
        let sealed = SealedDocument::sign(&key(), json!({}), now());
        let theirs = SealedDocument::sign(&key(), json!({}), now());
        let name = sealed.seal().expect("a seal").key_name;
        let header = BASE64URL_NOPAD.decode(theirs.protected.as_bytes()).expect("base64url");
        let header = String::from_utf8(header).expect("text");
        let forged = header.replace(&theirs.seal().expect("a seal").key_name, &name);
        let forged = SealedDocument { protected: BASE64URL_NOPAD.encode(forged.as_bytes()), ..theirs };
        assert!(matches!(forged.seal(), Err(Unreadable::Header(_))));
    }

    #[test]
    fn what_reads_in_more_than_one_way_is_no_document() {
        for (file, said) in [
            (&br#"{"document":{"a":1,"a":2},"protected":"","signature":""}"#[..], "stands twice"),
            (br#"{"document":{"a":9007199254740993},"protected":"","signature":""}"#, "read differently"),
            (br#"{"protected":"","signature":""}"#, "no field `document`"),
            (br#"{"document":{},"signature":""}"#, "no field `protected`"),
            (b"[]", "no field `protected`"),
            (b"{", "no JSON"),
        ] {
            let error = SealedDocument::read(file).expect_err("unreadable").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
