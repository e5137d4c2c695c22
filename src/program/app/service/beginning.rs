//! Trials that an operator begins: labels of cases, over the socket of this host.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::{Deserialize, Serialize};

use crate::program::app::Clock;
use crate::sending::history::NotRecorded;
use crate::sending::persona::CaseId;
use crate::sending::trial::{Label, TrialId};
use crate::sending::trials::{Issuer, Wanted};

use super::Assembly;

/// Where a list of cases, as JSON, is answered with [`Begun`].
pub(in crate::program::app) const TRIALS_PATH: &str = "/trials";

/// A trial that is to begin, as `mailassay trial new` is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::program::app) struct Begun {
    pub(in crate::program::app) trial: TrialId,
    /// The label of each case; of a case that is not among them the permanent name is used.
    pub(in crate::program::app) labels: BTreeMap<CaseId, Label>,
}

/// Whoever begins trials.
struct Beginning {
    issuer: Issuer,
    clock: Clock,
    secret: [u8; 32],
}

impl Assembly {
    /// Whoever gives out labels for trials that are to begin.
    pub(super) fn issuer(&self) -> Issuer {
        Issuer {
            labels: self.trials.labels().clone(),
            journal: Arc::clone(&self.journal),
            catalogue: Arc::clone(&self.catalogue),
            pool_labels: self.settings.tls.pool_labels,
        }
    }

    /// What an operator may order of a running service.
    pub(super) fn orders_of_operator(&self) -> Router {
        let (issuer, clock, secret) = (self.issuer(), Arc::clone(&self.clock), self.secret);
        let beginning = Arc::new(Beginning { issuer, clock, secret });
        Router::new().route(TRIALS_PATH, post(begin)).with_state(beginning)
    }
}

impl Beginning {
    #[expect(clippy::disallowed_methods, reason = "the roof draws")]
    async fn begin(&self, cases: Vec<CaseId>) -> Result<Begun, NotRecorded> {
        let wanted = Wanted { label: TrialId::new_label(&rand::random()), cases, first: None, domain: None };
        let labels = self.issuer.issue((self.clock)(), &wanted).await?;
        Ok(Begun { trial: TrialId::of_label(&self.secret, &wanted.label), labels })
    }
}

async fn begin(State(beginning): State<Arc<Beginning>>, cases: String) -> Response {
    let Ok(cases) = serde_json::from_str::<Vec<CaseId>>(&cases) else {
        return (StatusCode::BAD_REQUEST, "the body is no list of cases\n").into_response();
    };
    let begun = beginning.begin(cases).await.map_err(|error| error.to_string());
    match begun.and_then(|begun| serde_json::to_string(&begun).map_err(|error| error.to_string())) {
        Ok(begun) => ([(header::CONTENT_TYPE, "application/json")], begun).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
    }
}
