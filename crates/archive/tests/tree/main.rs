//! Trees as a whole: what is backed up comes back, what is damaged is named, nothing comes twice.

mod killed;

use std::{
    cell::Cell,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use restante_archive::{
    ArchiveError, Backup, BackupWish, Manner, RestoreWish, Restored, Rules, backup, prune, restore,
};
use restante_storage::{
    Backend, Change, Child, Columns, EntrySource, Extracted, Extractor, IndexPlace, MailboxId,
    MemoryBackend, NewContent, NewEntry, NumberSet, Options, Scope, Storage, Store, Transaction,
};

/// Class 9 is nobody's; class 4 is a log's.
const RULES: Rules = Rules {
    is_users: |name| name != "queue",
    is_kept: |class| class != 9,
    is_message: |class| class != 4,
    is_registration: |key| key.starts_with(b"reg/"),
    alone: |_| Bytes::new(),
};

struct Nothing;

impl Extractor for Nothing {
    fn version(&self) -> u32 {
        1
    }

    fn extract(&self, entry: &EntrySource<'_>) -> Extracted {
        let columns = Columns { size: entry.content.len() as u64, ..Columns::default() };
        Extracted { columns, attributes: Bytes::new() }
    }
}

fn store() -> Store {
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    Store::open(backend, &IndexPlace::Memory, Options::default(), Arc::new(Nothing)).unwrap()
}

fn create(store: &Store, name: &str) -> MailboxId {
    let change = Change::CreateMailbox { name: name.into(), about: Bytes::new() };
    store.commit(Transaction::of(change)).wait().unwrap().mailboxes[0]
}

fn put(store: &Store, mailbox: MailboxId, class: u8, text: &str) -> u32 {
    let mut entry = NewEntry::new(mailbox, class, 0, Bytes::from(format!("to {text}")));
    if text.len() > 5 {
        let range = 1..4;
        let envelope = Bytes::from_static(b"child");
        entry.children = vec![Child { class, status: 0, envelope, range, parent: None }];
    }
    let content = vec![Bytes::copy_from_slice(text.as_bytes())];
    let content = NewContent { content, creation_time: 77, entries: vec![entry] };
    let committed = store.commit(Transaction::of(Change::Store(content))).wait().unwrap();
    committed.stored[0].number
}

fn change(store: &Store, change: Change) {
    store.commit(Transaction::of(change)).wait().unwrap();
}

fn delete(store: &Store, mailbox: MailboxId, numbers: impl Into<NumberSet>) {
    change(store, Change::Delete { mailbox, numbers: numbers.into() });
}

fn back_up(store: &Store, tree: &Path) -> Backup {
    let wish = BackupWish { mailboxes: None, compress: false, made: "now".into() };
    backup(store, tree, &wish, &RULES, &|_, _| ControlFlow::Continue(())).unwrap()
}

fn wish(manner: Manner) -> RestoreWish {
    let (mailboxes, message, into) = (None, None, None);
    RestoreWish { mailboxes, message, into, manner, increment: 100, dry_run: false }
}

fn bring_back(store: &Store, tree: &Path, wish: &RestoreWish) -> Restored {
    restore(store, tree, wish, &RULES, &|_, _| ControlFlow::Continue(())).unwrap()
}

/// All that a mailbox shows: number, parent, class, status, content, amendment.
fn shown(store: &Store, name: &str) -> Vec<(u32, Option<u32>, u8, u8, Bytes, Bytes)> {
    let mailbox = store.mailbox(name).unwrap();
    let all = store.select(mailbox, &Default::default()).unwrap();
    let show = all.iter().map(|row| {
        let content = store.content(mailbox, row.number).unwrap().unwrap();
        let amendment = match row.amended {
            true => store.amendment(mailbox, row.number).unwrap().unwrap(),
            false => Bytes::new(),
        };
        (row.number, row.parent, row.class, row.status, content, amendment)
    });
    show.collect()
}

/// Alice with a message, one with a child, a log's entry and nobody's; Bob with one.
fn peopled() -> Store {
    let store = store();
    let (alice, bob) = (create(&store, "/CN=ALICE/"), create(&store, "/CN=BOB/"));
    for (class, text) in [(0, "one"), (1, "parent of one"), (4, ""), (9, "mine"), (0, "last")] {
        put(&store, alice, class, text);
    }
    put(&store, bob, 0, "bob's");
    let queue = create(&store, "queue");
    put(&store, queue, 0, "waits");
    change(&store, Change::RaiseStatus { mailbox: alice, numbers: (1..=3).into(), to: 2 });
    let note = |number, text| Change::Amend { mailbox: alice, number, amendment: text };
    change(&store, note(1, Bytes::from_static(b"note")));
    change(&store, note(3, Bytes::from_static(b"of the child")));
    let (key, value) = (Bytes::from_static(b"reg/a"), Bytes::from_static(b"x"));
    change(&store, Change::PutValue { scope: Scope::Mailbox(alice), key, value });
    store
}

fn messages(tree: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(tree).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(fs::read_dir(entry).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_full_restore_makes_what_was_there_and_a_second_one_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path();
    let store_before = peopled();
    let report = back_up(&store_before, tree);
    assert_eq!((report.entries, report.written, report.damaged_all), (5, 5, 0));
    let other = store();
    for round in 0..2 {
        let restored = bring_back(&other, tree, &wish(Manner::Full));
        let expected = if round == 0 { (5, 0) } else { (0, 5) };
        assert_eq!(
            (restored.entries, restored.there, restored.renumbered_all),
            (expected.0, expected.1, 0)
        );
        assert_eq!(restored.registrations[0].1, [(b"reg/a".to_vec(), b"x".to_vec())]);
        let mut before = shown(&store_before, "/CN=ALICE/");
        before.retain(|entry| entry.2 != 9);
        assert_eq!(shown(&other, "/CN=ALICE/"), before);
    }
    // Numbers go on above all that may have been given out, in mailboxes made later as well.
    let [alice, late] = [other.mailbox("/CN=ALICE/").unwrap(), create(&other, "/CN=LATE/")];
    assert_eq!([put(&other, alice, 0, "new"), put(&other, late, 0, "new")], [107, 101]);
    // The same store has them all; what was deleted comes back under its number.
    let alice = store_before.mailbox("/CN=ALICE/").unwrap();
    delete(&store_before, alice, 1);
    let restored = bring_back(&store_before, tree, &wish(Manner::Full));
    assert_eq!((restored.entries, restored.there), (1, 4));
    assert_eq!(shown(&store_before, "/CN=ALICE/")[0].0, 1);
    assert_eq!(
        put(&store_before, alice, 0, "new"),
        7,
        "a store that knows more goes on as it was"
    );
}

#[test]
fn numbers_go_on_above_the_backup_in_a_mailbox_that_was_empty_and_is_there_already() {
    let directory = tempfile::tempdir().unwrap();
    let lost = store();
    let carol = create(&lost, "/CN=CAROL/");
    back_up(&lost, directory.path());
    assert_eq!(put(&lost, carol, 0, "after the backup"), 1);
    // Its user was bound before anything was restored.
    let other = store();
    let carol = create(&other, "/CN=CAROL/");
    bring_back(&other, directory.path(), &wish(Manner::Full));
    assert_eq!(put(&other, carol, 0, "new"), 101, "a number that was given out comes again");
    bring_back(&other, directory.path(), &wish(Manner::Full));
    assert_eq!(put(&other, carol, 0, "new"), 102, "once is enough");
}

#[test]
fn what_came_from_a_tree_is_known_wherever_it_goes() {
    let [first, second] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (one, other) = (peopled(), store());
    back_up(&one, first.path());
    bring_back(&other, first.path(), &wish(Manner::Import));
    back_up(&other, second.path());
    let restored = bring_back(&one, second.path(), &wish(Manner::Import));
    assert_eq!((restored.entries, restored.there), (0, 5));
    // What was deleted after it came may come again.
    let bob = other.mailbox("/CN=BOB/").unwrap();
    delete(&other, bob, 1);
    let restored = bring_back(&other, first.path(), &wish(Manner::Import));
    assert_eq!((restored.entries, restored.there), (1, 4));
}

#[test]
fn messages_alone_are_new_under_new_numbers() {
    let directory = tempfile::tempdir().unwrap();
    back_up(&peopled(), directory.path());
    let other = store();
    let restored = bring_back(&other, directory.path(), &wish(Manner::Messages));
    assert_eq!(restored.entries, 4, "the log's is no message");
    assert!(restored.registrations.is_empty());
    let told: Vec<_> = shown(&other, "/CN=ALICE/")
        .into_iter()
        .map(|(number, parent, _, status, content, amendment)| {
            assert!(amendment.is_empty());
            (number, parent, status, content)
        })
        .collect();
    let text = |text: &'static str| Bytes::from_static(text.as_bytes());
    assert_eq!(
        told,
        [
            (107, None, 0, text("one")),
            (108, None, 0, text("parent of one")),
            (109, Some(108), 0, text("are")),
            (110, None, 0, text("last")),
        ]
    );
}

#[test]
fn a_number_that_is_taken_is_told_and_one_message_goes_where_it_is_wanted() {
    let directory = tempfile::tempdir().unwrap();
    back_up(&peopled(), directory.path());
    let other = store();
    let bob = create(&other, "/CN=BOB/");
    assert_eq!(put(&other, bob, 0, "here"), 1);
    let mut wanted = wish(Manner::Full);
    wanted.mailboxes = Some(vec!["/CN=BOB/".into()]);
    let restored = bring_back(&other, directory.path(), &wanted);
    let told: Vec<_> = restored.renumbered.iter().map(|one| (one.was, one.number)).collect();
    // Not 2: the store that is lost may have given that out.
    assert_eq!((told, other.mailbox("/CN=ALICE/")), (vec![(1, 102)], None));
    wanted.message = Some(2);
    let refused =
        restore(&other, directory.path(), &wanted, &RULES, &|_, _| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(ArchiveError::NoMessage { number: 2, .. })), "{refused:?}");
    let into = |into: &str, dry_run| RestoreWish {
        mailboxes: Some(vec!["/CN=ALICE/".into()]),
        message: Some(2),
        into: Some(into.into()),
        dry_run,
        ..wish(Manner::Messages)
    };
    let restored = bring_back(&other, directory.path(), &into("/CN=NEW/", true));
    assert_eq!((restored.entries, other.mailbox("/CN=NEW/")), (1, None), "a dry run");
    let restored = bring_back(&other, directory.path(), &into("/CN=NEW/", false));
    assert_eq!((restored.entries, shown(&other, "/CN=NEW/").len()), (1, 2));
    wanted.mailboxes = Some(vec!["/CN=NOBODY/".into()]);
    let refused =
        restore(&other, directory.path(), &wanted, &RULES, &|_, _| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(ArchiveError::NoMailbox { .. })));
}

