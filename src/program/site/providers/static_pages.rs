//! The published part as static pages for any web host: the same pages in both languages, with relative links.

use std::net::Ipv4Addr;

use crate::program::providers::{ProviderName, Register, RegisterError};
use crate::shared::text::Language;
use crate::shared::time::Timestamp;

use super::super::assets;
use super::super::visitor::{Client, Furnished};
use super::{Framed, View, Visitor, evidence, exports, halls, provider, table};

/// A file of the static pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticPage {
    /// Where it lies, from the folder of all.
    pub path: String,
    pub content: String,
}

/// All files of the published part, as it is at `now`. What is not part of it is linked to at `url`, the site.
///
/// # Errors
///
/// If the archive does not answer, or a row cannot be read.
pub async fn static_pages(
    register: &Register,
    url: &str,
    now: Timestamp,
) -> Result<Vec<StaticPage>, RegisterError> {
    let mut pages = Vec::new();
    for language in Language::ALL {
        pages.extend(in_language(register, url, now, language).await?);
    }
    let visitor = visitor(Language::default(), "/providers");
    let view = View { register, url, now, visitor: &visitor };
    let index = framed(url, "index.html", Language::default(), &table::made(view).await?);
    pages.push(index);
    let file = |path: &str, content: String| StaticPage { path: path.to_owned(), content };
    pages.push(file("providers.csv", exports::table(view).await?));
    pages.push(file("providers.json", exports::document(view).await?));
    for published in register.published(now).await? {
        let name = &published.provider.name;
        for number in numbers(&published.row) {
            if let Some(document) = evidence::document(view, name, number).await? {
                pages.push(file(&format!("evidence/{name}-{number}.json"), document));
            }
        }
    }
    for name in ["style.css", "icon.svg"] {
        pages
            .extend(assets::content(name).map(|content| file(&format!("assets/{name}"), content.to_owned())));
    }
    Ok(pages)
}

/// What all pages are made from.
struct Base<'a> {
    register: &'a Register,
    url: &'a str,
    now: Timestamp,
}

impl Base<'_> {
    fn view<'v>(&'v self, visitor: &'v Visitor) -> View<'v> {
        View { register: self.register, url: self.url, now: self.now, visitor }
    }
}

async fn in_language(
    register: &Register,
    url: &str,
    now: Timestamp,
    language: Language,
) -> Result<Vec<StaticPage>, RegisterError> {
    let mut pages = Vec::new();
    let tag = language.tag();
    let of = |place: &str| visitor(language, place);
    let list = of("/providers");
    let base = Base { register, url, now };
    pages.push(framed(
        url,
        &format!("{tag}/providers.html"),
        language,
        &table::made(base.view(&list)).await?,
    ));
    let place = of("/hall-of-fame");
    pages.push(framed(
        url,
        &format!("{tag}/hall-of-fame.html"),
        language,
        &halls::hall(base.view(&place)).await?,
    ));
    let place = of("/statistics");
    let figures = halls::statistics(base.view(&place)).await?;
    pages.push(framed(url, &format!("{tag}/statistics.html"), language, &figures));
    let feed = exports::feed(base.view(&list)).await?;
    pages.push(StaticPage { path: format!("providers.{tag}.atom"), content: feed });
    for member in register.hall(now).await? {
        if let Some(badge) = exports::picture(base.view(&list), &member.domain).await? {
            pages.push(StaticPage { path: format!("badge/{}.{tag}.svg", member.domain), content: badge });
        }
    }
    for known in register.providers().await? {
        let name: &ProviderName = &known.name;
        let place = of(&format!("/providers/{name}"));
        let Some(page) = provider::made(base.view(&place), name).await? else { continue };
        pages.push(framed(url, &format!("{tag}/providers/{name}.html"), language, &page));
        let Some(published) = register.entry(name).await?.published else { continue };
        for number in numbers(&published.row) {
            let place = of(&format!("/providers/{name}/evidence/{number}"));
            let Some(page) = evidence::made(base.view(&place), name, number).await? else { continue };
            pages.push(framed(url, &format!("{tag}/providers/{name}-{number}.html"), language, &page));
        }
    }
    Ok(pages)
}

