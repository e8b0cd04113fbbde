//! `cargo xtask deb`: a Debian package of the release build, put together from `deploy/debian` by
//! `dpkg-deb`; and a look at one of a debug build, which is a step of CI.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci::{cargo_command, run_to_end, target_folder};

const USAGE: &str = "usage: cargo xtask deb [--output DIRECTORY | --check]";

/// What goes where as it is: in the workspace, in the package, and its mode.
const FILES: &[(&str, &str, u32)] = &[
    ("deploy/debian/restante.toml", "etc/restante/restante.toml", 0o640),
    ("deploy/debian/restante.service", "lib/systemd/system/restante.service", 0o644),
    ("docs/operating.md", "usr/share/doc/restante/operating.md", 0o644),
    ("docs/conformance.md", "usr/share/doc/restante/conformance.md", 0o644),
    ("docs/data_file.md", "usr/share/doc/restante/data_file.md", 0o644),
    ("docs/admin_api.json", "usr/share/doc/restante/admin_api.json", 0o644),
    ("CHANGELOG.md", "usr/share/doc/restante/CHANGELOG.md", 0o644),
    ("deploy/prometheus/restante.rules.yml", "usr/share/restante/restante.rules.yml", 0o644),
    ("deploy/grafana/restante.json", "usr/share/restante/grafana.json", 0o644),
    ("deploy/debian/postinst", "DEBIAN/postinst", 0o755),
    ("deploy/debian/prerm", "DEBIAN/prerm", 0o755),
    ("deploy/debian/postrm", "DEBIAN/postrm", 0o755),
];

/// Where shells look for completions.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "usr/share/bash-completion/completions/restante"),
    ("zsh", "usr/share/zsh/vendor-completions/_restante"),
    ("fish", "usr/share/fish/vendor_completions.d/restante.fish"),
];

/// How much the unit may be exposed at most, of a hundred.
const EXPOSURE: &str = "--threshold=20";

/// What is given to others is packed as Debian does; what is only looked at is not packed, which
/// would take most of the time.
const PACKED: &str = "-Zxz";
const UNPACKED: &str = "-Znone";

const PROGRAM: &str = "usr/bin/restante";
const MAN_PAGES: &str = "usr/share/man/man1";

/// Makes the package of a release build.
///
/// # Errors
/// What could not be built, or made.
pub(crate) fn run(root: &Path, options: &[&str]) -> Result<(), String> {
    let target = target_folder(root);
    let output = match options {
        [] => target.join("debian"),
        ["--check"] => return check(root),
        ["--output", directory] => PathBuf::from(directory),
        _ => return Err(USAGE.to_owned()),
    };
    run_to_end(cargo_command(root).args(["build", "--release", "--locked"]))?;
    let package = make(root, &target.join("release/restante"), &output, PACKED)?;
    println!("{}", package.display());
    Ok(())
}

/// Makes one of the debug build and looks at it: all files are there, those that are secret are
/// nobody else's, and systemd has nothing to say of the unit.
///
/// # Errors
/// What is not as it should be.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let target = target_folder(root);
    run_to_end(cargo_command(root).args(["build", "--quiet"]))?;
    let output = target.join("debian-check");
    let package = make(root, &target.join("debug/restante"), &output, UNPACKED)?;
    let listed = text(Command::new("dpkg-deb").arg("--contents").arg(&package))?;
    for (_, place, mode) in FILES.iter().filter(|(_, place, _)| !place.starts_with("DEBIAN")) {
        let letters = if *mode == 0o640 { "-rw-r----- root/root" } else { "-rw-r--r-- root/root" };
        let is_there =
            |line: &&str| line.starts_with(letters) && line.ends_with(&format!(" ./{place}"));
        listed
            .lines()
            .find(is_there)
            .ok_or_else(|| format!("{place} is not in it as it should be"))?;
    }
    for place in [PROGRAM, COMPLETIONS[0].1, COMPLETIONS[1].1, COMPLETIONS[2].1] {
        let is_there = listed.lines().any(|line| line.ends_with(&format!(" ./{place}")));
        is_there.then_some(()).ok_or_else(|| format!("{place} is not in it"))?;
    }
    let pages = listed.lines().filter(|line| line.contains(MAN_PAGES)).count();
    if pages < 30 {
        return Err(format!("there are {pages} man pages, fewer than commands"));
    }
    let control = text(Command::new("dpkg-deb").arg("--field").arg(&package))?;
    for field in ["Package: restante", "Depends: libc6", "Maintainer: "] {
        control.find(field).ok_or_else(|| format!("the package has no field {field}"))?;
    }
    for script in ["postinst", "prerm", "postrm"] {
        run_to_end(Command::new("sh").arg("-n").arg(root.join("deploy/debian").join(script)))?;
    }
    unit(root, &output)
}

