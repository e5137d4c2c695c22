//! What was rendered already: a page of something that does not change is made once, within a limit of octets.

use std::sync::Arc;

use moka::future::Cache;

/// How much is remembered, in octets.
const OCTETS_MAX: u64 = 16 << 20;

/// A page's inner part, or a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::site) struct Part {
    /// What it says in one line.
    pub(in crate::program::site) title: String,
    pub(in crate::program::site) text: String,
}

/// Parts by what they are of. Beyond the limit those go that are asked for the least.
pub(in crate::program::site) struct Rendered(Cache<String, Arc<Part>>);

impl Default for Rendered {
    fn default() -> Self {
        let octets = |key: &String, part: &Arc<Part>| {
            u32::try_from(key.len() + part.title.len() + part.text.len()).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(OCTETS_MAX).weigher(octets).build())
    }
}

impl Rendered {
    /// The part that was made of `key`, if it is remembered.
    pub(in crate::program::site) async fn get(&self, key: &str) -> Option<Arc<Part>> {
        self.0.get(key).await
    }

    /// Remembers a part.
    pub(in crate::program::site) async fn keep(&self, key: String, part: Arc<Part>) {
        self.0.insert(key, part).await;
    }

    /// Forgets what begins so.
    pub(in crate::program::site) async fn forget(&self, begin: &str) {
        for (key, _) in &self.0 {
            if key.starts_with(begin) {
                self.0.invalidate(key.as_str()).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_forgotten_is_made_anew() {
        let rendered = Rendered::default();
        let part = Arc::new(Part { title: String::new(), text: "text".to_owned() });
        for key in ["1 en", "1 de", "11 en"] {
            rendered.keep(key.to_owned(), Arc::clone(&part)).await;
        }
        rendered.forget("1 ").await;
        assert!(rendered.get("1 en").await.is_none() && rendered.get("1 de").await.is_none());
        assert_eq!(rendered.get("11 en").await, Some(part));
    }
}
