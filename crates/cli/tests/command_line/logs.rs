//! What concerns the log: the catalogue of its messages.

use super::*;

#[test]
fn a_catalogue_is_printed_translated_and_checked() {
    let directory = TempDir::new().unwrap();
    let at = |arguments: &[&str]| {
        let mut command = restante(arguments);
        command.current_dir(directory.path()).output().unwrap()
    };
    let printed = done(&at(&["catalogue"]));
    let line = "delivery-refused = \"{mta}: delivery refused: {reason}\"\n";
    assert!(printed.contains(&format!("# warning, p3\n{line}")), "{printed}");
    let write = |text: &str| fs::write(directory.path().join("m.toml"), text).unwrap();
    write(&printed);
    assert_eq!(done(&at(&["catalogue", "--check", "m.toml"])), "");
    write(&printed.replace(line, "refused = \"\"\n"));
    let differs = at(&["catalogue", "--check", "m.toml"]);
    let said = String::from_utf8(differs.stdout.clone()).unwrap();
    assert_eq!(said, "no text for delivery-refused\na text for refused, which there is not\n");
    failed(&differs, 1);
    write(&printed.replace("{mta}", "{who}"));
    let refused = failed(&at(&["catalogue", "--check", "m.toml"]), 2);
    assert!(refused.contains("m.toml:") && refused.contains("{who} in the text of "), "{refused}");
    let config = "[logging]\ncatalogue = \"m.toml\"\n[[logging.tty]]\n\
                  [logging.tty.events.messages]\nnothing = true\n";
    fs::write(directory.path().join("c.toml"), config).unwrap();
    let refused = failed(&at(&["check", "--config", "c.toml"]), 2);
    assert!(refused.contains("c.toml:5:1: no message is called \"nothing\""), "{refused}");
}
