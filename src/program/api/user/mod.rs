//! Who asks, and the keys that the operator gives out.

mod caller;
mod key;

pub use caller::Client;
pub(super) use caller::{Caller, Stopped, User, challenges};
pub use key::{ApiKey, NoUserName, UserName};
