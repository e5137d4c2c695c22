//! The verdict as a document that may be handed on: redacted, with the history that it rests on.

use serde_json::{Value, json};

use crate::program::report::account::{Account, Settings};
use crate::program::report::json;
use crate::receiving::checks::Check;
use crate::sending::verdict::{judge, judge_cases};

use super::{RedactedHistory, redacted};

/// The verdict as [`json::json`] has it, of what the redacted history shows, and that history as the field `history`.
/// What a domain publishes of its own servers, in `receiving`, is as it was measured: that is public.
pub fn document(account: Account<'_>, settings: &Settings) -> Value {
    let redacted = redacted(account.catalogue, account.pace, account.history);
    let history = redacted.history();
    let verdict = judge(account.catalogue, account.pace, &history);
    let cases = judge_cases(account.catalogue, account.pace, &history);
    let judged = Account { history: &history, verdict: &verdict, cases: &cases, ..account };
    let mut value = json::json(judged, settings);
    let fields = value.as_object_mut().into_iter().flatten();
    for (_, field) in fields.filter(|(name, _)| *name != "receiving") {
        relabel(&redacted, field);
    }
    withhold_mail(&mut value["receiving"]);
    value["redacted"] = json!(true);
    value["trial"] = json!(redacted.trial);
    // The page is for whoever knows its address, and what became of the mail is between the service and its addressee.
    for withheld in ["id", "url", "verdict"] {
        value[withheld] = Value::Null;
    }
    value["message"]["message_id"] = Value::Null;
    value["history"] = serde_json::to_value(&redacted).expect("a redacted history is JSON");
    value
}

/// Takes out of what is said of receiving what is of the mail: its bounce domain and the selectors of its signatures may
/// name a customer.
fn withhold_mail(receiving: &mut Value) {
    let Some(fields) = receiving.as_object_mut() else { return };
    fields.insert("envelope".to_owned(), Value::Null);
    for finding in fields.get_mut("findings").and_then(Value::as_array_mut).into_iter().flatten() {
        if finding["id"] == json!(Check::DkimSignature) {
            finding["details"] = json!([]);
            finding["evidence"] = json!([]);
        }
    }
}

/// Writes the networks for the addresses that stand for them.
fn relabel(redacted: &RedactedHistory, value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(told) = told(redacted, text) {
                *text = told;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| relabel(redacted, item)),
        Value::Object(fields) => fields.values_mut().for_each(|field| relabel(redacted, field)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text with networks for addresses; none where it names none.
pub(super) fn told(redacted: &RedactedHistory, text: &str) -> Option<String> {
    let is_of_address = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '.';
    let mut told = String::new();
    let mut rest = text;
    let mut any = false;
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.find(|c| !is_of_address(c)).unwrap_or(rest.len()));
        let address = word.trim_end_matches(['.', ':']);
        match address.parse().ok().and_then(|address| redacted.shown(address)) {
            Some(shown) => {
                any = true;
                told += &format!("{shown}{}", &word[address.len()..]);
            }
            None => told += word,
        }
        let (between, behind) = behind.split_at(behind.find(is_of_address).unwrap_or(behind.len()));
        told += between;
        rest = behind;
    }
    any.then_some(told)
}
