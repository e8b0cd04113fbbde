//! What the checks need beside a Rust toolchain, and how it gets onto a bare machine.

use std::path::Path;
use std::process::{Command, Stdio};

/// A program that is started, or a file where it is not started by us, and the Debian package
/// that brings it.
pub(crate) struct Need {
    pub(crate) program: &'static str,
    pub(crate) package: &'static str,
}

/// What `cargo xtask ci` needs: the tests let `tshark` judge captured traffic, look at the console
/// in a real browser, and have the service manager's own tool read the unit.
pub(crate) const FOR_TESTS: &[Need] = &[
    Need { program: "tshark", package: "tshark" },
    Need { program: "chromium", package: "chromium" },
    Need { program: "systemd-analyze", package: "systemd" },
];

/// What `cargo xtask fuzz` needs: the fuzzing engine is C++ source.
pub(crate) const FOR_FUZZING: &[Need] = &[Need { program: "c++", package: "g++" }];

/// What `cargo xtask bench` needs: the neighbour.
pub(crate) const FOR_BENCHMARKS: &[Need] = &[
    Need { program: "dovecot", package: "dovecot-core" },
    Need { program: "/usr/lib/dovecot/imap", package: "dovecot-imapd" },
    Need { program: "/usr/lib/dovecot/lmtp", package: "dovecot-lmtpd" },
];

/// Installs what is missing where that is possible without asking: as root, with `apt-get`.
///
/// # Errors
/// One line that says what to install where it is not possible.
pub(crate) fn ensure(needs: &[Need]) -> Result<(), String> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !is_there(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if is_root() && starts("apt-get") {
        println!("installing {}", packages.join(", "));
        apt_get(&["update", "--quiet"])?;
        apt_get(
            &[&["install", "--yes", "--quiet", "--no-install-recommends"], &packages[..]].concat(),
        )?;
    }
    match missing.iter().find(|need| !is_there(need)) {
        None => Ok(()),
        Some(_) => Err(advice(&packages)),
    }
}

fn advice(packages: &[&str]) -> String {
    format!("missing {0}: install with `sudo apt-get install {0}`", packages.join(" "))
}

fn is_there(need: &Need) -> bool {
    match need.program.starts_with('/') {
        true => Path::new(need.program).exists(),
        false => starts(need.program),
    }
}

fn starts(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("apt-get {} ended with {status}", arguments.join(" "))),
        Err(error) => Err(format!("apt-get could not be started: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        assert!(starts("cargo"));
        assert!(!starts("no-such-program-anywhere"));
        let file = |program| Need { program, package: "none" };
        assert!(is_there(&file("/proc/self/stat")) && !is_there(&file("/proc/no-such-file")));
    }

    #[test]
    fn the_advice_can_be_pasted() {
        assert_eq!(
            advice(&["tshark"]),
            "missing tshark: install with `sudo apt-get install tshark`"
        );
    }
}
