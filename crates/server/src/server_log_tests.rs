//! The log of a whole server: what can't be written is not done where that is required, and
//! streams change while it runs.

use std::fs;

use super::*;
use crate::config::{FileStream, Format, Logging};

fn audit_log(directory: &Path) -> Logging {
    let format = Format { fields: Vec::new(), ..Format::default() };
    let stream = FileStream { name: "audit".into(), required: true, format, ..Default::default() };
    Logging { directory: directory.to_owned(), file: vec![stream], ..Logging::default() }
}

#[tokio::test]
async fn an_operation_whose_record_can_not_be_written_is_refused() {
    let logs = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(|config| config.logging = audit_log(logs.path())).await;
    let mut user_agent = daemon.user_agent("alicepw").await.unwrap();
    let mut mta = daemon.mta("mta1", "mtapw").await.unwrap();
    user_agent.summarize(&SummarizeArgument::default()).await.unwrap();
    let (file, kept) = (logs.path().join("audit.log"), logs.path().join("kept"));
    fs::rename(&file, &kept).unwrap();
    fs::create_dir(&file).unwrap();
    let refused = async {
        let mut answered = 0;
        while user_agent.summarize(&SummarizeArgument::default()).await.is_ok() {
            answered += 1;
        }
        answered
    };
    let answered = tokio::time::timeout(PATIENCE, refused).await.expect("it is refused");
    mta.deliver(delivery(1, b"x".to_vec())).await.expect_err("nothing is delivered");
    assert!(daemon.user_agent("alicepw").await.is_err(), "nobody binds");
    fs::remove_dir(&file).unwrap();
    let served = async {
        while mta.deliver(delivery(1, b"x".to_vec())).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, served).await.expect("it goes on");
    user_agent.unbind().await.unwrap();
    daemon.stop().await;
    let lines = [kept, file].map(|file| fs::read_to_string(file).unwrap()).concat();
    let ok = |keyword: &str| {
        let is = |line: &&str| line.starts_with(keyword) && line.contains(" result=ok");
        lines.lines().filter(is).count()
    };
    let done = (ok("SUMMARIZE "), ok("DELIVER-MESSAGE "), ok("BIND "));
    assert_eq!(done, (answered + 1, 1, 2), "no record is lost: {lines}");
}

#[tokio::test]
async fn a_configuration_that_is_wrong_changes_nothing() {
    let [logs, others] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let daemon = Daemon::start(|config| config.logging = audit_log(logs.path())).await;
    let file = others.path().join("c.toml");
    fs::write(&file, "[logging]\ndirectory = \"logs\"\nfiles = 1\n").unwrap();
    daemon.running.reload_from(Some(&file));
    daemon.user_agent("alicepw").await.unwrap().unbind().await.unwrap();
    fs::write(&file, "[logging]\ndirectory = \"logs\"\n[[logging.file]]\n").unwrap();
    daemon.running.reload_from(Some(&file));
    daemon.user_agent("alicepw").await.unwrap().unbind().await.unwrap();
    let data = daemon.running.shared.config.data_directory.clone();
    let limits = "associations = 1\nassociations_per_peer = 1\nthreads = 7\n";
    let text = format!(
        "data_directory = {data:?}\n[logging]\ndirectory = \"logs\"\n\
                        [[logging.file]]\n[limits]\n{limits}"
    );
    fs::write(&file, text).unwrap();
    daemon.running.reload_from(Some(&file));
    // The places of those before are given up a moment after they have ended.
    let bound = async {
        loop {
            if let Ok(bound) = daemon.user_agent("alicepw").await {
                break bound;
            }
            tokio::task::yield_now().await;
        }
    };
    let mut one = tokio::time::timeout(PATIENCE, bound).await.expect("there is a place");
    assert!(daemon.user_agent("alicepw").await.is_err(), "one is as many as there may be");
    one.summarize(&SummarizeArgument::default()).await.unwrap();
    one.unbind().await.unwrap();
    let lines = daemon.stop().await;
    assert!(lines.contains(&"info log: limits.threads is taken at the next start".to_owned()));
    assert!(!lines.iter().any(|line| line.contains("limits.associations is taken")));
    let error = format!("error log: the configuration is not taken: {}:3:1: ", file.display());
    assert!(lines.iter().any(|line| line.starts_with(&error)), "{lines:?}");
    let binds = |path: std::path::PathBuf| {
        fs::read_to_string(path).unwrap().lines().filter(|line| line.contains("BIND ")).count()
    };
    let counts = [logs.path().join("audit.log"), others.path().join("logs/restante.log")];
    // Each association begins and ends.
    assert_eq!(counts.map(binds), [2, 4]);
}
