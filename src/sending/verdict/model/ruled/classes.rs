//! Classes of senders as they are met in the world, for the table of cases.

use super::super::{Precedence, SenderModel};
use super::CaseModel;
use super::traits::{FailedLookup, InsecureTlsa, Traits, Validation};

/// A class of senders, with its name in tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderClass {
    pub name: &'static str,
    pub model: CaseModel,
}

const DANE_FIRST: SenderModel = SenderModel { mta_sts: true, ..SenderModel::DANE };
const OVERRIDING: SenderModel = SenderModel { precedence: Precedence::MtaStsOverrides, ..DANE_FIRST };

const fn usual(name: &'static str, base: SenderModel) -> SenderClass {
    SenderClass { name, model: CaseModel { base, traits: Traits::USUAL } }
}

/// The classes: policies as standards and Postfix name them, and four that go wrong, or a way of their own.
pub const SENDER_CLASSES: [SenderClass; 13] = [
    usual("none", SenderModel::PLAIN),
    usual("may", SenderModel::MAY),
    usual("encrypt", SenderModel::ENCRYPT),
    usual("verify", SenderModel::VERIFY),
    usual("dane", SenderModel::DANE),
    usual("dane-only", SenderModel::DANE_ONLY),
    usual("mta-sts", SenderModel::MTA_STS),
    usual("dane+mta-sts", DANE_FIRST),
    usual("both must pass", SenderModel::DANE_AND_MTA_STS),
    usual("mta-sts over dane", OVERRIDING),
    of(
        "dane, mail waits",
        SenderModel::DANE,
        Traits { failed_lookup: FailedLookup::HoldsMail, ..Traits::USUAL },
    ),
    of("dane, no validation", SenderModel::DANE, Traits { validation: Validation::No, ..Traits::USUAL }),
    of("dane, no DNSSEC", SenderModel::DANE, UNVALIDATED),
];

const UNVALIDATED: Traits =
    Traits { validation: Validation::No, insecure_tlsa: InsecureTlsa::Obeyed, ..Traits::USUAL };

const fn of(name: &'static str, base: SenderModel, traits: Traits) -> SenderClass {
    SenderClass { name, model: CaseModel { base, traits } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::persona::{CatalogueFiles, RuledCase};

    /// What is known of each class from the sources and from measurements, apart from the models.
    #[test]
    fn the_first_nine_cases_tell_the_classes_apart_as_they_are_known_to_act() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let case = |id: &&str| -> &RuledCase { catalogue.ruled_case(&(*id).into()).expect("a case") };
        let cases: Vec<&RuledCase> = [
            "none",
            "none-nostarttls",
            "sts-unlisted",
            "sts-badcert",
            "dane-mismatch",
            "both-conflict",
            "tlsa-servfail",
            "bogus-ds",
            "dane-good",
        ]
        .iter()
        .map(case)
        .collect();
        let expected = [
            ("none", "PPPPPPPhP"),
            ("may", "DPDDDDDhD"),
            ("encrypt", "DgDDDDDhD"),
            ("verify", "ggDgDDDhD"),
            ("dane", "DPDDggghD"),
            ("dane-only", "hhhhggghD"),
            ("mta-sts", "DPggDDDhD"),
            ("dane+mta-sts", "DPggggghD"),
            ("both must pass", "DPggggghD"),
            ("mta-sts over dane", "DPgggDghD"),
            ("dane, mail waits", "DPDDgghhD"),
            ("dane, no validation", "DPDDDDDDD"),
            ("dane, no DNSSEC", "DPDDgggDD"),
        ];
        for (class, (name, letters)) in SENDER_CLASSES.iter().zip(expected) {
            let ends = cases.iter().map(|case| class.model.ends(case)[0].letter());
            assert_eq!((class.name, ends.collect::<String>()), (name, letters.to_owned()));
        }
    }
}
