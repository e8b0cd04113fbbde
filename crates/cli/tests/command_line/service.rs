//! The process as a service manager sees it: readiness, signs of life, reload, stop; and what
//! shells and `man` get.

use std::{fs, os::unix::net::UnixDatagram, process::Command};

use tempfile::TempDir;

use crate::{done, restante};

fn signal(id: u32, name: &str) {
    let status = Command::new("kill").args([name, &id.to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_service_manager_is_told_that_it_serves_lives_reloads_and_stops() {
    let directory = TempDir::new().unwrap();
    let config = "[listener]\npresentation_address = '\"3001\"/Internet=127.0.0.1+0'\n\
                  [management]\nenabled = false\n";
    fs::write(directory.path().join("c.toml"), config).unwrap();
    let socket = UnixDatagram::bind(directory.path().join("notify")).unwrap();
    let mut child = restante(&["serve", "--config", "c.toml"])
        .current_dir(directory.path())
        .env("NOTIFY_SOCKET", directory.path().join("notify"))
        .env("WATCHDOG_USEC", "20000")
        .spawn()
        .unwrap();
    let told = || {
        let mut buffer = [0; 512];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    };
    let until = |wanted: &str| loop {
        let message = told();
        match message.as_str() {
            "WATCHDOG=1" if wanted != "WATCHDOG=1" => {}
            other => return assert!(other.starts_with(wanted), "{other}, not {wanted}"),
        }
    };
    until("READY=1\nSTATUS=serving at 127.0.0.1:");
    (0..3).for_each(|_| until("WATCHDOG=1"));
    signal(child.id(), "-HUP");
    until("RELOADING=1\nMONOTONIC_USEC=");
    until("READY=1\n");
    signal(child.id(), "-TERM");
    until("STOPPING=1\n");
    assert!(child.wait().unwrap().success());
}

#[test]
fn man_pages_and_completions_know_each_command() {
    let directory = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        done(&restante(arguments).current_dir(directory.path()).output().unwrap())
    };
    run(&["man", "--output", "."]);
    let page = fs::read_to_string(directory.path().join("restante-backup.1")).unwrap();
    assert!(page.contains("Back up mailboxes while the store serves"), "{page}");
    for page in ["restante.1", "restante-ua-list.1", "restante-message-move.1"] {
        assert!(directory.path().join(page).exists(), "{page}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert!(script.contains("destination"), "an option of backup: {script}");
    }
}
