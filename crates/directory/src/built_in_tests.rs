//! The directory over real files: what is added is found, what changes is seen, what is broken is
//! told.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::*;

const ALICE: &str = "/CN=Alice/OU=Ops/O=Example/PRMD=PEER/ADMD= /C=GB/";
const ALICE_OTHERWISE: &str = "C=gb; A= ; P=peer; O=EXAMPLE; OU=ops; CN=alice";
const BOB: &str = "/CN=Bob/O=Example/PRMD=PEER/ADMD= /C=GB/";

fn verify(directory: &BuiltIn, address: &str, password: &[u8]) -> Verdict<String> {
    let name = ORName::from(accounts::parse(address).unwrap());
    match directory.verify_user(&name, password).unwrap() {
        Verdict::Accepted(user) => Verdict::Accepted(user.key),
        Verdict::UnknownName => Verdict::UnknownName,
        Verdict::WrongPassword => Verdict::WrongPassword,
    }
}

#[test]
fn a_user_is_found_by_every_equal_address() {
    let data = tempfile::tempdir().unwrap();
    let user = Accounts::under(data.path()).add_user(ALICE, b"alicepw").unwrap();
    let directory = BuiltIn::open(data.path()).unwrap();
    let accepted = Verdict::Accepted(user.key.clone());
    assert_eq!(verify(&directory, ALICE, b"alicepw"), accepted);
    assert_eq!(verify(&directory, ALICE_OTHERWISE, b"alicepw"), accepted);
    assert_eq!(verify(&directory, ALICE, b"alicepw"), accepted, "from memory");
    assert_eq!(verify(&directory, ALICE, b"bobpw"), Verdict::WrongPassword);
    assert_eq!(verify(&directory, BOB, b"alicepw"), Verdict::UnknownName);
    assert_eq!(directory.user(&user.key).unwrap(), Some(user));
    assert_eq!(directory.user("nobody").unwrap(), None);
}

#[test]
fn an_open_directory_sees_changes() {
    let data = tempfile::tempdir().unwrap();
    let accounts = Accounts::under(data.path());
    let directory = BuiltIn::open(data.path()).unwrap();
    assert_eq!(verify(&directory, ALICE, b"one"), Verdict::UnknownName);
    accounts.add_user(ALICE, b"one").unwrap();
    assert!(matches!(verify(&directory, ALICE, b"one"), Verdict::Accepted(_)));
    accounts.set_user_password(ALICE_OTHERWISE, b"two").unwrap();
    assert_eq!(verify(&directory, ALICE, b"one"), Verdict::WrongPassword);
    assert!(matches!(verify(&directory, ALICE, b"two"), Verdict::Accepted(_)));
    accounts.remove_user(ALICE).unwrap();
    assert_eq!(verify(&directory, ALICE, b"two"), Verdict::UnknownName);
}

#[test]
fn whether_submissions_are_kept_is_said_of_each_user() {
    let data = tempfile::tempdir().unwrap();
    let accounts = Accounts::under(data.path());
    let directory = BuiltIn::open(data.path()).unwrap();
    let user = accounts.add_user(ALICE, b"one").unwrap();
    accounts.add_user(BOB, b"bobpw").unwrap();
    let of = |key: &str| directory.user(key).unwrap().unwrap().store_submissions;
    assert_eq!((user.store_submissions, of(&user.key)), (None, None));
    for wanted in [Some(true), Some(false), None] {
        accounts.set_store_submissions(ALICE_OTHERWISE, wanted).unwrap();
        assert_eq!(accounts.store_submissions(ALICE).unwrap(), wanted);
        assert_eq!(accounts.store_submissions(BOB).unwrap(), None);
        assert_eq!(of(&user.key), wanted);
    }
    accounts.remove_user(ALICE).unwrap();
    let gone = accounts.set_store_submissions(ALICE, None).unwrap_err().to_string();
    assert!(gone.contains("there is no user"), "{gone}");
    assert!(accounts.store_submissions(ALICE).is_err());
}

