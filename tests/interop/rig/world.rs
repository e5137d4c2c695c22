//! Two network namespaces with a cable between: the receiver's and the sender's.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the service listens; all on the receiver's loopback interface, from the ranges of RFC 5737
/// and RFC 3849.
const SERVICE: [&str; 6] = [
    "192.0.2.25/32",
    "192.0.2.26/32",
    "192.0.2.53/32",
    "192.0.2.80/32",
    "192.0.2.54/32",
    "2001:db8:2::25/128",
];

/// The entrances of cases, one address each from this one on.
const ENTRANCES: (u8, u8) = (101, 113);

/// The addresses of the entrances, in their order.
pub(crate) fn entrances() -> Vec<String> {
    (ENTRANCES.0..=ENTRANCES.1).map(|last| format!("192.0.2.{last}")).collect()
}

/// Where strangers are: networks that no sender of the rig has to do with. Beside the service, since what counts
/// is the address that it sees.
const STRANGERS: [&str; 3] = ["203.0.113.7/32", "203.0.113.66/32", "5.9.99.9/32"];

/// The sender's address, where it has only one.
pub(crate) const SENDER: &str = "198.51.100.2";

/// Where further nodes of a sender have their addresses (RFC 2544): far from the first.
const FURTHER_NODES: &str = "198.18.0.0/15";

/// The namespaces, and a folder. Whatever runs in them ends with this.
pub(crate) struct World {
    receiver: String,
    sender: String,
    folder: PathBuf,
}

impl World {
    /// A world of that name, in namespaces that no other process uses.
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("interop-{process}")).join(name);
        fs::create_dir_all(&folder).expect("a folder for the world");
        let namespace = |side: &str| format!("mailassay-{process}-{number}-{side}");
        let world = Self { receiver: namespace("receiver"), sender: namespace("sender"), folder };
        world.build();
        world
    }

    fn build(&self) {
        let Self { receiver, sender, .. } = self;
        ip(&["netns", "add", receiver]);
        ip(&["netns", "add", sender]);
        ip(&[
            "link", "add", "cable", "netns", receiver, "type", "veth", "peer", "name", "cable", "netns",
            sender,
        ]);
        for address in SERVICE.iter().chain(&STRANGERS) {
            ip(&["-n", receiver, "addr", "add", address, "dev", "lo"]);
        }
        for address in entrances() {
            ip(&["-n", receiver, "addr", "add", &format!("{address}/32"), "dev", "lo"]);
        }
        for (namespace, address) in [(receiver, "198.51.100.1/30"), (sender, "198.51.100.2/30")] {
            ip(&["-n", namespace, "addr", "add", address, "dev", "cable"]);
            ip(&["-n", namespace, "link", "set", "lo", "up"]);
            ip(&["-n", namespace, "link", "set", "cable", "up"]);
        }
        for (namespace, address) in [(receiver, "2001:db8:51::1/64"), (sender, "2001:db8:51::2/64")] {
            ip(&["-n", namespace, "addr", "add", address, "dev", "cable", "nodad"]);
        }
        ip(&["-n", sender, "route", "add", "default", "via", "198.51.100.1"]);
        ip(&["-n", receiver, "route", "add", FURTHER_NODES, "via", SENDER]);
        ip(&["-n", sender, "-6", "route", "add", "default", "via", "2001:db8:51::1"]);
    }

    /// Gives the sender's side further addresses, for those that bind to them.
    pub(crate) fn add_to_sender<'a>(&self, addresses: impl IntoIterator<Item = &'a str>) {
        for address in addresses {
            if address != SENDER {
                ip(&["-n", &self.sender, "addr", "add", &format!("{address}/32"), "dev", "lo"]);
            }
        }
    }

    /// The world's folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A program in the receiver's namespace. `ip` becomes the program: its process is the child.
    pub(crate) fn at_receiver(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.receiver]).arg(program);
        command.stdin(Stdio::null()).process_group(0);
        command
    }

    /// The same in the sender's namespace.
    pub(crate) fn at_sender(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.sender]).arg(program);
        command.stdin(Stdio::null()).process_group(0);
        command
    }

    /// Starts a sender with a mount namespace of its own; `row` is the folder of its settings below this one,
    /// `place` its own, `settings` what `sender.sh` reads.
    pub(crate) fn start_sender(
        &self,
        product: &str,
        row: &str,
        place: &Path,
        settings: &[(&str, &str)],
    ) -> Child {
        start_sender(&self.sender, product, row, place, settings)
    }

    /// A further sender's network namespace, behind a cable of its own, in a network of its own: `number` tells them
    /// apart.
    pub(crate) fn add_sender(&self, number: u8) -> Elsewhere {
        let namespace = format!("{}-{number}", self.sender);
        let (cable, ours, own) =
            (format!("cable{number}"), format!("198.18.{number}.1"), format!("198.18.{number}.2"));
        ip(&["netns", "add", &namespace]);
        let elsewhere = Elsewhere { namespace, address: own };
        let Elsewhere { namespace, address } = &elsewhere;
        ip(&[
            "link",
            "add",
            &cable,
            "netns",
            &self.receiver,
            "type",
            "veth",
            "peer",
            "name",
            "cable",
            "netns",
            namespace,
        ]);
        for (side, link, address) in [(&self.receiver, cable.as_str(), &ours), (namespace, "cable", address)]
        {
            ip(&["-n", side, "addr", "add", &format!("{address}/30"), "dev", link]);
            ip(&["-n", side, "link", "set", "lo", "up"]);
            ip(&["-n", side, "link", "set", link, "up"]);
        }
        ip(&["-n", namespace, "route", "add", "default", "via", &ours]);
        elsewhere
    }
}

