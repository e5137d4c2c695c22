//! The table of policies and personas, as the models print it.

use crate::sending::history::Phase;
use crate::sending::persona::{CaseId, Catalogue, PersonaId};

use super::meeting::{Host, WAYS, Way, World, hosts};
use super::{Act, SenderModel};

/// What a sender does at a server, in one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// `P`: mail in clear.
    Clear,
    /// `q`: leaves without mail, STARTTLS not being offered.
    Leaves,
    /// `A`: begins TLS and gives up.
    Refuses,
    /// `D`: mail in TLS.
    Delivers,
    /// `-`: the server was not met.
    Never,
}

impl Cell {
    /// The letter that the table shows.
    pub fn letter(self) -> char {
        match self {
            Self::Clear => 'P',
            Self::Leaves => 'q',
            Self::Refuses => 'A',
            Self::Delivers => 'D',
            Self::Never => '-',
        }
    }
}

/// What one model does everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// While STARTTLS is withheld, by case.
    pub withheld: Vec<(CaseId, Cell)>,
    /// In TLS without SNI in phase A, by case.
    pub no_sni_a: Vec<(CaseId, Cell)>,
    /// At each host by SNI, an unlisted one counted as refused, which some senders do and others skip.
    pub hosts: Vec<(PersonaId, Cell)>,
    /// In TLS without SNI in phase B, by case.
    pub no_sni_b: Vec<(CaseId, Cell)>,
}

