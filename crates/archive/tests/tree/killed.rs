//! Backups that are cut off at each point, and one beside compaction: what is there stays good,
//! and the next backup goes on with it.

use std::{fs::Permissions, os::unix::fs::PermissionsExt};

use super::*;

/// A tree as it is at this moment.
fn image(tree: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(tree).unwrap().map(|entry| entry.unwrap().path()) {
        let name = to.join(entry.file_name().unwrap());
        match entry.is_dir() {
            true => image(&entry, &name),
            false => drop(fs::copy(&entry, name).unwrap()),
        }
    }
}

/// What a crash may have done besides: a file is cut short that was not on the disk, another has
/// its name already.
fn torn(tree: &Path) {
    let parts = messages(tree).into_iter().filter(|path| path.extension().unwrap() == "part");
    for (at, part) in parts.enumerate() {
        let octets = fs::read(&part).unwrap();
        match at % 3 {
            0 => fs::write(part, &octets[..octets.len() / 2]).unwrap(),
            1 => fs::rename(&part, part.with_extension("")).unwrap(),
            _ => {}
        }
    }
}

#[test]
fn a_backup_cut_off_at_any_point_leaves_the_one_before_and_is_gone_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    let one = peopled();
    back_up(&one, &tree);
    let (alice, bob) = (one.mailbox("/CN=ALICE/").unwrap(), one.mailbox("/CN=BOB/").unwrap());
    for text in ["six", "seven with a child", "eight"] {
        put(&one, alice, 0, text);
        put(&one, bob, 0, text);
    }
    let images = Cell::new(0);
    let take = |_, _| {
        let at = images.replace(images.get() + 1);
        image(&tree, &directory.path().join(at.to_string()));
        ControlFlow::Continue(())
    };
    let whole = BackupWish { mailboxes: None, compress: false, made: "now".into() };
    backup(&one, &tree, &whole, &RULES, &take).unwrap();
    assert!(images.get() >= 11, "at each entry: {}", images.get());
    for at in 0..images.get() {
        let tree = directory.path().join(at.to_string());
        torn(&tree);
        let other = store();
        let restored = bring_back(&other, &tree, &wish(Manner::Full));
        assert_eq!((restored.entries, restored.damaged_all), (5, 0), "cut off at {at}");
        assert_eq!(back_up(&one, &tree).entries, 11);
        let restored = bring_back(&other, &tree, &wish(Manner::Full));
        assert_eq!((restored.entries, restored.there, restored.damaged_all), (6, 5, 0));
        let contents = |store: &Store| {
            let mut all: Vec<_> = shown(store, "/CN=BOB/").into_iter().map(|one| one.4).collect();
            all.sort();
            all
        };
        assert_eq!(contents(&other), contents(&one));
        let parts = messages(&tree).into_iter().filter(|path| path.extension().unwrap() == "part");
        assert_eq!(parts.count(), 0, "what was not whole is gone");
    }
}

#[test]
fn a_backup_beside_compaction_has_all_that_is_there() {
    let options = Options { segment_bytes: 64 << 10, ..Options::default() };
    let backend: Arc<dyn Backend> = Arc::new(MemoryBackend::new());
    let one = Store::open(backend, &IndexPlace::Memory, options, Arc::new(Nothing)).unwrap();
    let alice = create(&one, "/CN=ALICE/");
    let text = "text ".repeat(200);
    let numbers: Vec<u32> =
        (0..600).map(|at| put(&one, alice, 0, &format!("{at} {text}"))).collect();
    let gone: NumberSet = numbers.iter().copied().filter(|number| number % 6 != 1).collect();
    delete(&one, alice, gone);
    let directory = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        // The store's own thread may have begun.
        scope.spawn(|| one.reclaim().unwrap());
        assert_eq!(back_up(&one, directory.path()).damaged_all, 0);
    });
    back_up(&one, directory.path());
    let other = store();
    let restored = bring_back(&other, directory.path(), &wish(Manner::Full));
    assert_eq!(restored.damaged_all, 0);
    assert_eq!(shown(&other, "/CN=ALICE/"), shown(&one, "/CN=ALICE/"));
}

#[test]
fn a_tree_is_its_owner_s_alone_also_in_a_directory_that_was_there() {
    let directory = tempfile::tempdir().unwrap();
    let open = Permissions::from_mode(0o755);
    fs::set_permissions(directory.path(), open).unwrap();
    back_up(&peopled(), directory.path());
    let private = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0;
    for file in messages(directory.path()) {
        assert!(private(&file) && private(file.parent().unwrap()), "{}", file.display());
    }
    assert!(private(&directory.path().join("manifest-00000001.jsonl")));
}