fn numbers(row: &crate::program::providers::Row) -> Vec<i64> {
    let trials = row.trials.iter().map(|trial| trial.exhibit);
    trials.chain(row.checks.iter().map(|check| check.exhibit)).collect()
}

/// Nobody in particular, who reads `place` in `language`.
fn visitor(language: Language, place: &str) -> Visitor {
    Visitor {
        client: Client(Ipv4Addr::UNSPECIFIED.into()),
        language,
        chose_language: false,
        chooses_language: false,
        // The footer of static pages leads to nothing that only the service has.
        furnished: Furnished::default(),
        place: place.to_owned(),
    }
}

fn framed(url: &str, path: &str, language: Language, page: &impl Framed) -> StaticPage {
    let html = page.render().expect("writing to a String does not fail");
    StaticPage { path: path.to_owned(), content: relinked(&html, path, language, url) }
}

/// The page with links that work from where it lies.
fn relinked(html: &str, path: &str, language: Language, url: &str) -> String {
    const LINKS: [&str; 2] = [" href=\"", " src=\""];
    let up = "../".repeat(path.matches('/').count());
    let mut relinked = String::with_capacity(html.len());
    let mut rest = html;
    loop {
        let next = LINKS.iter().filter_map(|link| Some((rest.find(link)?, link.len()))).min();
        let Some((at, length)) = next else { break };
        let (before, after) = rest.split_at(at + length);
        relinked.push_str(before);
        let end = after.find('"').unwrap_or(after.len());
        relinked.push_str(&target(&after[..end], &up, language, url));
        rest = &after[end..];
    }
    relinked.push_str(rest);
    relinked
}

/// Where a link of the site leads in the folder; what does not lie there, on the site.
fn target(link: &str, up: &str, language: Language, url: &str) -> String {
    if !link.starts_with('/') || link.starts_with("//") {
        return link.to_owned();
    }
    let (rest, fragment) =
        link.split_once('#').map_or((link, None), |(rest, fragment)| (rest, Some(fragment)));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let chosen = query.split("lang=").nth(1).and_then(|tag| Language::from_local_part(tag.get(..2)?));
    let tag = chosen.unwrap_or(language).tag();
    let parts: Vec<&str> = place.trim_start_matches('/').split('/').collect();
    let file = match parts[..] {
        ["providers" | "hall-of-fame" | "statistics"] => format!("{tag}/{}.html", parts[0]),
        ["providers", name] => format!("{tag}/providers/{name}.html"),
        ["providers", name, "evidence", number] => match number.strip_suffix(".json") {
            Some(number) => format!("evidence/{name}-{number}.json"),
            None => format!("{tag}/providers/{name}-{number}.html"),
        },
        ["providers.csv" | "providers.json"] => parts[0].to_owned(),
        ["providers.atom"] => format!("providers.{tag}.atom"),
        ["badge", picture] => format!("badge/{}.{tag}.svg", picture.trim_end_matches(".svg")),
        ["assets", asset] => format!("assets/{asset}"),
        _ => return format!("{url}{link}"),
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{up}{file}{fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_or_to_the_site() {
        let html = "<a href=\"/providers/a#dane\">x</a><a href=\"/method\">m</a><a href=\"/providers?lang=de\">d</a>\
            <link href=\"/assets/style.css\"><a href=\"#top\">t</a><a href=\"/providers/a/evidence/7.json\">j</a>";
        let shown = relinked(html, "en/providers/b.html", Language::En, "https://test.example");
        assert_eq!(
            shown,
            "<a href=\"../../en/providers/a.html#dane\">x</a><a href=\"https://test.example/method\">m</a>\
            <a href=\"../../de/providers.html\">d</a><link href=\"../../assets/style.css\"><a href=\"#top\">t</a>\
            <a href=\"../../evidence/a-7.json\">j</a>"
        );
    }
}
