//! The table from the guide's tools, files and settings to ours: what it names is there.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory, Parser};
use restante_server::config::Config;
use toml::{Table, Value};

use crate::CommandLine;

/// A configuration with a stream of each kind and a schedule, so that each key is there.
const WHOLE: &str = "\
    [[logging.file]]\nname = \"file\"\n[[logging.tty]]\n[[logging.system]]\n[[logging.network]]\n\
    [[schedule]]\nat = \"03:30\"\njob = { kind = \"tidy\" }\n";

/// What stands between backticks on the right side of the table, a row each.
fn rows() -> Vec<(&'static str, Vec<&'static str>)> {
    let page = include_str!("../../../docs/operating.md");
    let (_, table) = page.split_once("| the guide | here |\n|---|---|\n").expect("the table");
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [_, here] = cells[..] else { panic!("not two cells: {row}") };
        (row, here.split('`').skip(1).step_by(2).collect())
    })
    .collect()
}

fn has_option(command: &Command, word: &str) -> bool {
    let name = word.trim_start_matches('-');
    let long = word.starts_with("--");
    command.get_arguments().any(|option| match long {
        true => option.get_long() == Some(name),
        false => option.get_short().map(String::from).as_deref() == Some(name),
    })
}

/// What is not there of a command line: a command, a value or an option.
fn missing<'a>(all: &Command, words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut command = all;
    let is_there = |word: &&str| {
        if word.starts_with('-') {
            return has_option(command, word);
        }
        if let Some(below) = command.find_subcommand(word) {
            command = below;
            return true;
        }
        let mut values = command.get_positionals().flat_map(|one| one.get_possible_values());
        values.any(|value| value.get_name() == *word)
    };
    let mut is_there = is_there;
    words.filter(|word| !is_there(word)).collect()
}

fn has_key(table: &Table, key: &str) -> bool {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let value = match table.get(first) {
        Some(Value::Array(all)) if !rest.is_empty() => all.first(),
        value => value,
    };
    match (value, rest) {
        (None, _) => false,
        (Some(_), "") => true,
        (Some(Value::Table(table)), rest) => has_key(table, rest),
        _ => false,
    }
}

#[test]
fn all_that_takes_the_place_of_something_of_the_guide_is_there() {
    let mut all = CommandLine::command();
    all.build();
    let config = Config::parse(WHOLE, "test").expect("a configuration").to_string();
    let config: Table = config.parse().expect("it is TOML");
    let (mut commands, mut keys) = (0, 0);
    for (row, names) in rows() {
        for name in names {
            if let Some(line) = name.strip_prefix("restante ") {
                let missing = missing(&all, line.split_whitespace());
                assert!(missing.is_empty(), "there is no {missing:?}: {row}");
                commands += 1;
            } else if !name.starts_with(['/', '-']) {
                assert!(has_key(&config, name), "there is no {name}: {row}");
                keys += 1;
            }
        }
    }
    assert!(commands > 25 && keys > 25, "{commands} commands and {keys} keys");
    assert_eq!(missing(&all, ["backup", "--none", "none"].into_iter()), ["--none", "none"]);
    assert!(!has_key(&config, "logging.file.none") && !has_key(&config, "service.name.none"));
}

#[test]
fn each_command_says_of_itself_what_no_other_beside_it_says() {
    fn look(command: &Command) {
        let said = |command: &Command| command.get_about().map(ToString::to_string);
        let mut all = BTreeSet::new();
        for one in command.get_subcommands() {
            let about = said(one).unwrap_or_default();
            assert!(!about.is_empty(), "{} says nothing", one.get_name());
            assert!(all.insert(about), "{} {}", command.get_name(), one.get_name());
            look(one);
        }
    }
    look(&CommandLine::command());
}

#[test]
fn the_crontab_is_of_command_lines_and_no_command_takes_a_password_on_its_line() {
    let page = include_str!("../../../docs/operating.md");
    let (_, table) = page.split_once("# m h dom mon dow  command\n").expect("the crontab");
    let lines: Vec<_> = table.lines().take_while(|line| !line.starts_with("```")).collect();
    assert!(lines.len() > 3);
    for line in lines {
        let words = line.split_whitespace().skip(5);
        if let Err(error) = CommandLine::try_parse_from(words) {
            panic!("{line}: {error}");
        }
    }
    fn look(command: &Command) {
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(option != "password" && option != "pw", "{}", command.get_name());
        }
        command.get_subcommands().for_each(look);
    }
    look(&CommandLine::command());
}
