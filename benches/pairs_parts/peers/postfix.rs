//! Postfix of Debian, from the packages that `.ci/peers` leaves in target/interop, in a mount namespace of its own.

use std::error::Error;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};

/// How long a start may take.
const START_MAX: Duration = Duration::from_secs(60);

/// A Postfix that takes mail for one domain, writes it into its queue, and throws it away behind that.
pub(in crate::parts) struct Postfix {
    child: Child,
    folder: tempfile::TempDir,
    pub(in crate::parts) address: SocketAddr,
}

/// Where the packages are.
fn peers() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    Path::new(env!("CARGO_MANIFEST_DIR")).join(target).join("interop")
}

impl Postfix {
    /// Starts it; none where there are no packages, or for want of root.
    pub(in crate::parts) fn start(core: Option<usize>, domain: &str) -> Result<Option<Self>, Box<dyn Error>> {
        Self::start_in(core, domain, tempfile::tempdir()?)
    }

    /// Starts one that offers STARTTLS, hardened, with a certificate for `host`.
    pub(in crate::parts) fn hardened(host: &str) -> Result<Option<Self>, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = CertificateParams::new(vec![host.to_owned()])?.self_signed(&key)?;
        fs::write(folder.path().join("chain.pem"), certificate.pem())?;
        fs::write(folder.path().join("key.pem"), key.serialize_pem())?;
        Self::start_in(None, host, folder)
    }

    fn start_in(
        core: Option<usize>,
        domain: &str,
        folder: tempfile::TempDir,
    ) -> Result<Option<Self>, Box<dyn Error>> {
        let peers = peers();
        if !peers.join("debs/postfix").is_dir() || !rustix::process::geteuid().is_root() {
            println!("  there is no Postfix: `.ci/peers` leaves it in target/interop, and root starts it");
            return Ok(None);
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let log = File::create(folder.path().join("log"))?;
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = super::on(core, "unshare");
        command.args(["--mount", "--propagation", "private", "sh"]);
        command
            .arg(here.join("benches/pairs_parts/peers/postfix.sh"))
            .arg(here)
            .arg(fs::canonicalize(peers)?);
        command.arg(folder.path()).arg(port.to_string()).arg(domain);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut postfix = Self { child, folder, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if began.elapsed() > START_MAX || !matches!(postfix.child.try_wait(), Ok(None)) {
                let log = fs::read_to_string(postfix.folder.path().join("log")).unwrap_or_default();
                return Err(format!("Postfix did not start:\n{log}").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Some(postfix))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let master = fs::read_to_string(self.folder.path().join("queue/pid/master.pid"));
        let master = master.ok().and_then(|id| id.trim().parse().ok());
        let id = master.unwrap_or_else(|| self.child.id());
        super::end(&mut self.child, id);
    }
}
