//! A macro for the object identifiers of an ASN.1 module, and the test that holds each against
//! the table `data/oids.tsv`. Names recur between modules; a row is therefore found by both.

/// Constants of one ASN.1 module: `"name" CONSTANT = arcs;`. The module's own name is checked too.
macro_rules! oids {
    ($module:literal; $($(#[$doc:meta])* $name:literal $constant:ident = $($arc:literal)+;)*) => {
        $(
            $(#[$doc])*
            #[doc = concat!("`", $name, "`")]
            pub const $constant: restante_ber::Oid = restante_ber::oid!($($arc),+);
        )*

        #[cfg(test)]
        #[test]
        fn object_identifiers_are_those_of_the_table() {
            $(crate::oids::check($module, $name, &$constant);)*
        }
    };
}
pub(crate) use oids;

/// Asserts that the table has this name in this module with this object identifier.
#[cfg(test)]
pub(crate) fn check(module: &str, name: &str, oid: &restante_ber::Oid) {
    let rows: Vec<_> = include_str!("../data/oids.tsv")
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row[1] == name && row[2] == module)
        .collect();
    assert_eq!(rows.len(), 1, "{name} of {module}");
    assert_eq!(rows[0][0], oid.to_string(), "{name} of {module}");
}
