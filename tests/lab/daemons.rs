//! The name servers and the resolver: NSD and Unbound from Debian, as processes of this one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::country::record::{SOA, wire};
use crate::country::{numbers, plan};

/// How long servers may take to load their zones: for each of so many zones a second more.
const PATIENCE: Duration = Duration::from_secs(30);
const ZONES_A_SECOND: u64 = 2_000;

/// Running servers, which end with this value.
pub struct Daemons {
    children: Vec<(String, Child)>,
}

/// The unpacked packages: `scripts/real-servers` knows how to get them.
///
/// # Errors
/// One sentence that says what is missing.
pub fn packages() -> Result<String, String> {
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/scripts/real-servers.d/packages.sh"
    );
    let text = format!(
        "set -euo pipefail; step() {{ echo \"lab: $*\" >&2; }}; die() {{ step \"$*\"; exit 1; }}; \
         . '{script}'; unpack_servers >&2; echo \"$tree\""
    );
    let output = Command::new("bash")
        .args(["-c", &text])
        .stderr(Stdio::inherit())
        .output();
    let output = output.map_err(|err| format!("cannot run bash: {err}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err("the packages of NSD and Unbound could not be had".to_owned()),
    }
}

impl Daemons {
    /// Writes configurations, starts every server and waits until all answer.
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn start(dir: &Path, tree: &str, hosters: usize, zones: usize) -> Result<Self, String> {
        let mut daemons = Self {
            children: Vec::new(),
        };
        let io = |err: io::Error| format!("{}: {err}", dir.display());
        let tlds: String = numbers::TLDS
            .iter()
            .map(|(tld, _)| zone(tld, tld))
            .collect();
        let children = std::fs::read_to_string(dir.join("zones.conf")).map_err(io)?;
        let at: Vec<Ipv4Addr> = (0..hosters).flat_map(plan::hoster).collect();
        for (name, addresses, zones) in [
            ("root", vec![plan::ROOT], zone("", "root")),
            ("tld", vec![plan::TLD], tlds),
            ("children", at, children),
        ] {
            let file = dir.join(format!("nsd-{name}.conf"));
            std::fs::write(&file, nsd(dir, name, &addresses, &zones)).map_err(io)?;
            daemons.spawn(
                dir,
                tree,
                &format!("nsd-{name}"),
                "nsd",
                &["-d", "-c"],
                &file,
            )?;
        }
        let file = dir.join("unbound.conf");
        std::fs::write(&file, unbound(dir)).map_err(io)?;
        daemons.spawn(dir, tree, "unbound", "unbound", &["-d", "-c"], &file)?;
        let patience = PATIENCE + Duration::from_secs(zones as u64 / ZONES_A_SECOND);
        for (ip, name) in [
            (plan::ROOT, ""),
            (plan::TLD, "cz"),
            (plan::hoster(0)[0], "manners.cz"),
            (plan::RESOLVER, "manners.cz"),
        ] {
            daemons.wait(dir, ip, name, patience)?;
        }
        Ok(daemons)
    }

