//! The sample senders.

use std::net::{IpAddr, Ipv4Addr};

use crate::sending::deliver::{Habit, SAMPLES};
use crate::sending::verdict::Term;
use crate::sending::verdict::model::SenderModel;
use crate::shared::text::Language;

use super::places::Played;

/// A sender of the demo.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it is called: its term, or what sets it apart from another of that term.
    pub name: &'static str,
    /// The term that its verdict must be.
    pub term: Term,
    /// How it decides.
    pub model: SenderModel,
    /// What it does beside that.
    pub habit: Habit,
    /// Where it sends from.
    pub address: IpAddr,
    /// Where its resolver asks from.
    pub resolver: IpAddr,
    /// The language it asks for.
    pub language: Language,
}

/// The samples: the eight of `deliver`, and one that does DANE and fetches policies that it does not obey. With
/// `own_addresses` each sends from a network of its own; those that do DANE and MTA-STS alone have their resolver
/// in common, as customers of one hoster have, so that the questions of each look like the other's, too.
pub fn samples(played: Played, own_addresses: bool) -> Vec<Sample> {
    let fetches = SAMPLES.into_iter().filter(|(term, _)| *term == Term::Dane);
    let fetches = fetches.map(|(term, model)| ("dane-fetches", term, model, Habit::FetchesPolicies));
    let plain = SAMPLES.into_iter().map(|(term, model)| (term.name(), term, model, Habit::AsItsModel));
    let address = |address: [u8; 4]| if own_addresses { address.into() } else { Ipv4Addr::LOCALHOST.into() };
    let sample = |((name, term, model, habit), n): ((&'static str, Term, SenderModel, Habit), u8)| {
        let language = if n % 2 == 0 { Language::De } else { Language::En };
        let shares = matches!(name, "dane" | "mta-sts");
        let resolver = if shares { address([127, 1, 100, 53]) } else { address([127, 1, n, 25]) };
        Sample { name, term, model, habit, address: address([127, 1, n, 25]), resolver, language }
    };
    // A handful shows what cases tell.
    let plays = move |sample: &Sample| match played {
        Played::Classic => true,
        Played::First => {
            ["may", "verify", "dane", "mta-sts", "dane+mta-sts", "dane-fetches"].contains(&sample.name)
        }
    };
    plain.chain(fetches).zip(1..).map(sample).filter(plays).collect()
}

impl Sample {
    /// The domain that the sample sends from.
    pub fn domain(&self) -> String {
        format!("{}.test", self.name.replace('+', "-and-"))
    }

    /// The address that the sample sends from.
    pub fn mailbox(&self) -> String {
        format!("jim@{}", self.domain())
    }
}
