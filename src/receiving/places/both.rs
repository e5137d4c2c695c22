//! Places of two kinds at once: those that a survey's workers share, and those of the service that scans here.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::port::{Places, Sign};
use crate::receiving::scan::Held;

/// Takes a place of the first, and then one of the second. Everybody who takes of both takes in this order.
pub struct Both {
    pub first: Arc<dyn Places>,
    pub second: Arc<dyn Places>,
}

impl Places for Both {
    fn take<'a>(&'a self, sign: &'a Sign, of: u8) -> BoxFuture<'a, Held> {
        Box::pin(async move {
            let first = self.first.take(sign, of).await;
            let second = self.second.take(sign, of).await;
            Box::new((first, second)) as Held
        })
    }
}
