//! A network of its own: only `lo`, where all of 127.0.0.0/8 lives, but for addresses whose packets
//! vanish.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::country::plan;

/// Tells the process inside that it is.
pub const INSIDE: &str = "LAB_INSIDE";

/// Goes on in a new network namespace: replaces this process by itself. Returns when it is there.
///
/// # Errors
/// One sentence that says what is missing.
pub fn enter() -> Result<(), String> {
    if std::env::var_os(INSIDE).is_some() {
        return set_up();
    }
    let me = std::env::current_exe().map_err(|err| format!("cannot find this program: {err}"))?;
    let err = Command::new("unshare")
        .args(["--net", "--"])
        .arg(me)
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "1")
        .exec();
    Err(format!(
        "cannot run unshare ({err}); install util-linux, or pass --no-namespace"
    ))
}

fn set_up() -> Result<(), String> {
    ip(&["link", "set", "lo", "up"])?;
    // What is sent out through lo to an address nobody has comes back in, is for nobody, and is
    // dropped without a word. `lo` claims all of 127.0.0.0/8 in the table `local`, so that the
    // exception has to stand there as well.
    ip(&[
        "route",
        "add",
        "unicast",
        plan::VOID,
        "dev",
        "lo",
        "src",
        "127.0.0.1",
        "table",
        "local",
    ])
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).output();
    let output = output.map_err(|err| format!("cannot run ip ({err}); install iproute2"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "ip {}: {}; the lab needs root and the right to make namespaces (a container needs \
             --cap-add SYS_ADMIN and NET_ADMIN), or --no-namespace",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}