#[test]
fn a_user_who_knows_the_password_changes_it() {
    let data = tempfile::tempdir().unwrap();
    let user = Accounts::under(data.path()).add_user(ALICE, b"one").unwrap();
    Accounts::under(data.path()).add_user(BOB, b"bobpw").unwrap();
    let directory = BuiltIn::open(data.path()).unwrap();
    assert!(matches!(verify(&directory, ALICE, b"one"), Verdict::Accepted(_)));
    let change = |old: &[u8], new: &[u8]| directory.change_user_password(&user, old, new).unwrap();
    assert_eq!(change(b"two", b"three"), PasswordChange::OldIsWrong);
    assert_eq!(change(b"bobpw", b"three"), PasswordChange::OldIsWrong);
    assert_eq!(change(b"one", b""), PasswordChange::NewIsUnacceptable);
    assert_eq!(change(b"one", &[b'x'; 63]), PasswordChange::NewIsUnacceptable);
    assert!(matches!(verify(&directory, ALICE, b"one"), Verdict::Accepted(_)));
    assert_eq!(change(b"one", b"two"), PasswordChange::Changed);
    assert_eq!(verify(&directory, ALICE, b"one"), Verdict::WrongPassword, "not from memory");
    assert!(matches!(verify(&directory, ALICE, b"two"), Verdict::Accepted(_)));
    assert!(matches!(verify(&directory, BOB, b"bobpw"), Verdict::Accepted(_)));
    Accounts::under(data.path()).remove_user(ALICE).unwrap();
    assert_eq!(change(b"two", b"three"), PasswordChange::OldIsWrong);
}

#[test]
fn mtas_are_known_by_the_letter() {
    let data = tempfile::tempdir().unwrap();
    let accounts = Accounts::under(data.path());
    accounts.add_mta_peer("mta1", b"mtapw").unwrap();
    let directory = BuiltIn::open(data.path()).unwrap();
    let mta1 = Verdict::Accepted(MtaPeer { name: "mta1".into() });
    assert_eq!(directory.verify_mta("mta1", b"mtapw").unwrap(), mta1);
    assert_eq!(directory.verify_mta("mta1", b"").unwrap(), Verdict::WrongPassword);
    assert_eq!(directory.verify_mta("MTA1", b"mtapw").unwrap(), Verdict::UnknownName);
    let change = |name, old: &[u8]| directory.change_mta_password(name, old, b"new").unwrap();
    assert_eq!(change("mta1", b"wrong"), PasswordChange::OldIsWrong);
    assert_eq!(change("MTA1", b"mtapw"), PasswordChange::OldIsWrong);
    assert_eq!(change("mta1", b"mtapw"), PasswordChange::Changed);
    assert_eq!(directory.verify_mta("mta1", b"new").unwrap(), mta1);
    accounts.set_mta_password("mta1", b"other").unwrap();
    assert_eq!(directory.verify_mta("mta1", b"mtapw").unwrap(), Verdict::WrongPassword);
    accounts.remove_mta_peer("mta1").unwrap();
    assert_eq!(accounts.mta_peers().unwrap(), Vec::<String>::new());
}

#[test]
fn the_file_is_the_owners_and_holds_no_password() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let accounts = Accounts::under(&data);
    accounts.add_user(ALICE, b"alicepw").unwrap();
    accounts.add_mta_peer("mta1", b"mtapw").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(accounts.path())), (0o700, 0o600));
    let text = fs::read_to_string(accounts.path()).unwrap();
    assert!(!text.contains("alicepw") && !text.contains("mtapw"), "{text}");
    assert!(text.contains("password_hash = \"$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
}

#[test]
fn what_can_not_be_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let accounts = Accounts::under(data.path());
    accounts.add_user(ALICE, b"alicepw").unwrap();
    let text = |result: Result<(), DirectoryError>| result.unwrap_err().to_string();
    let again = accounts.add_user(ALICE_OTHERWISE, b"x").map(|_| ());
    assert!(text(again).contains("exists already"));
    let no_address = accounts.add_user("Alice", b"x").map(|_| ());
    assert!(text(no_address).contains("is no O/R address"));
    assert!(text(accounts.remove_user(BOB)).contains("there is no user"));
    assert!(text(accounts.set_mta_password("mta1", b"x")).contains("there is no MTA mta1"));
    assert!(text(accounts.add_mta_peer(&"m".repeat(33), b"x")).contains("is no MTA name"));
    assert!(text(accounts.add_mta_peer("mta1", b"")).contains("the password is empty"));
    assert_eq!(accounts.users().unwrap(), [ALICE]);
}

#[test]
fn a_broken_file_is_told_with_its_line_and_not_taken_for_empty() {
    let data = tempfile::tempdir().unwrap();
    let accounts = Accounts::under(data.path());
    accounts.add_user(ALICE, b"alicepw").unwrap();
    let directory = BuiltIn::open(data.path()).unwrap();
    fs::write(accounts.path(), "\n[[user]]\nor_addres = \"x\"\n").unwrap();
    let error = directory.user("nobody").unwrap_err().to_string();
    assert!(error.contains("line 3: unknown field `or_addres`"), "{error}");
    assert!(accounts.add_user(BOB, b"x").is_err(), "nothing is lost by writing over it");
}
