//! Names and identifiers as text.

use restante_mhs::x420::{IPMIdentifier, ORDescriptor, text};

/// A user or a list: what people call it, its O/R name, its telephone number; what there is.
pub(crate) fn descriptor(descriptor: &ORDescriptor) -> String {
    let free = descriptor.free_form_name.as_ref();
    let free = free.map(|name| text::from_teletex(&text::octets(name.as_str())));
    let formal = descriptor.formal_name.as_ref().map(ToString::to_string);
    let telephone = descriptor.telephone_number.as_ref().map(ToString::to_string);
    [free, formal, telephone].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What identifies a message: what its user gave it, and the user.
pub(crate) fn ipm_identifier(identifier: &IPMIdentifier) -> String {
    let relative = identifier.user_relative_identifier.as_str();
    match &identifier.user {
        Some(user) => format!("{relative} of {user}"),
        None => relative.to_owned(),
    }
}