    fn spawn(
        &mut self,
        dir: &Path,
        tree: &str,
        name: &str,
        program: &str,
        args: &[&str],
        config: &Path,
    ) -> Result<(), String> {
        let log = dir.join(format!("log/{name}.stderr"));
        let log = std::fs::File::create(&log).map_err(|err| format!("{}: {err}", log.display()))?;
        let libraries = ["usr/lib", "lib"]
            .map(|lib| format!("{tree}/{lib}/{}-linux-gnu", std::env::consts::ARCH));
        // --pdeathsig: even if this process is killed outright, no server survives it.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(format!("{tree}/usr/sbin/{program}"))
            .args(args)
            .arg(config)
            .env("LD_LIBRARY_PATH", libraries.join(":"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        let child =
            child.map_err(|err| format!("cannot run setpriv ({err}); install util-linux"))?;
        self.children.push((name.to_owned(), child));
        Ok(())
    }

    /// Waits until a server answers for a zone.
    fn wait(
        &mut self,
        dir: &Path,
        ip: Ipv4Addr,
        zone: &str,
        patience: Duration,
    ) -> Result<(), String> {
        let end = Instant::now() + patience;
        while !answers(ip, zone) {
            for (name, child) in &mut self.children {
                if let Ok(Some(status)) = child.try_wait() {
                    let log = dir.join("log");
                    return Err(format!("{name} ended ({status}); see {}", log.display()));
                }
            }
            if Instant::now() > end {
                return Err(format!(
                    "{ip} does not answer for {zone}. within {patience:?}"
                ));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Daemons {
    fn drop(&mut self) {
        for (_, child) in &self.children {
            // NSD wants to end its own children; the handle could only kill.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
        }
        for (_, child) in &mut self.children {
            let _ = child.wait();
        }
    }
}

/// Asks for SOA, and takes any answer without an error that has one.
fn answers(ip: Ipv4Addr, zone: &str) -> bool {
    let mut question = vec![0x4d, 0x43, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    question.extend(wire(zone));
    question.extend(SOA.to_be_bytes());
    question.extend(1_u16.to_be_bytes());
    let ask = || {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(500)))?;
        socket.send_to(&question, SocketAddr::from((ip, 53)))?;
        let mut answer = [0; 1_500];
        socket
            .recv(&mut answer)
            .map(|length| length > 12 && answer[3] & 15 == 0 && answer[7] > 0)
    };
    ask().unwrap_or_else(|_: io::Error| {
        std::thread::sleep(Duration::from_millis(50));
        false
    })
}

fn zone(name: &str, file: &str) -> String {
    format!("zone:\n  name: \"{name}.\"\n  zonefile: \"{file}\"\n")
}

fn nsd(dir: &Path, name: &str, addresses: &[Ipv4Addr], zones: &str) -> String {
    let dir = dir.display();
    let addresses: String = addresses
        .iter()
        .map(|ip| format!("  ip-address: {ip}\n"))
        .collect();
    format!(
        "server:\n{addresses}  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  database: \"\"\n  \
         zonesdir: \"{dir}/zones\"\n  zonelistfile: \"{dir}/run/{name}.list\"\n  \
         xfrdfile: \"{dir}/run/{name}.xfrd\"\n  xfrdir: \"{dir}/run\"\n  \
         pidfile: \"{dir}/run/{name}.pid\"\n  logfile: \"{dir}/log/nsd-{name}.log\"\n  \
         rrl-ratelimit: 0\n  tcp-count: 500\nremote-control:\n  control-enable: no\n{zones}"
    )
}

/// The product's own configuration, with what is different here.
fn unbound(dir: &Path) -> String {
    let product = include_str!("../../scripts/unbound.conf");
    let (resolver, dir) = (plan::RESOLVER, dir.display());
    let kept: String = product
        .lines()
        .map(str::trim)
        // Where it listens; and here all name servers are one machine, which nobody else needs.
        .filter(|line| {
            !["interface:", "ratelimit:"]
                .iter()
                .any(|word| line.starts_with(word))
        })
        .map(|line| {
            if line == "server:" {
                format!("{line}\n")
            } else {
                format!("  {line}\n")
            }
        })
        .collect();
    format!(
        "{kept}  interface: {resolver}\n  ratelimit: 0\n  do-not-query-localhost: no\n  do-ip6: no\n  \
         root-hints: \"{dir}/root.hints\"\n  trust-anchor-file: \"{dir}/root.key\"\n  \
         infra-cache-max-rtt: 2000\n  username: \"\"\n  chroot: \"\"\n  directory: \"{dir}/run\"\n  \
         pidfile: \"\"\n  use-syslog: no\n  logfile: \"{dir}/log/unbound.log\"\nremote-control:\n  \
         control-enable: no\n"
    )
}
