//! The crates and how they lie on each other: arrows point down only.

use super::Finding;
use super::absence::PURE;
use super::source::{Source, find_word};

/// Each crate and those that it may stand on, lowest first.
const LAYERS: &[(&str, &[&str])] = &[
    ("ber", &[]),
    ("storage", &[]),
    ("archive", &["storage"]),
    ("osi", &["ber"]),
    ("mhs", &["ber"]),
    ("directory", &["ber", "mhs"]),
    ("ms", &["ber", "mhs", "storage", "directory"]),
    ("client", &["ber", "osi", "mhs"]),
    ("view", &["ber", "mhs", "client"]),
    ("server", &["ber", "osi", "mhs", "storage", "archive", "directory", "ms", "client", "view"]),
    (
        "cli",
        &[
            "ber",
            "osi",
            "mhs",
            "storage",
            "archive",
            "directory",
            "ms",
            "client",
            "view",
            "server",
        ],
    ),
    (
        "testkit",
        &[
            "ber",
            "osi",
            "mhs",
            "storage",
            "archive",
            "directory",
            "ms",
            "client",
            "view",
            "server",
            "cli",
        ],
    ),
];

/// The crate that is never shipped: others may stand on it in their tests.
const TESTKIT: &str = "testkit";

/// What a pure crate's manifest does not ask for, not even for its tests.
const NOT_PURE: &[&str] = &["tokio", "serde", "serde_json"];

/// A crate stands only on those below it.
pub(crate) fn arrows_point_down(sources: &[Source]) -> Vec<Finding> {
    manifests(sources).flat_map(|(name, source)| check_manifest(name, source)).collect()
}

fn check_manifest(name: &str, source: &Source) -> Vec<Finding> {
    let Some((_, below)) = LAYERS.iter().find(|(layer, _)| *layer == name) else {
        return vec![Finding::new(source, 0, "a new crate: give it its place in xtask's LAYERS")];
    };
    let allowed = |dependency: &Dependency| match dependency.name.strip_prefix("restante-") {
        Some(TESTKIT) => dependency.for_tests,
        Some(ours) => below.contains(&ours),
        None => !(PURE.contains(&name) && NOT_PURE.contains(&dependency.name)),
    };
    let wrong = dependencies(&source.text).into_iter().filter(|dependency| !allowed(dependency));
    wrong
        .map(|dependency| {
            let what = format!("{name} does not stand on {}", dependency.name);
            Finding::new(source, dependency.line, what)
        })
        .collect()
}

/// `ARCHITECTURE.md` names every crate, as `` `ber` `` or `ber/`.
pub(crate) fn architecture_names_every_crate(sources: &[Source]) -> Vec<Finding> {
    let page = sources.iter().find(|source| source.path == "ARCHITECTURE.md");
    let page = page.map_or("", |page| &page.text);
    let is_named = |name: &str| {
        page.lines().any(|line| {
            let after = find_word(line, name).map(|at| &line[at + name.len()..]);
            after.is_some_and(|after| after.starts_with(['`', '/']))
        })
    };
    let absent = manifests(sources).filter(|(name, _)| !is_named(name));
    absent
        .map(|(name, source)| {
            Finding::new(source, 0, format!("ARCHITECTURE.md does not name the crate {name}"))
        })
        .collect()
}

/// The crates of the workspace with their manifests.
fn manifests(sources: &[Source]) -> impl Iterator<Item = (&str, &Source)> {
    sources.iter().filter_map(|source| {
        let name = source.crate_name()?;
        (source.path == format!("crates/{name}/Cargo.toml")).then_some((name, source))
    })
}

struct Dependency<'a> {
    name: &'a str,
    line: usize,
    for_tests: bool,
}

/// The dependencies of a manifest: keys of its `[…dependencies]` tables.
fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut table = "";
    for (at, line) in manifest.lines().map(str::trim).enumerate() {
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_end_matches(']');
            if let Some((table, name)) = table.rsplit_once("dependencies.") {
                found.push(Dependency { name, line: at + 1, for_tests: table == "dev-" });
            }
        } else if table.ends_with("dependencies")
            && let Some(end) = line.find(['.', '=', ' '])
            && !line.starts_with('#')
        {
            let for_tests = table == "dev-dependencies";
            found.push(Dependency { name: &line[..end], line: at + 1, for_tests });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, text: &str) -> Source {
        Source::new(format!("crates/{name}/Cargo.toml"), text)
    }

    #[test]
    fn an_arrow_that_points_up_is_found() {
        let up = manifest("ber", "[dependencies]\nbytes.workspace = true\nrestante-osi = {}\n");
        assert_eq!(arrows_point_down(&[up])[0].line, 3);
        let up = manifest("storage", "[dependencies.restante-ber]\nworkspace = true\n");
        assert_eq!(arrows_point_down(&[up])[0].line, 1);
        let down = manifest("osi", "[dependencies]\nrestante-ber.workspace = true\n");
        assert!(arrows_point_down(&[down]).is_empty());
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        let shipped = manifest("osi", "[dependencies]\nrestante-testkit.workspace = true\n");
        assert_eq!(arrows_point_down(&[shipped]).len(), 1);
        let tests = manifest("osi", "[dev-dependencies]\nrestante-testkit.workspace = true\n");
        assert!(arrows_point_down(&[tests]).is_empty());
    }

    #[test]
    fn a_pure_crate_asks_for_no_runtime() {
        let text = "[dev-dependencies]\ntokio.workspace = true\n";
        assert_eq!(arrows_point_down(&[manifest("osi", text)]).len(), 1);
        assert!(arrows_point_down(&[manifest("server", text)]).is_empty());
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        assert_eq!(arrows_point_down(&[manifest("common", "")]).len(), 1);
    }

    #[test]
    fn layers_are_listed_lowest_first() {
        for (at, (name, below)) in LAYERS.iter().enumerate() {
            let lower: Vec<&str> = LAYERS[..at].iter().map(|(name, _)| *name).collect();
            assert!(below.iter().all(|name| lower.contains(name)), "{name}");
        }
    }

    #[test]
    fn a_crate_that_the_architecture_does_not_name_is_found() {
        let page = Source::new("ARCHITECTURE.md", "`ber` is the codec, crates/osi/ the stack.\n");
        let sources = [manifest("ber", ""), manifest("osi", ""), manifest("mhs", ""), page];
        let found = architecture_names_every_crate(&sources);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/mhs/Cargo.toml");
    }
}
