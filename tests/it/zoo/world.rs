//! The network namespace of the zoo: its name servers, unbound, and a thread of ours.

use std::ffi::OsStr;
use std::fs;
use std::future::Future;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::plan;
use crate::interop::rig::run::say;
use crate::interop::rig::world::{end, sweep};

/// The root server.
pub(super) const ROOTS: [&str; 2] = ["198.18.0.1", "2001:db8::1"];
/// Where unbound answers.
pub(super) const UNBOUND: &str = "198.18.255.53";
/// Whoever asks has these addresses, so that there is a route of either family.
const ASKERS: [&str; 2] = ["198.18.255.1", "2001:db8:ff::1"];
/// Debian's own, which finds Debian's dnspython.
const PYTHON: &str = "/usr/bin/python3";
/// How long servers may take to listen.
const START: Duration = Duration::from_secs(60);

/// Everything, until it is dropped.
pub(super) struct World {
    namespace: String,
    folder: PathBuf,
    processes: Mutex<Vec<Child>>,
}

/// Whether it can be made here; says so on the terminal if it cannot.
///
/// # Panics
/// If it cannot and `MAILASSAY_REQUIRE_PEERS=1`.
pub(super) fn can_be_made() -> bool {
    let Some(reason) = missing() else {
        sweep();
        return true;
    };
    let required = std::env::var("MAILASSAY_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(!required, "the zoo: {reason}; `.ci/peers` installs what is needed");
    say(&format!("the zoo: skipped, because {reason}; `.ci/peers` installs what is needed"));
    false
}

fn missing() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    if uid != Some("0") {
        return Some("network namespaces want root".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if let Some(program) = ["ip", "unbound"].iter().find(|program| !is_there(program)) {
        return Some(format!("`{program}` is not installed"));
    }
    let imports = Command::new(PYTHON).args(["-c", "import cryptography, dns, tomllib"]).output();
    let imports = imports.is_ok_and(|output| output.status.success());
    (!imports).then(|| format!("`{PYTHON}` has no dnspython, or no cryptography"))
}

impl World {
    /// All zones, played.
    pub(super) fn new() -> Self {
        let process = std::process::id();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("zoo-{process}"));
        fs::create_dir_all(&folder).expect("a folder for the zoo");
        let namespace = format!("mailassay-{process}-zoo");
        let world = Self { namespace, folder, processes: Mutex::default() };
        world.build();
        let player = plan::folder().join("player");
        let zones = plan::folder().join("zones");
        let words = [player.as_os_str(), zones.as_os_str(), world.folder.as_os_str()];
        world.start("player", [OsStr::new(PYTHON)].into_iter().chain(words));
        world.wait("player", |world| world.log("player").contains("ready\n"));
        world.start_unbound();
        world
    }

    fn build(&self) {
        ip(&["netns", "add", &self.namespace]);
        ip(&["-n", &self.namespace, "link", "set", "lo", "up"]);
        for address in ASKERS.into_iter().chain([UNBOUND]) {
            ip(&["-n", &self.namespace, "addr", "add", address, "dev", "lo"]);
        }
        // Whatever has no address here swallows what it is sent.
        ip(&["-n", &self.namespace, "route", "add", "default", "dev", "lo", "src", ASKERS[0]]);
        ip(&["-n", &self.namespace, "-6", "route", "add", "default", "dev", "lo", "src", ASKERS[1]]);
    }

    fn start_unbound(&self) {
        let template = fs::read_to_string(plan::folder().join("unbound.conf")).expect("unbound.conf");
        let text =
            template.replace("@FOLDER@", &self.folder.display().to_string()).replace("@ADDRESS@", UNBOUND);
        let file = self.folder.join("unbound.conf");
        fs::write(&file, text).expect("a configuration");
        self.start("unbound", ["unbound", "-d", "-c"].map(OsStr::new).into_iter().chain([file.as_os_str()]));
        self.wait("unbound", |world| world.log("unbound").contains("start of service"));
    }

    /// The DS of the root.
    pub(super) fn anchor(&self) -> String {
        fs::read_to_string(self.folder.join("anchor")).expect("the anchor")
    }

    /// Leaves the world as it is for as long as `MAILASSAY_ZOO_HOLD_S` says, for a look at it by hand.
    pub(super) fn hold(&self) {
        let seconds = std::env::var("MAILASSAY_ZOO_HOLD_S").ok().and_then(|text| text.parse().ok());
        if let Some(seconds) = seconds {
            say(&format!("ip netns exec {} dig @{UNBOUND} …; {}", self.namespace, self.folder.display()));
            std::thread::sleep(Duration::from_secs(seconds));
        }
    }

    /// Runs in the namespace, on a thread of its own: the threads that it starts are born into it.
    pub(super) fn within<F, T>(&self, work: impl FnOnce() -> F + Send) -> T
    where
        F: Future<Output = T>,
        T: Send,
    {
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| {
                let file =
                    fs::File::open(Path::new("/run/netns").join(&self.namespace)).expect("the namespace");
                move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                    .expect("its network");
                let runtime =
                    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
                runtime.expect("a runtime").block_on(work())
            });
            inside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn start<'a>(&self, name: &str, words: impl IntoIterator<Item = &'a OsStr>) {
        let log = fs::File::create(self.folder.join(format!("{name}.log"))).expect("a log");
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).args(words).env("PYTHONDONTWRITEBYTECODE", "1");
        command.stdin(Stdio::null()).process_group(0);
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        let process = command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        self.processes.lock().expect("the processes").push(process);
    }

    fn log(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(format!("{name}.log"))).unwrap_or_default()
    }

    fn wait(&self, name: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            let mut processes = self.processes.lock().expect("the processes");
            let ended = processes.last_mut().and_then(|process| process.try_wait().ok().flatten());
            drop(processes);
            assert!(ended.is_none() && began.elapsed() < START, "{name}: {}", self.log(name));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        end(&self.namespace);
        for mut process in self.processes.lock().expect("the processes").drain(..) {
            // It was killed: how it ended says nothing.
            let _ = process.wait();
        }
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().expect("ip starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {}: {said}", arguments.join(" "));
}
