//! Extended errors (RFC 8914): why a question was not answered, and what to do about it.

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::authority::serve) enum ExtendedError {
    /// No zone of ours holds the name.
    NotAuthoritative,
    /// A transfer, which is for our secondaries.
    TransferProhibited,
    /// Something else than a question of class IN.
    NotSupported,
    /// A catalog zone, which is for our secondaries.
    CatalogProhibited,
}

impl ExtendedError {
    /// The code and the text, as they stand in the option (RFC 8914 §2).
    pub(super) fn octets(self) -> Vec<u8> {
        let (code, text): (u16, &str) = match self {
            Self::NotAuthoritative => (20, "This server does not serve that zone; look at the delegation."),
            Self::TransferProhibited => {
                (18, "Zones go to the secondaries of this server alone: check address and TSIG key.")
            }
            Self::NotSupported => (21, "Only queries of class IN are answered here."),
            Self::CatalogProhibited => (18, "The catalog of zones is for the secondaries of this server."),
        };
        let mut octets = code.to_be_bytes().to_vec();
        octets.extend(text.as_bytes());
        octets
    }
}
