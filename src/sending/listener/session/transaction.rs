//! A transaction from its MAIL to its dot.

use crate::sending::history::Ending;
use crate::sending::listener::port::Recipients;
use crate::sending::listener::rules::{Addressee, Rules};
use crate::shared::smtp::command::{Address, MailParameters, Malformed, Recipient};
use crate::shared::smtp::data::Findings;
use crate::shared::smtp::reply::Reply;
use crate::shared::time::Timestamp;

use super::state::{Action, Open, Peer, Ready, Session, answered, note};

/// MAIL. For a well-formed sender nothing here is 5yz but a size that was offered as the limit.
pub(super) fn mail(
    mut ready: Ready,
    rules: &Rules,
    at: Timestamp,
    from: Option<&Address>,
    parameters: MailParameters,
    actions: &mut Vec<Action>,
) -> Session {
    let too_large = parameters
        .size_octets
        .is_some_and(|size_octets| size_octets > u64::from(rules.settings.message_octets_max));
    if too_large {
        let reply = Reply::new(552, "5.3.4", "The message is larger than SIZE");
        return refused_mail(ready, at, from.cloned(), reply, actions);
    }
    if parameters.require_tls && !(ready.peer.tls && ready.peer.requires_tls) {
        return refused_mail(ready, at, from.cloned(), rules.malformed(Malformed::UnknownParameter), actions);
    }
    if from.is_some_and(|from| !from.is_ascii()) && !parameters.smtputf8 {
        let reply = Reply::new(553, "5.6.7", "The address needs SMTPUTF8");
        return refused_mail(ready, at, from.cloned(), reply, actions);
    }
    ready.mail_refused = false;
    actions.push(Action::Reply(Reply::new(250, "2.1.0", "Sender OK")));
    let MailParameters { smtputf8, require_tls, .. } = parameters;
    Session::Mail(Box::new(Open { smtputf8, require_tls, ..Open::begin(ready, at, from.cloned()) }))
}

/// A MAIL that is refused is told of all the same: who reads that a link ended without any would think that the
/// sender left it. What stands behind it in its group is then refused, too, and no fault (RFC 2920 §3.1).
pub(super) fn refused_mail(
    ready: Ready,
    at: Timestamp,
    from: Option<Address>,
    reply: Reply,
    actions: &mut Vec<Action>,
) -> Session {
    let open = Open::begin(ready, at, from);
    let code = reply.code;
    actions.push(Action::EndedEarly(open.transaction(), Ending::Refused { code }));
    actions.push(Action::Reply(reply));
    Session::Ready(Ready { mail_refused: true, ..open.ready })
}

/// A MAIL before EHLO, which is refused.
pub(super) fn early_mail(
    peer: Peer,
    at: Timestamp,
    from: Option<Address>,
    reply: Reply,
    actions: &mut Vec<Action>,
) -> Session {
    let ready = Ready { peer, ehlo: String::new(), helo: false, mail_refused: false };
    match refused_mail(ready, at, from, reply, actions) {
        Session::Ready(ready) => Session::Greeted(ready.peer),
        other => other,
    }
}

pub(super) fn rcpt(
    mut open: Box<Open>,
    rules: &Rules,
    recipient: &Recipient,
    actions: &mut Vec<Action>,
) -> Box<Open> {
    let needs_utf8 = matches!(recipient, Recipient::Address(address) if !address.is_ascii());
    let reply = if needs_utf8 && !open.smtputf8 {
        Reply::new(553, "5.6.7", "The address needs SMTPUTF8")
    } else if open.accepted >= rules.settings.recipients_max {
        Reply::new(452, "4.5.3", "Too many recipients")
    } else {
        match (rules.addressee(recipient), &mut open.recipients) {
            (Addressee::Unknown, _) => Reply::new(550, "5.1.1", "No such address here"),
            (Addressee::Foreign, _) => Reply::new(550, "5.7.1", "No relaying"),
            (Addressee::Test(test), _) if !rules.is_met_at(open.ready.peer.entrance, &test) => {
                rules.test_reply(451, "4.7.1", "This address is met at other hosts of ours")
            }
            (Addressee::Test(_), Some(Recipients::Operator(_)))
            | (Addressee::Operator(_), Some(Recipients::Tests(_))) => {
                rules.test_reply(452, "4.5.3", "Send to the test and to the operator one by one")
            }
            (Addressee::Test(test), Some(Recipients::Tests(tests))) => {
                if !tests.contains(&test) {
                    tests.push(test);
                }
                accepted()
            }
            (Addressee::Operator(address), Some(Recipients::Operator(addresses))) => {
                addresses.push(address);
                accepted()
            }
            (Addressee::Test(test), none) => {
                *none = Some(Recipients::Tests(vec![test]));
                accepted()
            }
            (Addressee::Operator(address), none) => {
                *none = Some(Recipients::Operator(vec![address]));
                accepted()
            }
        }
    };
    open.count(reply.code);
    actions.push(Action::Reply(reply));
    open
}

fn accepted() -> Reply {
    Reply::new(250, "2.1.5", "Recipient OK")
}

/// The end of data.
pub(super) fn dot(open: Open, rules: &Rules, findings: &Findings, actions: &mut Vec<Action>) -> Session {
    let link = open.ready.peer.link;
    let (refusal, irregular) = rules.judge(findings);
    for what in irregular {
        note(link, what, actions);
    }
    let Some(reply) = refusal else {
        actions.push(Action::Ask(open.transaction()));
        return Session::Deciding(Box::new(open));
    };
    let code = reply.code;
    actions.push(Action::EndedEarly(open.transaction(), Ending::Refused { code }));
    actions.push(Action::Reply(reply));
    actions.push(Action::Note(answered(&open, code)));
    Session::Ready(open.ready)
}