#[test]
fn a_second_backup_costs_what_is_new_and_tells_what_is() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path();
    let store_before = peopled();
    back_up(&store_before, tree);
    let alice = store_before.mailbox("/CN=ALICE/").unwrap();
    put(&store_before, alice, 0, "later");
    delete(&store_before, alice, 1);
    change(&store_before, Change::RaiseStatus { mailbox: alice, numbers: 6.into(), to: 1 });
    let amendment = Bytes::from_static(b"other");
    change(&store_before, Change::Amend { mailbox: alice, number: 2, amendment });
    let report = back_up(&store_before, tree);
    assert_eq!((report.entries, report.written), (5, 2), "the new one, and what was amended");
    let other = store();
    bring_back(&other, tree, &wish(Manner::Full));
    let mut before = shown(&store_before, "/CN=ALICE/");
    before.retain(|entry| entry.2 != 9);
    assert_eq!(shown(&other, "/CN=ALICE/"), before);
    let refused = backup(
        &other,
        tree,
        &BackupWish { mailboxes: None, compress: true, made: String::new() },
        &RULES,
        &|_, _| ControlFlow::Continue(()),
    );
    assert!(matches!(refused, Err(ArchiveError::OfAnotherStore { .. })), "{refused:?}");
}

#[test]
fn a_flipped_octet_is_named_and_costs_one_message() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path();
    back_up(&peopled(), tree);
    let files = messages(tree);
    let file = files.iter().find(|file| file.to_string_lossy().contains("/0000000002-")).unwrap();
    let good = fs::read(file).unwrap();
    let mut octets = good.clone();
    let last = octets.len() - 1;
    octets[last] ^= 1;
    fs::write(file, octets).unwrap();
    let dry = RestoreWish { dry_run: true, ..wish(Manner::Full) };
    let other = store();
    for (wish, entries) in [(&dry, 4), (&wish(Manner::Full), 4)] {
        let restored = bring_back(&other, tree, wish);
        assert_eq!((restored.entries, restored.damaged_all), (entries, 1));
        let name = file.strip_prefix(tree).unwrap().to_string_lossy().into_owned();
        assert_eq!(
            (&restored.damaged[0].what, &restored.damaged[0].why[..]),
            (&name, "it is damaged")
        );
    }
    fs::remove_file(file).unwrap();
    let restored = bring_back(&other, tree, &wish(Manner::Full));
    assert_eq!((restored.there, restored.damaged_all), (4, 1));
    fs::write(file, good).unwrap();
    let restored = bring_back(&other, tree, &wish(Manner::Full));
    assert_eq!((restored.entries, restored.damaged_all), (1, 0));
    assert_eq!(shown(&other, "/CN=ALICE/").len(), 5);
}

