//! What the operator says of itself, and what follows for the notices.

use serde::Deserialize;

use crate::program::rights::{Kept, OBJECTION_LOCAL_PART};

/// Who runs the site: the table `[site.operator]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// The name of a person or an organisation.
    pub name: Option<String>,
    /// The lines of a postal address. With a name it makes an imprint.
    pub address: Vec<String>,
    /// A mail address. Default: `postmaster@` and the origin, which the service takes mail for.
    pub mail: Option<String>,
    pub phone: Option<String>,
    /// The country, as it ends the address.
    pub country: Option<String>,
}

impl Operator {
    /// Whether enough is known for an imprint.
    pub fn has_imprint(&self) -> bool {
        self.name.is_some() && !self.address.is_empty()
    }

    /// The phone number as it is dialled (RFC 3966 §3: without what only parts its digits for the eye).
    pub(super) fn dialled(&self) -> String {
        // A nought in brackets is for those who call from within the country.
        let phone = self.phone.as_deref().unwrap_or_default().replace("(0)", "");
        phone.chars().filter(|c| matches!(c, '+' | '0'..='9')).collect()
    }
}

/// What the notices are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices {
    pub operator: Operator,
    /// The domain of the service.
    pub origin: String,
    /// Where faults of the service are to be told, as a URI.
    pub security_contact: String,
    /// What is kept, and for how long.
    pub kept: Vec<Kept>,
}

impl Notices {
    /// Where people write to.
    pub(super) fn mail(&self) -> String {
        self.operator.mail.clone().unwrap_or_else(|| format!("postmaster@{}", self.origin))
    }

    /// Where a domain's postmaster objects.
    pub(super) fn objection(&self) -> String {
        format!("{}@{}", OBJECTION_LOCAL_PART, self.origin)
    }

    /// How the operator is called.
    pub(super) fn name(&self) -> &str {
        self.operator.name.as_deref().unwrap_or(&self.origin)
    }
}
