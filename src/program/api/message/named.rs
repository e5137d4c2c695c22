//! What an address names: a part of its path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::problem::Problem;

/// What an address names. What is no text names nothing that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::program::api) struct Named(pub(in crate::program::api) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name)).map_err(|_| Problem::not_found())
    }
}