#[test]
fn a_backup_that_was_cut_off_is_harmless_and_is_resumed() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path();
    let store_before = peopled();
    back_up(&store_before, tree);
    let alice = store_before.mailbox("/CN=ALICE/").unwrap();
    for text in ["a", "b", "c"] {
        put(&store_before, alice, 0, text);
    }
    let wanted = BackupWish { mailboxes: None, compress: true, made: "now".into() };
    let seen = Cell::new(0);
    let cut = backup(&store_before, tree, &wanted, &RULES, &|_, _| {
        seen.set(seen.get() + 1);
        if seen.get() == 6 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(cut, Err(ArchiveError::Cancelled)), "{cut:?}");
    // What a kill leaves beside what has its name.
    let part = messages(tree)[0].with_extension("part");
    fs::write(&part, b"half").unwrap();
    fs::write(tree.join("manifest-00000002.jsonl.part"), b"half").unwrap();
    let dry = RestoreWish { dry_run: true, ..wish(Manner::Full) };
    let other = store();
    let restored = bring_back(&other, tree, &dry);
    assert_eq!((restored.entries, restored.damaged_all), (5, 0), "the backup before is whole");
    let report = backup(&store_before, tree, &wanted, &RULES, &|_, _| ControlFlow::Continue(()));
    let report = report.unwrap();
    assert_eq!((report.entries, report.written), (8, 1), "two of three were written before");
    assert!(!part.exists());
    assert_eq!(bring_back(&other, tree, &wish(Manner::Full)).entries, 8);
    assert!(matches!(
        restore(&other, &tree.join("none"), &dry, &RULES, &|_, _| ControlFlow::Continue(())),
        Err(ArchiveError::Io { .. })
    ));
}

