//! What must hold for any octets: the oracles of the fuzz targets, which ordinary tests replay on
//! the saved inputs. Each takes octets and panics where something does not hold.

mod auto_action;
mod filter;
mod osi;
mod reliable;
mod service;
mod types;

pub use auto_action::auto_action;
pub use filter::filter;
pub use osi::{acse, association, bound_association, presentation, rose, session, transport};
pub use reliable::reliable;
pub use service::{operation, stored_content};
pub use types::{addresses, contents, delivery, retrieval};

use restante_ber::Reader;

/// An oracle by the name of its fuzz target.
pub type Oracle = (&'static str, fn(&[u8]));

/// All oracles.
pub const ORACLES: &[Oracle] = &[
    ("ber", ber),
    ("transport", transport),
    ("session", session),
    ("presentation", presentation),
    ("acse", acse),
    ("rose", rose),
    ("association", association),
    ("bound_association", bound_association),
    ("reliable", reliable),
    ("addresses", addresses),
    ("contents", contents),
    ("delivery", delivery),
    ("retrieval", retrieval),
    ("filter", filter),
    ("stored_content", stored_content),
    ("operation", operation),
    ("auto_action", auto_action),
];

/// What the reader hands out lies inside what it was given, and a walk over it ends.
pub fn ber(data: &[u8]) {
    walk(Reader::new(data), data);
}

fn walk(mut reader: Reader<'_>, within: &[u8]) {
    while let Ok(Some(element)) = reader.next_element() {
        assert!(within.as_ptr_range().start <= element.octets().as_ptr());
        assert!(element.octets().as_ptr_range().end <= within.as_ptr_range().end);
        assert!(element.contents().len() < element.octets().len());
        if let Ok(children) = element.children() {
            walk(children, element.contents());
        }
    }
}
