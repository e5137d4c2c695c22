//! What is told of lookups that may be missing, and of links that were no SMTP.

use mailassay::sending::history::Irregularity;

use super::*;

#[test]
fn what_may_be_missing_is_said_on_the_page() {
    let said = |world: &World, language| Page::whole(account(world), language, &settings()).html();
    for (language, queries, fetches) in [
        (Language::En, "Not all questions of this time", "Not all visits to the policy host"),
        (Language::De, "Nicht alle Fragen dieser Zeit", "Nicht alle Besuche beim Policy-Host"),
    ] {
        let mut world = case("dane");
        let page = said(&world, language);
        assert!(!page.contains(queries) && !page.contains(fetches));
        world.history.fetches_complete = false;
        let page = said(&world, language);
        assert!(!page.contains(queries) && page.contains(fetches), "{page}");
        world.history.queries_complete = false;
        assert!(said(&world, language).contains(queries));
    }
}

#[test]
fn name_servers_whose_questions_are_not_seen_are_named() {
    for (language, words) in
        [(Language::En, "not the only name server"), (Language::De, "nicht der einzige Nameserver")]
    {
        let mut world = case("dane");
        world.beside("ns2.example.net");
        for page in [Page::whole, Page::new].map(|page| page(account(&world), language, &settings()).html()) {
            assert!(page.contains(words) && page.contains("ns2.example.net"), "{page}");
        }
    }
}

#[test]
fn a_link_that_was_no_smtp_is_told_in_words() {
    for (language, words) in
        [(Language::En, "spoke HTTP or another"), (Language::De, "sprach HTTP oder ein anderes")]
    {
        let mut world = case("dane");
        let link = Arc::make_mut(&mut world.history.links[0].link);
        link.irregularities = vec![Irregularity::EarlyTalker, Irregularity::ForeignProtocol];
        let page = Page::whole(account(&world), language, &settings()).html();
        assert!(page.contains(words) && page.contains("early-talker"), "{page}");
        assert!(!page.contains("foreign-protocol"));
    }
}