/// Has systemd look at the unit.
fn unit(root: &Path, output: &Path) -> Result<(), String> {
    let unit = fs::read_to_string(root.join("deploy/debian/restante.service")).map_err(said)?;
    // It is to run a program that is there.
    let program = output.join("tree").join(PROGRAM);
    let unit = unit.replace("/usr/bin/restante", &program.display().to_string());
    let copy = output.join("restante.service");
    fs::write(&copy, unit).map_err(said)?;
    let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&copy).output();
    let output = output.map_err(said)?;
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    let ours = complaints.lines().any(|line| line.contains("restante"));
    if !output.status.success() || ours {
        return Err(format!("systemd-analyze verify: {complaints}"));
    }
    let security = ["security", "--offline=true", "--no-pager", EXPOSURE];
    text(Command::new("systemd-analyze").args(security).arg(&copy)).map(drop)
}

/// Makes a package with this program in a directory, packed so; where it is.
fn make(root: &Path, program: &Path, output: &Path, packing: &str) -> Result<PathBuf, String> {
    let tree = output.join("tree");
    match fs::remove_dir_all(&tree) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(said(error)),
        _ => {}
    }
    for (from, to, mode) in FILES {
        put(
            &tree.join(to),
            &fs::read(root.join(from)).map_err(|why| format!("{from}: {why}"))?,
            *mode,
        )?;
    }
    let packed = tree.join(PROGRAM);
    put(&packed, &[], 0o755)?;
    run_to_end(Command::new("strip").arg("-o").arg(&packed).arg(program))?;
    fs::set_permissions(&packed, Permissions::from_mode(0o755)).map_err(said)?;
    for (shell, place) in COMPLETIONS {
        let script = text(Command::new(program).args(["completions", shell]))?;
        put(&tree.join(place), script.as_bytes(), 0o644)?;
    }
    let pages = tree.join(MAN_PAGES);
    directory(&pages)?;
    run_to_end(Command::new(program).args(["man", "--output"]).arg(&pages))?;
    let licence = fs::read(root.join("LICENSE")).map_err(said)?;
    put(&tree.join("usr/share/doc/restante/copyright"), &licence, 0o644)?;
    put(&tree.join("DEBIAN/conffiles"), b"/etc/restante/restante.toml\n", 0o644)?;
    let version = version(root)?;
    put(&tree.join("DEBIAN/control"), control(&version, &tree)?.as_bytes(), 0o644)?;
    let package = output.join(format!("restante_{version}_{}.deb", architecture()?));
    let options = ["--root-owner-group", packing, "--build"];
    run_to_end(Command::new("dpkg-deb").args(options).arg(&tree).arg(&package))?;
    Ok(package)
}

fn control(version: &str, tree: &Path) -> Result<String, String> {
    let size = text(Command::new("du").args(["--summarize", "--apparent-size"]).arg(tree))?;
    let size = size.split_whitespace().next().unwrap_or_default().to_owned();
    let architecture = architecture()?;
    Ok(format!(
        "Package: restante\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: The Restante project <postmaster@localhost>\n\
         Installed-Size: {size}\n\
         Depends: libc6 (>= 2.34), libgcc-s1, adduser\n\
         Section: mail\n\
         Priority: optional\n\
         Description: open X.400 Message Store\n \
         Takes delivery of messages from an MTA over P3, keeps them safe, and gives\n \
         them to user agents over P7. It is run from a web console and a command line.\n"
    ))
}

fn architecture() -> Result<String, String> {
    Ok(text(Command::new("dpkg").arg("--print-architecture"))?.trim().to_owned())
}

/// The version of the workspace.
fn version(root: &Path) -> Result<String, String> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).map_err(said)?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    let version = line.and_then(|line| line.strip_suffix('"'));
    version.map(str::to_owned).ok_or_else(|| "Cargo.toml says no version".to_owned())
}

/// Writes a file, with the directories above it.
fn put(place: &Path, octets: &[u8], mode: u32) -> Result<(), String> {
    directory(place.parent().unwrap_or(place))?;
    fs::write(place, octets).map_err(said)?;
    fs::set_permissions(place, Permissions::from_mode(mode)).map_err(said)
}

/// Makes a directory as packages have them, whatever the umask.
fn directory(place: &Path) -> Result<(), String> {
    if place.is_dir() {
        return Ok(());
    }
    directory(place.parent().ok_or("no directory")?)?;
    DirBuilder::new().mode(0o755).create(place).map_err(said)?;
    fs::set_permissions(place, Permissions::from_mode(0o755)).map_err(said)
}

/// What a command prints.
fn text(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    match output.status.success() {
        true => String::from_utf8(output.stdout).map_err(said),
        false => Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
