//! Real senders against the service: `tests/interop/README.md` says how.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

#[path = "../interop/rig/mod.rs"]
pub(crate) mod rig;

use rig::cases::run as cases;
use rig::mode::Mode;
use rig::receivers;
use rig::row::{Group, Row};
use rig::run::{self, Sender};
use rig::service::Service;
use rig::world::World;

/// How many senders, and how many receivers run side by side: senders wait most of the time.
const SENDERS_SIDE_BY_SIDE: usize = 12;
const RECEIVERS_SIDE_BY_SIDE: usize = 8;
/// How many senders at cases share a service, and how many such services run side by side.
const SENDERS_AT_A_SERVICE: usize = 7;
const SERVICES_SIDE_BY_SIDE: usize = 2;
/// How much of a fault's first line stands at the end of all, in characters.
const FAULT_CHARS_MAX: usize = 240;

#[test]
fn real_senders_are_judged_rightly() {
    if !rig::peers::are_here("real senders") {
        return;
    }
    let groups = Group::all();
    assert!(!groups.is_empty(), "MAILASSAY_INTEROP_ROWS names no row");
    // Another time means another order of the MX hosts.
    let times = std::env::var("MAILASSAY_INTEROP_TIMES").map_or(1, |times| times.parse().expect("a number"));
    let mut runs: Vec<(&Group, Mode, u32)> = Vec::new();
    for group in &groups {
        runs.extend(
            (0..times).flat_map(|time| group.modes().into_iter().map(move |mode| (group, mode, time))),
        );
    }
    // The longest first: what is short fills the gaps.
    runs.sort_by_key(|(_, mode, _)| mode.settle() == "patience");
    let (queue, faults) = (Mutex::new(runs), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SENDERS_SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some((group, mode, time)) = queue.lock().expect("the queue").pop() else { break };
                    let name = format!("{:28} {:14}", group.name, mode.name());
                    let fault = match catch_unwind(AssertUnwindSafe(|| {
                        let database = database(group, mode, time);
                        run::group(group, mode, time, database.as_deref())
                    })) {
                        Ok(Ok(line)) => {
                            run::say(&format!("{name} ok: {line}"));
                            continue;
                        }
                        Ok(Err(fault)) => fault,
                        Err(panic) => what_panicked(panic.as_ref()),
                    };
                    let first = fault.lines().next().unwrap_or_default();
                    run::say(&format!("{name} FAILED: {first}"));
                    faults.lock().expect("the faults").push(format!("=== {name}: {fault}"));
                }
            });
        }
    });
    let faults = faults.into_inner().expect("the faults");
    assert!(faults.is_empty(), "{}", told("runs failed", &faults));
}

/// The database of a group whose service is two nodes.
fn database(group: &Group, mode: Mode, time: u32) -> Option<String> {
    let server = group.nodes.then(|| crate::postgres::Server::shared("two nodes and a sender")).flatten()?;
    Some(server.database(&format!("sender_{}_{time}", mode.name().replace('-', "_"))))
}

