//! What a site owes to those who use it, and to those it writes to: privacy, imprint, contact, objection; and the files
//! that programs look for.

pub(super) mod objection;
mod told;
mod well_known;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::shared::text::Words;

use super::operator::Operator;
use super::own::{OwnPage, OwnText};
use super::parts::Site;
use super::shell::{Reach, Shell, not_found, show};
use super::visitor::Visitor;
use super::words;

pub use told::{Told, told};

/// How long these pages may be kept, in seconds.
const MAX_AGE_S: u32 = 3_600;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/privacy", get(privacy))
        .route("/imprint", get(imprint))
        .route("/contact", get(contact))
        .merge(well_known::routes())
}

#[derive(Template)]
#[template(path = "program/site/notices/privacy.html", config = ".askama.toml")]
struct Privacy<'a> {
    shell: Shell,
    name: &'a str,
    mail: String,
    objection: String,
    kept: Vec<Told>,
    /// What the operator says itself.
    own: Option<OwnText>,
}

async fn privacy(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let notices = &site.parts.notices;
    let page = Privacy {
        shell: public(&visitor, "privacy-title"),
        name: notices.name(),
        mail: notices.mail(),
        objection: notices.objection(),
        kept: told(&notices.kept, visitor.language),
        own: site.parts.own.load().text(OwnPage::Privacy, visitor.language),
    };
    show(&page.shell, &page)
}

#[derive(Template)]
#[template(path = "program/site/notices/imprint.html", config = ".askama.toml")]
struct Imprint<'a> {
    shell: Shell,
    operator: &'a Operator,
    mail: String,
    /// What the operator says itself, in the place of all else.
    own: Option<OwnText>,
}

async fn imprint(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let notices = &site.parts.notices;
    if !site.has_imprint() {
        return not_found(visitor).await;
    }
    let shell = public(&visitor, "imprint-title");
    let own = site.parts.own.load().text(OwnPage::Imprint, visitor.language);
    let page = Imprint { shell, operator: &notices.operator, mail: notices.mail(), own };
    show(&page.shell, &page)
}

#[derive(Template)]
#[template(path = "program/site/notices/contact.html", config = ".askama.toml")]
struct Contact<'a> {
    shell: Shell,
    name: &'a str,
    operator: &'a Operator,
    mail: String,
    security: &'a str,
}

async fn contact(State(site): State<Arc<Site>>, visitor: Visitor) -> Response {
    let notices = &site.parts.notices;
    let page = Contact {
        shell: public(&visitor, "contact-title"),
        name: notices.name(),
        operator: &notices.operator,
        mail: notices.mail(),
        security: &notices.security_contact,
    };
    show(&page.shell, &page)
}

fn public(visitor: &Visitor, title: &str) -> Shell {
    Shell::new(visitor, of(visitor).say(title), Reach::Public { max_age_s: MAX_AGE_S })
}

fn of(visitor: &Visitor) -> &'static Words {
    words::of(visitor.language)
}