/// What `model` does at every server of the catalogue, all hosts sharing one address.
pub fn table(catalogue: &Catalogue, model: &SenderModel) -> Row {
    let hosts = hosts(catalogue);
    let act = |host: &Host<'_>, way: Way| host.meets(catalogue, model, way, World::SOUND);
    let by_case = |cell: &dyn Fn(&Host<'_>) -> Cell| -> Vec<(CaseId, Cell)> {
        let cases = catalogue.classic_cases().map(|case| {
            // The cases' hosts differ at most in being shunned: the least reluctant one shows the column.
            let of_case = hosts.iter().filter(|host| host.case.id == case.id);
            (case.id.clone(), of_case.map(cell).min().unwrap_or(Cell::Never))
        });
        cases.collect()
    };
    let withheld = |host: &Host<'_>| match act(host, WAYS[0]) {
        Act::Clear => Cell::Clear,
        Act::Leaves | Act::Shuns { .. } => Cell::Leaves,
        Act::Avoids | Act::Refuses { .. } | Act::Delivers { .. } => Cell::Never,
    };
    let without_sni =
        |host: &Host<'_>, phase: Phase| match act(host, Way { starttls: true, phase, by_address: false }) {
            Act::Delivers { sni: false } => Cell::Delivers,
            Act::Refuses { sni: false } => Cell::Refuses,
            _ => Cell::Never,
        };
    let with_sni = |host: &Host<'_>| match act(host, WAYS[1]) {
        Act::Delivers { sni: true } => Cell::Delivers,
        Act::Refuses { sni: true } | Act::Shuns { sni: true } => Cell::Refuses,
        _ => Cell::Never,
    };
    Row {
        withheld: by_case(&withheld),
        no_sni_a: by_case(&|host| without_sni(host, Phase::A)),
        hosts: hosts.iter().map(|host| (host.persona.id.clone(), with_sni(host))).collect(),
        no_sni_b: by_case(&|host| without_sni(host, Phase::B)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::term::Term;
    use super::super::{Certificates, Dane, Precedence, Sni, Starttls};
    use super::*;
    use crate::sending::persona::CatalogueFiles;

    /// One row of the table measured with real senders: `no STARTTLS | no SNI A | mx03 … mx06, ut | no SNI B`.
    fn letters(row: &Row) -> String {
        let cells = |cells: Vec<Cell>| cells.into_iter().map(Cell::letter).collect::<String>();
        let of_cases = |column: &[(CaseId, Cell)]| cells(column.iter().map(|(_, cell)| *cell).collect());
        let hosts = cells(row.hosts.iter().map(|(_, cell)| *cell).collect());
        format!("{}|{}|{hosts}|{}", of_cases(&row.withheld), of_cases(&row.no_sni_a), of_cases(&row.no_sni_b))
    }

    fn model(
        starttls: Starttls,
        sni: Sni,
        certificates: Certificates,
        dane: Dane,
        mta_sts: bool,
    ) -> SenderModel {
        SenderModel { starttls, sni, certificates, dane, mta_sts, precedence: Precedence::DaneWins }
    }

    /// The rows of the measured matrix (Debian 12, November 2026), each by the model that the software documents.
    fn measured() -> Vec<(&'static str, &'static str, SenderModel, Term)> {
        use Certificates::{Ignored, Verified};
        use Starttls::{IfOffered, Required};
        let plain = |starttls, sni, certificates| model(starttls, sni, certificates, Dane::Off, false);
        let dane = model(IfOffered, Sni::ForPolicy, Ignored, Dane::WhereUsable, false);
        let dane_only = SenderModel { dane: Dane::Required, ..dane };
        let mta_sts = model(IfOffered, Sni::ForPolicy, Ignored, Dane::Off, true);
        let may = plain(IfOffered, Sni::Never, Ignored);
        let encrypt = plain(Required, Sni::Never, Ignored);
        let verify = plain(Required, Sni::Never, Verified);
        vec![
            ("postfix-none", "PP|--|-----|--", SenderModel::PLAIN, Term::None),
            ("postfix-may", "PP|DD|-----|DD", may, Term::May),
            ("postfix-encrypt", "qq|DD|-----|DD", encrypt, Term::Encrypt),
            ("postfix-verify", "qq|AA|-----|DD", verify, Term::Verify),
            ("postfix-secure", "qq|AA|-----|DD", verify, Term::Verify),
            ("postfix-dane", "qP|-D|ADAD-|-D", dane, Term::Dane),
            ("postfix-dane-only", "q-|--|ADAD-|--", dane_only, Term::DaneOnly),
            ("postfix-mta-sts", "qP|-D|AADD-|-D", mta_sts, Term::MtaSts),
            ("postfix-may-sni", "PP|--|DDDDD|--", plain(IfOffered, Sni::Always, Ignored), Term::MaySni),
            (
                "postfix-encrypt-sni",
                "qq|--|DDDDD|--",
                plain(Required, Sni::Always, Ignored),
                Term::EncryptSni,
            ),
            ("postfix-verify-sni", "qq|--|AADDD|--", plain(Required, Sni::Always, Verified), Term::VerifySni),
            ("exim", "qP|-D|ADAD-|-D", dane, Term::Dane),
            ("exim-dane", "q-|--|ADAD-|--", dane_only, Term::DaneOnly),
            ("exim-nodane", "PP|DD|-----|DD", may, Term::May),
            ("exim-none", "PP|--|-----|--", SenderModel::PLAIN, Term::None),
            ("exim-tls", "qq|DD|-----|DD", encrypt, Term::Encrypt),
            ("exim-verify", "qq|AA|-----|DD", verify, Term::Verify),
            ("sendmail", "PP|DD|-----|DD", may, Term::May),
            ("sendmail-sts", "qP|-D|AADD-|-D", mta_sts, Term::MtaSts),
            ("sendmail-tls", "qq|DD|-----|DD", encrypt, Term::Encrypt),
            ("sendmail-verify", "qq|AA|-----|DD", verify, Term::Verify),
        ]
    }

    #[test]
    fn the_models_print_what_was_measured() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        for (name, expected, model, term) in measured() {
            assert_eq!(letters(&table(&catalogue, &model)), expected, "{name}");
            assert_eq!(Term::of(&model), term, "{name}");
        }
    }

    #[test]
    fn a_correct_sender_of_both_is_refused_everywhere_but_at_the_sound_one() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let both = model(Starttls::IfOffered, Sni::ForPolicy, Certificates::Ignored, Dane::WhereUsable, true);
        let both = SenderModel { precedence: Precedence::BothMustPass, ..both };
        assert_eq!(letters(&table(&catalogue, &both)), "qP|-D|AAAD-|-D");
    }

    #[test]
    fn the_seven_servers_split_the_models_into_38_classes() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let rows: BTreeSet<_> =
            SenderModel::all().iter().map(|model| letters(&table(&catalogue, model))).collect();
        assert_eq!(rows.len(), 38, "{rows:#?}");
    }
}
