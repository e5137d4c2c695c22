//! The table of cases and classes of senders, for the documentation.

use crate::sending::persona::{Catalogue, Family};
use crate::sending::verdict::model::ruled::SENDER_CLASSES;

/// What each class of senders does at each ruled case, as Markdown: the models' own output. Of several attempts the worst.
pub fn case_table(catalogue: &Catalogue) -> String {
    let mut text = String::from("| case |");
    text.extend(SENDER_CLASSES.iter().map(|class| format!(" {} |", class.name)));
    text += "\n|---|";
    text += &"---|".repeat(SENDER_CLASSES.len());
    text.push('\n');
    for family in Family::ALL {
        for case in catalogue.ruled_cases().filter(|case| case.family == *family) {
            text += &format!("| `{}` |", case.id);
            for class in SENDER_CLASSES {
                let worst = class.model.ends(case).into_iter().min();
                text += &format!(" {} |", worst.map_or('-', |end| end.letter()));
            }
            text.push('\n');
        }
    }
    text += "\n`P` mail in clear at the faulty host, `D` mail in TLS there, `g` mail at the sound host alone, `h` no mail.\n";
    text
}
