//! Who has a CA's questions answered.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Has every name server of ours give these answers to a CA's questions and no others: for each domain its texts (RFC 8555
/// §8.4). They are given when it has ended well; the reason of a failure says what to do.
pub type Answer = Arc<
    dyn Fn(BTreeMap<String, Vec<String>>) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>>
        + Send
        + Sync,
>;