/// Real senders at the first cases, behind a resolver that validates and behind one that does not: every case must come out
/// as its row says.
#[test]
fn real_senders_at_cases_come_out_as_they_are() {
    if !rig::peers::are_here("real senders at cases") {
        return;
    }
    let runs = cases::Run::wanted();
    assert!(!runs.is_empty(), "MAILASSAY_INTEROP_CASES names no row");
    let batches = runs.chunks(SENDERS_AT_A_SERVICE).enumerate().collect::<Vec<_>>();
    let (queue, faults) = (Mutex::new(batches), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..SERVICES_SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some((number, runs)) = queue.lock().expect("the queue").pop() else { break };
                    let results =
                        catch_unwind(AssertUnwindSafe(|| cases::together(&format!("cases-{number}"), runs)));
                    let results = results.unwrap_or_else(|panic| {
                        runs.iter().map(|_| Err(what_panicked(panic.as_ref()))).collect()
                    });
                    for (run, result) in runs.iter().zip(results) {
                        let name = format!("{:44}", run.name());
                        match result {
                            Ok(line) => run::say(&format!("{name} ok: {line}")),
                            Err(fault) => {
                                let first = fault.lines().next().unwrap_or_default();
                                run::say(&format!("{name} FAILED: {first}"));
                                faults.lock().expect("the faults").push(format!("=== {name}: {fault}"));
                            }
                        }
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("the faults");
    assert!(faults.is_empty(), "{}", told("runs failed", &faults));
}

/// Real receivers, scanned: what they are known to do must come out, within the connections they are owed.
#[test]
fn real_receivers_are_scanned_rightly() {
    if !rig::peers::are_here("real receivers") {
        return;
    }
    let rows = receivers::row::Row::all();
    assert!(!rows.is_empty(), "MAILASSAY_INTEROP_RECEIVERS names no row");
    let world = receivers::world::World::new(rows);
    world.hold();
    let (queue, faults) = (Mutex::new(world.rows.iter().rev().collect::<Vec<_>>()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..RECEIVERS_SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some(row) = queue.lock().expect("the queue").pop() else { break };
                    match receivers::run::row(&world, row) {
                        Ok(line) => run::say(&format!("{:24} ok: {line}", row.name)),
                        Err(fault) => {
                            let first = fault.lines().next().unwrap_or_default();
                            run::say(&format!("{:24} FAILED: {first}", row.name));
                            faults.lock().expect("the faults").push(format!("=== {}: {fault}", row.name));
                        }
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("the faults");
    assert!(faults.is_empty(), "{}", told("scans went wrong", &faults));
}

/// The service dies twice, as by a power cut: in the middle of Postfix's attempts, and when the trial has just
/// ended and its verdict is due.
#[test]
fn a_killed_service_goes_on() {
    if !rig::peers::are_here("a killed service") {
        return;
    }
    let world = World::new("killed");
    let group = Group::alone(Row::read("postfix-dane"));
    let mut service = Service::start(&world, Mode::Early, group.mx_addresses());
    let mut senders = Sender::start_all(&world, &service, &group, Mode::Early);

    let before = wait_for(&service, |trial| connections(trial).len() > 6);
    service.kill();
    std::thread::sleep(Duration::from_secs(2));
    service.serve();
    let id = before["id"].as_str().expect("an identity").to_owned();
    wait_for(&service, |trial| trial["state"] != "open");
    service.kill();
    service.serve();

    let verdicts = run::wait_for_verdicts(&service, &mut senders, &group, None);
    let ids = verdicts.map(|trials| trials.iter().map(|(_, trial)| trial["id"].clone()).collect::<Vec<_>>());
    assert_eq!(ids, Ok(vec![Value::from(id.as_str())]), "{}", senders[0].log_tail());
    wait_for(&service, |_| senders[0].log().matches("status=sent").count() == 2);
    let after = service.trial(&id);
    assert_eq!(after["sending"]["policy"], "dane", "{}", service.show(&id, "--text"));
    let links: Vec<&Value> = connections(&after).iter().map(|connection| &connection["start"]).collect();
    for connection in connections(&before) {
        assert!(links.contains(&&connection["start"]), "lost: {connection}");
    }
    let acknowledged = |domain: &str| {
        connections(&after).iter().any(|connection| {
            let to = connection["to"].as_array().into_iter().flatten().filter_map(Value::as_str);
            // It may die between its 250, which the sender has logged, and the note of it: then the link has no end.
            let cut_off = connection["state"] == "Mail" && connection["end"].is_null();
            (connection["state"] == "Acked" || cut_off) && to.into_iter().any(|to| to.contains(domain))
        })
    };
    assert!(acknowledged("@et.") && acknowledged("@ut."), "{}", service.show(&id, "--text"));
    assert_eq!((service.trials().len(), service.verdicts().len()), (1, 1));
    run::say("a killed service     went on: one trial, one verdict, nothing acknowledged lost");
}

/// Waits until the only trial is so.
fn wait_for(service: &Service<'_>, is_so: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        if let [(id, _)] = service.trials().as_slice() {
            let trial = service.trial(id);
            if is_so(&trial) {
                return trial;
            }
        }
        assert!(began.elapsed() < run::RUN, "not so after {:?}: {}", run::RUN, service.log_tail());
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn connections(trial: &Value) -> &[Value] {
    trial["connections"].as_array().map_or(&[], Vec::as_slice)
}

/// All faults with their logs; and at the very end each by its first line, where who shows head and tail alone shows it.
fn told(what: &str, faults: &[String]) -> String {
    let first = |fault: &String| -> String {
        fault.lines().next().unwrap_or_default().chars().take(FAULT_CHARS_MAX).collect()
    };
    let each: Vec<String> = faults.iter().map(first).collect();
    format!(
        "{} {what}\n{}\n\n{} {what}:\n{}",
        faults.len(),
        faults.join("\n\n"),
        faults.len(),
        each.join("\n")
    )
}

#[test]
fn what_failed_stands_at_the_end_of_all_logs() {
    let log = "a line of a log\n".repeat(5_000);
    let faults = [format!("=== one row: it was held\n{log}"), format!("=== another: no verdict\n{log}")];
    let told = told("runs failed", &faults);
    assert!(told.starts_with("2 runs failed\n=== one row"));
    assert!(told.ends_with("\n2 runs failed:\n=== one row: it was held\n=== another: no verdict"));
}

fn what_panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
