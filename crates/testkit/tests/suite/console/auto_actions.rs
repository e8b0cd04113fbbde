//! A colleague is on leave: what is urgent is sent on, put together in the browser and seen to
//! work.

use super::*;

#[test]
fn an_auto_forward_is_put_together_looked_at_and_works() {
    let mut world = World::new();
    a_morning(&world);
    world.sign_in("night", PASSWORD);
    world.open_mailbox("cn=alice");
    world.browser.follow("main a[href$='/auto-actions']");
    world.shows("The store does nothing by itself");
    world.browser.follow("main a[href*='kind=auto-forward&']");
    // Without scripts, as with them.
    world.browser.run_scripts(false);
    let choose = |world: &mut World, name: &str, value: &str| {
        let chosen = format!("document.querySelector('[name={name}]').value = '{value}'");
        world.browser.evaluate(&chosen);
    };
    choose(&mut world, "about", "priority");
    choose(&mut world, "sign", "=");
    world.browser.fill("[name=value]", "urgent");
    world.browser.follow("button[value=condition]");
    let filter = "document.querySelector('[name=filter]').value";
    assert_eq!(world.browser.evaluate(filter), "priority = urgent");
    choose(&mut world, "about", "subject");
    choose(&mut world, "sign", "~");
    choose(&mut world, "join", "or");
    world.browser.fill("[name=value]", "NOTAM \"A\"");
    world.browser.follow("button[value=condition]");
    let both = "priority = urgent or subject ~ \"NOTAM \\\"A\\\"\"";
    assert_eq!(world.browser.evaluate(filter), both);
    world.browser.fill("[name=filter]", "priority = urgent or subject ~ NOTAM");
    world.browser.follow("button[value=look]");
    world.shows("2 match");
    world.shows("Flight plan BAW12");
    world.browser.fill("[name=filter]", "priority = nonsense");
    world.browser.follow("button[value=look]");
    world.shows("priority = nonsense");
    world.browser.fill("[name=filter]", "subject ~ NOTAM");
    world.browser.fill("[name=to]", BOB);
    world.browser.fill("[name=cover_note]", "Alice is on leave.");
    world.browser.follow("button[value=register]");
    world.shows("Auto-forward 1 is registered.");
    world.shows("sends it to");
    world.browser.run_scripts(true);
    world.deliver([message("later", "NOTAM A1300/26", "closed\n"), message("x", "Roster", "\n")]);
    world.go("/mailboxes");
    world.shows("Bob");
    world.open_mailbox("cn=bob");
    world.shows("NOTAM A1300/26");
    world.browser.follow("main tbody a");
    world.shows("Alice is on leave.");
    world.shows("closed");

    world.open_mailbox("cn=alice");
    world.browser.follow("main a[href$='/auto-actions']");
    world.browser.follow("main tbody a");
    let note = "document.querySelector('[name=cover_note]').value";
    assert_eq!(world.browser.evaluate(note), "Alice is on leave.");
    world.browser.click("[name=delete]");
    world.browser.follow("button[value=register]");
    world.shows("and deletes it");
    world.browser.click("main tbody details.destroys > summary");
    world.browser.follow("main tbody details.destroys .danger");
    world.shows("Auto-forward 1 is removed.");
    world.nothing_is_wrong("auto-actions");
    world.process.terminate();
}