/// The namespace of a further sender. Whatever runs in it ends with this.
pub(crate) struct Elsewhere {
    namespace: String,
    /// Its only address.
    pub(crate) address: String,
}

impl Elsewhere {
    /// Starts a sender there, as `World::start_sender` does.
    pub(crate) fn start_sender(
        &self,
        product: &str,
        row: &str,
        place: &Path,
        settings: &[(&str, &str)],
    ) -> Child {
        start_sender(&self.namespace, product, row, place, settings)
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        end(&self.namespace);
    }
}

fn start_sender(namespace: &str, product: &str, row: &str, place: &Path, settings: &[(&str, &str)]) -> Child {
    let log = fs::File::create(place.join("sender.log")).expect("a log");
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace, "unshare", "--mount", "--propagation", "private", "sh"]);
    command.arg(super::peers::rig().join("sender.sh")).arg(super::peers::folder());
    command.args([product, row]).arg(place).envs(settings.iter().copied()).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a second handle")).stderr(log);
    // OpenSMTPD, when its parts die, sends SIGTERM to its whole process group.
    command.process_group(0).spawn().expect("the sender starts")
}

/// Ends what runs in a namespace, and the namespace: its own processes are those that the kernel lists for it.
pub(crate) fn end(namespace: &str) {
    for _ in 0..20 {
        let listed = Command::new("ip").args(["netns", "pids", namespace]).output();
        let listed = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let Ok(listed) = listed else { return };
        let pids: Vec<&str> = listed.split_whitespace().collect();
        if pids.is_empty() {
            break;
        }
        // One that has ended in between is no fault.
        let _ = Command::new("kill").arg("-KILL").args(pids).stderr(Stdio::null()).status();
    }
    let _ = Command::new("ip").args(["netns", "del", namespace]).stderr(Stdio::null()).status();
}

/// Removes the namespaces of tests that were killed before they could.
pub(crate) fn sweep() {
    let listed = Command::new("ip").arg("netns").output().expect("ip starts");
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let name = line.split_whitespace().next().unwrap_or_default();
        let process = name.strip_prefix("mailassay-").and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            end(name);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        end(&self.sender);
        end(&self.receiver);
        if !std::thread::panicking() && std::env::var_os("MAILASSAY_INTEROP_KEEP").is_none() {
            let _ = fs::remove_dir_all(&self.folder);
            // The folder of all runs goes with the last of them.
            let _ = self.folder.parent().map(fs::remove_dir);
        }
    }
}

fn ip(arguments: &[&str]) {
    let output = Command::new("ip").args(arguments).output().expect("ip starts");
    assert!(
        output.status.success(),
        "ip {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
}