/// A tree that version 1 wrote, with one compressed message.
const VERSION_1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tree/v1");

#[test]
fn trees_of_old_are_read_for_ever() {
    let other = store();
    let restored = bring_back(&other, Path::new(VERSION_1), &wish(Manner::Full));
    assert_eq!((restored.entries, restored.damaged), (6, Vec::new()));
    assert_eq!(restored.registrations[0].1, [(b"reg/a".to_vec(), b"x".to_vec())]);
    let told: Vec<_> = shown(&other, "/CN=ALICE/")
        .into_iter()
        .map(|(number, parent, class, status, content, amendment)| {
            let text = |octets: Bytes| String::from_utf8(octets.into()).unwrap();
            (number, parent, class, status, text(content), text(amendment))
        })
        .collect();
    let entry = |number, parent, (class, status), content: &str, amendment: &str| {
        (number, parent, class, status, content.to_owned(), amendment.to_owned())
    };
    assert_eq!(
        told,
        [
            entry(1, None, (0, 2), "one", "note"),
            entry(2, None, (1, 2), "parent of one", ""),
            entry(3, Some(2), (1, 2), "are", "of the child"),
            entry(4, None, (4, 0), "", ""),
            entry(6, None, (0, 0), "last", ""),
            entry(7, None, (0, 0), &"again and ".repeat(40), ""),
            entry(8, Some(7), (0, 0), "gai", ""),
        ]
    );
}

