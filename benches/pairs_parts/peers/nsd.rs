//! NSD with the same zones, as signed by ours.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An NSD with as many processes that answer as there are cores.
pub(in crate::parts) struct Nsd {
    child: Child,
    _folder: tempfile::TempDir,
    pub(in crate::parts) address: SocketAddr,
}

impl Nsd {
    /// Starts it with `zones`, as `mailassay zone print` prints them; none where there is no NSD.
    pub(in crate::parts) fn start(zones: &str) -> Result<Option<Self>, Box<dyn Error>> {
        if !super::is_here("nsd") {
            println!("  there is no NSD: `.ci/peers` installs it");
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        let place = folder.path().display();
        let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut config = format!(
            "server:\n ip-address: 127.0.0.1@{port}\n server-count: 2\n username: \"\"\n zonesdir: \"{place}\"\n\
             \x20database: \"\"\n zonelistfile: \"{place}/zones\"\n xfrdfile: \"{place}/xfrd\"\n xfrdir: \"{place}\"\n\
             \x20pidfile: \"{place}/pid\"\n hide-version: yes\n rrl-ratelimit: 0\n\
             remote-control:\n control-enable: no\n"
        );
        for (n, zone) in zones.split("; zone ").skip(1).enumerate() {
            let (apex, records) = zone.split_once('\n').ok_or("a zone without a name")?;
            fs::write(folder.path().join(format!("{n}.zone")), records)?;
            write!(config, "zone:\n name: {apex}\n zonefile: {n}.zone\n")?;
        }
        let path = folder.path().join("nsd.conf");
        fs::write(&path, config)?;
        let log = fs::File::create(folder.path().join("log"))?;
        let mut command = Command::new("nsd");
        command.arg("-d").arg("-c").arg(path).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.process_group(0).spawn()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let nsd = Self { child, _folder: folder, address };
        nsd.until_answers()?;
        Ok(Some(nsd))
    }

    fn until_answers(&self) -> Result<(), Box<dyn Error>> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(self.address)?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        // The root's NS, which it refuses.
        let question = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1];
        let mut answer = [0; 512];
        for _ in 0..100 {
            // Before it is bound, the question is refused.
            let _ = socket.send(&question);
            if socket.recv(&mut answer).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("NSD does not answer".into())
    }

    /// The CPU time of all its processes.
    pub(in crate::parts) fn cpu(&self) -> Duration {
        let group = self.child.id().to_string();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let is_its = |id: &u32| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            // Behind the name: state, parent, process group.
            let group_of = stat.rsplit_once(')').and_then(|(_, fields)| fields.split_whitespace().nth(2));
            group_of.is_some_and(|of| of == group)
        };
        ids.filter(is_its).map(crate::process::cpu).sum()
    }
}

impl Drop for Nsd {
    fn drop(&mut self) {
        let id = self.child.id();
        super::end(&mut self.child, id);
    }
}
