//! PostgreSQL of Debian, started for a test in a folder of its own and reached by a socket in it alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use mailassay::shared::database::postgres::Address;

use super::interop::rig;

/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(60);

/// A server that runs as long as this lives.
pub(super) struct Server {
    folder: tempfile::TempDir,
    programs: PathBuf,
    process: Option<Child>,
    /// Whoever ends the server with this process.
    keeper: Option<Child>,
}

impl Server {
    /// One for all tests that want no more than a database; it ends with this process. None where PostgreSQL is not
    /// installed, which is said.
    pub(super) fn shared(test: &str) -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        let start = || {
            let mut server = Self::start(test)?;
            server.keeper = Some(server.keep());
            Some(server)
        };
        SHARED.get_or_init(start).as_ref()
    }

    /// Nothing is dropped at the end of a process: another hears of it by the end of its input, and ends the server.
    fn keep(&self) -> Child {
        let end = "cat >/dev/null; kill -QUIT \"$0\"; sleep 1; rm -rf \"$1\"";
        let server = self.process.as_ref().unwrap().id().to_string();
        let mut keeper = Command::new("sh");
        keeper.args(["-c", end, &server]).arg(self.folder.path()).stdin(Stdio::piped());
        keeper.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Makes and starts one; none where PostgreSQL is not installed, which is said.
    ///
    /// # Panics
    ///
    /// If it cannot be started, or is not installed and `MAILASSAY_REQUIRE_PEERS=1`.
    pub(super) fn start(test: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var("MAILASSAY_REQUIRE_PEERS").is_ok_and(|value| value == "1");
            assert!(!required, "{test}: PostgreSQL is missing; `.ci/peers` installs it");
            rig::run::say(&format!("{test}: skipped, because PostgreSQL is missing; see .ci/peers"));
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // The server runs as nobody but its own user, and its socket is for everybody of this machine.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let mut server = Self { folder, programs, process: None, keeper: None };
        let made = server
            .command("initdb")
            .args([
                "--auth=trust",
                "--username=mailassay",
                "--no-instructions",
                "--encoding=UTF8",
                "--pgdata",
            ])
            .arg(server.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        server.go_on(&[]);
        Some(server)
    }

    /// Starts the server again, with further settings (`name=value`), and waits until it answers.
    pub(super) fn go_on(&mut self, settings: &[&str]) {
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        command.args(["-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=60"]);
        settings.iter().for_each(|setting| {
            command.args(["-c", setting]);
        });
        self.process = Some(command.stderr(log).spawn().unwrap());
        let deadline = Instant::now() + START;
        while !self
            .command("pg_isready")
            .arg("-q")
            .arg("-h")
            .arg(self.folder.path())
            .status()
            .unwrap()
            .success()
        {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL did not start: {}", log());
            assert!(
                self.process.as_mut().unwrap().try_wait().unwrap().is_none(),
                "PostgreSQL ended: {}",
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the server as a crash would.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // SIGQUIT: all its processes end at once, and nothing is written (postgresql.org/docs, "Shutting Down the Server").
            let pid = rustix::process::Pid::from_child(&process);
            let _ended_already = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
            let _status = process.wait();
        }
    }

    /// A new, empty database, as a URL.
    pub(super) fn database(&self, name: &str) -> String {
        let made = self
            .command("createdb")
            .args(["-U", "mailassay", "-h"])
            .arg(self.folder.path())
            .arg(name)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        format!("postgres://mailassay@localhost/{name}?host={}", self.folder.path().display())
    }

    /// Its socket.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    /// The same, read.
    pub(super) fn address(&self, name: &str) -> Address {
        self.database(name).parse().unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of PostgreSQL's; it refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where Debian has the programs of its newest version.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut places: Vec<PathBuf> =
        versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect();
    places.sort();
    places.into_iter().rfind(|place| Path::join(place, "initdb").is_file())
}

#[tokio::test]
async fn tables_are_made_once_and_later_ones_are_left_alone() {
    use mailassay::shared::database::postgres::{Schema, Unfit, check, ensure, ensure_durable};
    let Some(mut server) = Server::start("the schema of PostgreSQL") else { return };
    let first = Schema { name: "sample", tables: "CREATE TABLE rows (number bigint)", steps: &[] };
    let second = Schema { steps: &["ALTER TABLE rows ADD COLUMN word text"], ..first };
    let address = server.address("sample");
    let mut connection = address.connect().await.unwrap();
    assert!(matches!(check(&mut connection, &first).await, Err(Unfit::Missing("sample"))));
    let (one, two) = (address.connect().await.unwrap(), address.connect().await.unwrap());
    let make = |mut connection| async move { ensure(&mut connection, &first).await.unwrap() };
    assert_eq!(
        tokio::join!(make(one), make(two)),
        (None, None),
        "who comes second finds what the first made"
    );
    assert_eq!(ensure(&mut connection, &second).await.unwrap(), Some(1));
    sqlx::query("INSERT INTO rows VALUES (1, 'one')").execute(&mut connection).await.unwrap();
    assert!(matches!(ensure(&mut connection, &first).await, Err(Unfit::Newer { found: 2, known: 1, .. })));
    sqlx::raw_sql("CREATE SCHEMA foreign_one").execute(&mut connection).await.unwrap();
    let foreign = Schema { name: "foreign_one", ..first };
    assert!(matches!(ensure(&mut connection, &foreign).await, Err(Unfit::Foreign("foreign_one"))));

    ensure_durable(&mut connection).await.unwrap();
    server.kill();
    server.go_on(&["synchronous_commit=off"]);
    let mut connection = address.connect().await.unwrap();
    let error = ensure_durable(&mut connection).await.unwrap_err().to_string();
    assert!(error.contains("`synchronous_commit = off`"), "{error}");
}