#[test]
fn old_backups_go_with_what_they_alone_have_and_each_mailbox_stays() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path();
    let store_before = peopled();
    let alice = store_before.mailbox("/CN=ALICE/").unwrap();
    back_up(&store_before, tree);
    delete(&store_before, alice, 1..=1);
    back_up(&store_before, tree);
    let wish = BackupWish {
        mailboxes: Some(vec!["/CN=ALICE/".into()]),
        compress: false,
        made: String::new(),
    };
    backup(&store_before, tree, &wish, &RULES, &|_, _| ControlFlow::Continue(())).unwrap();
    assert_eq!(messages(tree).len(), 5);
    let pruned = prune(tree, 3).unwrap();
    assert_eq!((pruned.backups, pruned.files), (0, 0), "there are no more than that");
    let pruned = prune(tree, 1).unwrap();
    assert_eq!((pruned.backups, pruned.files), (1, 1), "the second is the newest with Bob");
    let other = store();
    let restored = bring_back(&other, tree, &self::wish(Manner::Full));
    assert_eq!((restored.entries, restored.damaged_all), (4, 0));

    // A file that a crash left is taken out, too; nothing is where a manifest is damaged.
    let left = messages(tree)[0].with_file_name("0000000099-1-0.message");
    fs::write(&left, "left").unwrap();
    let manifest = tree.join("manifest-00000002.jsonl");
    let whole = fs::read(&manifest).unwrap();
    fs::write(&manifest, &whole[..whole.len() - 3]).unwrap();
    prune(tree, 1).unwrap();
    assert!(left.exists());
    fs::write(&manifest, whole).unwrap();
    assert_eq!(prune(tree, 1).unwrap().files, 1);
    assert!(!left.exists());
}

#[test]
fn a_manifest_reaches_nothing_outside_of_its_tree() {
    let directory = tempfile::tempdir().unwrap();
    let (tree, outside) = (directory.path().join("tree"), directory.path().join("outside"));
    back_up(&peopled(), &tree);
    let box_of_bob = messages(&tree).pop().unwrap().parent().unwrap().to_owned();
    fs::rename(&box_of_bob, &outside).unwrap();
    // A manifest with right checksums that says it lies there.
    let name = box_of_bob.file_name().unwrap().to_str().unwrap();
    let manifest = tree.join("manifest-00000001.jsonl");
    let (mut sum, mut forged) = (0, String::new());
    for line in fs::read_to_string(&manifest).unwrap().lines() {
        let text = line[9..].replace(name, "../outside");
        sum = crc32c::crc32c_append(sum, text.as_bytes());
        forged += &format!("{sum:08x} {text}\n");
    }
    fs::write(&manifest, forged).unwrap();
    let other = store();
    let restored = bring_back(&other, &tree, &wish(Manner::Full));
    assert_eq!(restored.entries, 4, "Bob's message is outside");
    assert!(restored.damaged_all > 0);
    prune(&tree, 1).unwrap();
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "it is still there");
}
