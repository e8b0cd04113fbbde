//! What the configuration says when something is wrong with it, and that its reference is true.

use expect_test::{Expect, expect};

use super::*;

fn refused(text: &str, expected: Expect) {
    let error = Config::parse(text, "restante.toml").unwrap_err();
    expected.assert_eq(&folded(&error.to_string()));
}

/// Long lines broken at spaces, so that they can be read here.
fn folded(text: &str) -> String {
    let mut lines = vec![String::new()];
    for (at, word) in text.split(' ').enumerate() {
        let line = lines.last_mut().unwrap();
        if line.len() + word.len() > 70 {
            lines.push(word.to_owned());
        } else {
            line.push_str(if at > 0 { " " } else { "" });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(Config::parse("", "restante.toml").unwrap(), Config::default());
    assert_eq!(Config::load(None).unwrap(), Config::default());
}

#[test]
fn what_is_printed_says_the_same() {
    let config = Config::default();
    assert_eq!(Config::parse(&config.to_string(), "printed").unwrap(), config);
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    refused(
        "\n[limits]\nassociation = 5\n",
        expect![[r#"
            restante.toml:3:1: unknown field `association`, expected one of
            `associations`, `associations_per_peer`, `threads`, `operations`,
            `deliveries`, `pdu_octets`, `pdu_before_bind_octets`,
            `assembly_memory_octets`, `assembly_disk_octets`, `mailbox_entries`,
            `mailbox_octets`, `mailbox_alarm_percent`, `delivered_content_octets`,
            `bind_time_s`, `idle_time_s`, `interrupted_associations`,
            `interrupted_associations_per_peer`, `interrupted_time_s`,
            `shutdown_time_s`
              | association = 5"#]],
    );
}

#[test]
fn a_number_out_of_its_range_is_refused_with_its_line() {
    refused(
        "[listener]\n\ntpdu_octets = 127\n",
        expect![[r#"
        restante.toml:3:15: invalid value: integer `127`, expected 128 to
        65531
          | tpdu_octets = 127"#]],
    );
    refused(
        "[limits]\nidle_time_s = -1\n",
        expect![[r#"
        restante.toml:2:15: invalid value: integer `-1`, expected 0 to
        31536000
          | idle_time_s = -1"#]],
    );
}

#[test]
fn a_value_of_another_kind_is_refused_with_its_line() {
    refused(
        "[service]\nsingle_p7_bind = \"yes\"\n",
        expect![[r#"
        restante.toml:2:18: invalid type: string "yes", expected a boolean
          |
        single_p7_bind = "yes""#]],
    );
    refused(
        "[events]\nseverity = \"loud\"\n",
        expect![[r#"
        restante.toml:2:12: unknown variant `loud`, expected one of `debug`,
        `info`, `warning`, `error`
          | severity = "loud""#]],
    );
}

#[test]
fn what_is_no_toml_is_refused_with_its_line() {
    refused(
        "[service\n",
        expect![[r#"
        restante.toml:1:9: unclosed table, expected `]`
          | [service"#]],
    );
}

#[test]
fn an_address_that_is_none_is_refused_with_its_line() {
    refused(
        "[listener]\npresentation_address = \"3001\"\n",
        expect![[r#"
        restante.toml:2:24: "3001": `3001` is no network address: write
        Internet=host+port
          | presentation_address = "3001""#]],
    );
    refused(
        "[service]\nname = \"Restante\"\n",
        expect![[r#"
            restante.toml:2:8: "Restante": `Restante` is not of the form
            label=value (character 1)
              | name = "Restante""#]],
    );
}

#[test]
fn values_that_do_not_go_together_are_refused() {
    refused(
        "limits.associations_per_peer = 801\n",
        expect![[r#"
        restante.toml: limits.associations_per_peer is more than
        limits.associations; lower the one or raise the other"#]],
    );
}

#[test]
fn a_relative_path_is_taken_from_the_files_directory() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("restante.toml");
    fs::write(&file, "data_directory = \"data\"\n").unwrap();
    let config = Config::load(Some(&file)).unwrap();
    assert_eq!(config.data_directory, directory.path().join("data"));
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let error = Config::load(Some(Path::new("/nowhere/restante.toml"))).unwrap_err();
    expect![[r#"
        /nowhere/restante.toml: No such file or directory (os error 2); name
        the configuration file with --config, or leave it out"#]]
    .assert_eq(&folded(&error.to_string()));
}

/// The reference in the documentation names every key, and each with its default.
#[test]
fn the_reference_is_the_default_with_every_key() {
    let page = include_str!("../../../../docs/operating.md");
    let (_, rest) = page.split_once("```toml\n").expect("a TOML block");
    let (block, _) = rest.split_once("```").expect("its end");
    assert_eq!(Config::parse(block, "operating.md").unwrap(), Config::default());
    let keys = |text: &str| -> Vec<String> {
        let keys = text.lines().filter(|line| !line.starts_with('#'));
        let keys = keys.filter_map(|line| line.split_once(" = "));
        keys.map(|(key, _)| key.to_owned()).collect()
    };
    assert_eq!(keys(block), keys(&Config::default().to_string()));
}

/// The TOML block of the documentation that begins with these words.
fn block(heading: &str) -> &'static str {
    let page = include_str!("../../../../docs/operating.md");
    let begin = page.find(&format!("```toml\n{heading}")).expect("a TOML block");
    page[begin..].trim_start_matches("```toml\n").split_once("```").expect("its end").0
}

/// The reference of each kind of stream names every key, and each with its default.
#[test]
fn the_reference_of_streams_is_the_default_with_every_key() {
    let of = |logging: Logging| Config { logging, ..Config::default() };
    for (heading, logging) in [
        ("[[logging.file]]", Logging { file: vec![FileStream::default()], ..Logging::default() }),
        (
            "[[logging.system]]",
            Logging { system: vec![SystemStream::default()], ..Logging::default() },
        ),
        (
            "[[logging.network]]",
            Logging { network: vec![NetworkStream::default()], ..Logging::default() },
        ),
        ("[[logging.tty]]", Logging { tty: vec![TtyStream::default()], ..Logging::default() }),
    ] {
        let block = block(heading);
        let config = of(logging);
        assert_eq!(Config::parse(block, "operating.md").unwrap(), config);
        let printed = config.to_string();
        let (_, printed) = printed.split_once(heading).unwrap();
        let keys = |text: &str| -> Vec<String> {
            let keys = text.lines().filter(|line| !line.starts_with('#'));
            let keys = keys.filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()));
            keys.collect()
        };
        assert_eq!(keys(block), keys(printed));
    }
}

#[test]
fn streams_that_can_not_be_are_refused_with_their_line() {
    refused(
        "[[logging.file]]\nname = \"a\"\nrollover = 5\n",
        expect![[r#"
        restante.toml:3:1: unknown field `rollover`, expected one of `name`,
        `directory`, `permissions`, `rollover_minutes`,
        `rollover_offset_minutes`, `kept_files`, `kept_days`, `sync`, `close`,
        `required`, `events`, `audits`, `format`
          | rollover = 5"#]],
    );
    refused(
        "[[logging.file]]\npermissions = \"444\"\n",
        expect![[r#"
        restante.toml:2:15: "444": write an octal mode that lets its owner
        write: "640"
          | permissions = "444""#]],
    );
    refused(
        "[[logging.file]]\nevents = { facilities = { p5 = [] } }\n",
        expect![[r#"
        restante.toml:2:27: unknown variant `p5`, expected one of `admin`,
        `server`, `osi`, `p7`, `p3`, `directory`, `storage`, `log`
          | events =
        { facilities = { p5 = [] } }"#]],
    );
    refused(
        "[[logging.file]]\n[logging.file.audits.chosen]\nFETCHED = []\n",
        expect![[r#"
            restante.toml:3:1: unknown variant `FETCHED`, expected one of `BIND`,
            `LIST`, `SUMMARIZE`, `FETCH`, `DELETE`, `MODIFY`, `REGISTER-MS`,
            `SUBMIT-MESSAGE`, `SUBMIT-MESSAGE-RESULT`, `SUBMIT-PROBE`,
            `SUBMIT-PROBE-RESULT`, `CANCEL-DEFERRED-DELIVERY`, `DELIVER-MESSAGE`,
            `DELIVER-REPORT`, `DELIVERY-CONTROL`, `SUBMISSION-CONTROL`,
            `CHANGE-CREDENTIALS`, `REGISTER`, `UNBIND`, `ALERT`, `AUTO-ACTION`,
            `ADMIN`
              | FETCHED = []"#]],
    );
    refused(
        "[[logging.file]]\n[[logging.tty]]\nname = \"restante\"\n",
        expect![[r#"
        restante.toml: two streams of [logging] have the same name; give each
        its own"#]],
    );
    refused(
        "[[logging.system]]\nevents = { severities = [\"pdu\"] }\n",
        expect![[r#"
        restante.toml:2:10: a system stream takes no debug and no pdu; log
        these into a file
          | events = { severities = ["pdu"] }"#]],
    );
    refused(
        "[[logging.system]]\nto = \"pipe:/tmp/x\"\n",
        expect![[r#"
        restante.toml:2:6: "pipe:/tmp/x": write unix:PATH, udp:HOST:PORT,
        tcp:HOST:PORT or journal
          | to = "pipe:/tmp/x""#]],
    );
    refused(
        "[[logging.network]]\nto = \"tcp:host\"\n",
        expect![[r#"
        restante.toml:2:6: "tcp:host": write tcp:HOST:PORT or pipe:PATH
          | to
        = "tcp:host""#]],
    );
}

#[test]
fn a_schedule_is_read_and_printed_and_refused_where_it_can_not_be() {
    let page = include_str!("../../../../docs/operating.md");
    let (_, block) = page.split_once("```toml\n[[schedule]]").expect("the block");
    let block = format!("[[schedule]]{}", block.split("```").next().expect("it ends"));
    let config = Config::parse(&block, "operating.md").unwrap();
    assert_eq!(config.schedule.len(), 2);
    assert_eq!(Config::parse(&config.to_string(), "printed").unwrap(), config);
    for (wrong, said) in [
        ("at = \"25:30\"\njob = { kind = \"tidy\" }", "25:30"),
        ("at = \"03:30\"\njob = { kind = \"sweep\" }", "unknown variant `sweep`"),
        ("at = \"03:30\"\njob = { kind = \"tidy\", old = 1 }", "unknown field `old`"),
        ("at = \"03:30\"\ndays = [\"someday\"]\njob = { kind = \"tidy\" }", "someday"),
    ] {
        let error = Config::parse(&format!("[[schedule]]\n{wrong}"), "c.toml").unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    let idle = format!("{block}[management]\nenabled = false\n");
    assert!(
        Config::parse(&idle, "c.toml").unwrap_err().to_string().contains("management.enabled")
    );
}
