//! A Debian host that was just installed, with systemd as its first process, in the receiver's namespace of a world:
//! `tests/first_hour/README.md` says how it is made.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::interop::rig;
use rig::world::World;

/// How long systemd may take until it runs, and a service until it serves.
pub(super) const START: Duration = Duration::from_secs(90);

/// Where the scripts are.
pub(super) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first_hour")
}

/// Whether a host can be booted here; says so on the terminal if not.
///
/// # Panics
/// If not and `MAILASSAY_REQUIRE_PEERS=1`.
pub(super) fn is_here(test: &str, programs: &[&str]) -> bool {
    if !rig::peers::are_here(test) {
        return false;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_program = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let absent = programs.iter().find(|name| !is_program(name)).map(|name| format!("`{name}`"));
    let files = [clean_root(), cargo_deb()];
    let file = || files.iter().find(|file| !file.exists()).map(|file| file.display().to_string());
    let Some(absent) = absent.or_else(file) else { return true };
    let required = std::env::var("MAILASSAY_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(!required, "{test}: {absent} is missing; `.ci/peers` and `.ci/tools` install what is needed");
    rig::run::say(&format!("{test}: skipped, because {absent} is missing; see .ci/peers and .ci/tools"));
    false
}

/// The root file system of a new host, which `.ci/peers` makes.
fn clean_root() -> PathBuf {
    rig::peers::folder().join("clean-root.tar")
}

fn target() -> PathBuf {
    rig::peers::folder().parent().unwrap().to_owned()
}

fn cargo_deb() -> PathBuf {
    target().join("tools/bin/cargo-deb")
}

/// The Debian package of the program that is tested, twice: the second is an upgrade of the first.
pub(super) fn packages() -> &'static [PathBuf; 2] {
    // `packaging/build` lays what goes into a package always at the same place.
    static PACKAGES: OnceLock<[PathBuf; 2]> = OnceLock::new();
    PACKAGES.get_or_init(|| ["1", "2"].map(package))
}

fn package(revision: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("packages-{revision}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut build = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/build"));
    build.args(["--profile", "dev", "deb"]).stdin(Stdio::null());
    build.env("CARGO_TARGET_DIR", target()).env("MAILASSAY_PROGRAM", env!("CARGO_BIN_EXE_mailassay"));
    build.env("MAILASSAY_PACKAGES", &folder).env("MAILASSAY_DEB_REVISION", revision);
    // It is unpacked once.
    build.env("MAILASSAY_DEB_FLAGS", "--fast");
    well(&build.output().unwrap(), "packaging/build");
    debs(&folder).pop().expect("a package")
}

fn debs(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    files.filter(|file| file.extension().is_some_and(|ending| ending == "deb")).collect()
}

/// Whatever runs as a child, and ends with the test.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program whose output goes to a log in `folder`.
pub(super) fn background(command: &mut Command, folder: &Path, log: &str) -> Running {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join(log)).unwrap();
    command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    Running(command.spawn().unwrap())
}

/// Fails with what a program said if it did not end well.
pub(super) fn well(output: &Output, what: &str) {
    assert!(output.status.success(), "{what}: {}", said(output));
}

/// What a program said.
pub(super) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|octets| String::from_utf8_lossy(octets).into_owned()).concat()
}

/// Waits until something is so.
pub(super) fn wait(limit: Duration, what: impl Fn() -> String, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < limit, "not after {limit:?}: {}", what());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The host. It is shut off, without further ado, when this is dropped.
pub(super) struct Host<'world> {
    world: &'world World,
    /// Seen inside as `/rig`.
    pub(super) place: PathBuf,
    /// systemd, as this machine counts.
    init: u32,
    /// Ends the host when it ends.
    keeper: Running,
}

impl<'world> Host<'world> {
    /// Boots it, with `place` for what both sides see.
    pub(super) fn boot(world: &'world World, place: PathBuf) -> Self {
        fs::create_dir_all(&place).unwrap();
        let mut enter = world.at_receiver("sh");
        enter.arg(scripts().join("enter.sh")).arg(clean_root()).arg(&place);
        let keeper = background(&mut enter, &place, "boot.log");
        let number = keeper.0.id();
        let children = format!("/proc/{number}/task/{number}/children");
        let child = || fs::read_to_string(&children).ok()?.split_whitespace().next()?.parse::<u32>().ok();
        // Its first child prepares what systemd needs, and becomes it.
        let is_systemd = |pid: u32| {
            fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "systemd")
        };
        let log = || fs::read_to_string(place.join("boot.log")).unwrap_or_default();
        wait(START, log, || child().is_some_and(is_systemd));
        let init = child().expect("the host");
        let host = Self { world, place, init, keeper };
        let state = || host.run("systemctl is-system-running; systemctl --failed --no-pager").1;
        wait(START, state, || state().starts_with("running"));
        host
    }

    /// Runs commands as root, as after a login. Their exit code, and what they say.
    pub(super) fn run(&self, script: &str) -> (i32, String) {
        let mut command = self.world.at_receiver("nsenter");
        command.arg("--target").arg(self.init.to_string());
        command.args(["--mount", "--pid", "--ipc", "--uts", "--cgroup", "--root", "--wd", "sh", "-c"]);
        command.arg(format!("set -eu\ncd /root\n{script}"));
        command.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("HOME", "/root");
        let output = command.output().unwrap();
        (output.status.code().unwrap_or(-1), said(&output))
    }

    /// The same for what must end well. What it says.
    pub(super) fn must(&self, script: &str) -> String {
        let (code, said) = self.run(script);
        assert_eq!(code, 0, "{script}\n{said}\n{}", self.log());
        said
    }

    /// A path on the host, seen from outside.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        Path::new(&format!("/proc/{}/root", self.init)).join(path.trim_start_matches('/'))
    }

    /// What the journal of systemd has of the service, as it was written, with the number of each priority before it.
    pub(super) fn log(&self) -> String {
        let (_, lines) = self.run("journalctl --unit mailassay --output json --no-pager");
        let entries = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let ours = entries.filter(|entry| entry["_COMM"] == "mailassay");
        let line = |entry: serde_json::Value| {
            let word = |key: &str| entry[key].as_str().unwrap_or("?").to_owned();
            format!("<{}>{}\n", word("PRIORITY"), word("MESSAGE"))
        };
        ours.map(line).collect()
    }
}

impl Drop for Host<'_> {
    fn drop(&mut self) {
        let _ = self.keeper.0.kill();
        let _ = self.keeper.0.wait();
        // Control groups that its processes have left.
        let own = format!("*/mailassay-host-{}*", self.keeper.0.id());
        let mut find = Command::new("find");
        find.args(["/sys/fs/cgroup", "-depth", "-type", "d", "-path", &own, "-exec", "rmdir", "{}", "+"]);
        let _ = find.stderr(Stdio::null()).status();
    }
}
