//! Loops of auto-forwarding: what a user has auto-forwarded and comes back, itself, inside another
//! message, or as what is told of it; and what would come back, since it came from there.

use restante_ber::{Bytes, Decode, Reader, Tag};
use restante_mhs::x411::{
    ContentCorrelator, MessageDeliveryEnvelope, ORName, PerRecipientMessageSubmissionFields,
    extension,
};
use restante_mhs::x420::{Heading, IPMIdentifier};

use super::arrival::Arrived;
use super::forward::Forwarding;
use super::object::Object;
use crate::extract::forwarded_messages;
use crate::repeat::Identity;

const IPM: Tag = Tag::context(0);

/// The longest identifier that a user gives an IPM (ub-local-ipm-identifier).
const IDENTIFIER_MAX: usize = 64;

/// How often what came may have been auto-forwarded, by whomever: a message inside of more would
/// not be looked at, and those who forward in a ring of more would never come to rest.
const FORWARDED_MAX: usize = 16;

/// The heading of an interpersonal message.
pub(super) fn heading(content: &Bytes) -> Option<Heading> {
    let object = Reader::over(content).next_element().ok()??;
    let is_message = object.tag == IPM || object.tag == Tag::SEQUENCE;
    let first = object.children().ok().filter(|_| is_message)?.next_element().ok()??;
    Heading::decode(&first).ok()
}

/// An identifier that this user gives no other message: when it came, and a part of a digest of
/// what.
pub(super) fn identifier(prefix: &str, arrived: &Arrived<'_>, identity: &Identity) -> String {
    let unique = format!("{}-{}", arrived.now.0, identity.start());
    let room = IDENTIFIER_MAX.saturating_sub(unique.len());
    let prefix: String = prefix.chars().take(room).collect();
    format!("{prefix}{unique}")
}

/// Whether an identifier is one that [`identifier`] makes of a prefix.
fn is_made(text: &str, prefix: &str) -> bool {
    let made = |unique: &str| {
        let digits =
            |part: &str, is: fn(&u8) -> bool| !part.is_empty() && part.bytes().all(|b| is(&b));
        unique.split_once('-').is_some_and(|(time, digest)| {
            digits(time, u8::is_ascii_digit) && digits(digest, u8::is_ascii_hexdigit)
        })
    };
    let common = text.bytes().zip(prefix.bytes()).take_while(|(one, other)| one == other).count();
    // The prefix may have been too long to be there whole.
    let whole = common == prefix.len() || text.len() == IDENTIFIER_MAX;
    whole && text.get(common..).is_some_and(made)
}

/// Whether the user has auto-forwarded what came, a message inside it, or what it tells about.
pub(super) fn is_loop(forwarding: &Forwarding, object: &Object, arrived: &Arrived<'_>) -> bool {
    let prefix = forwarding.heading.this_ipm.user_relative_identifier.as_str();
    match object {
        Object::Notification(_, notification) => {
            let subject = &notification.subject_ipm;
            is_own(arrived, subject) && is_made(subject.user_relative_identifier.as_str(), prefix)
        }
        Object::Report(envelope) => {
            let correlator = envelope.extensions.get(extension::CONTENT_CORRELATOR).ok().flatten();
            let correlated = correlator.is_some_and(|correlator| match correlator {
                ContentCorrelator::Ia5text(text) => is_made(text.as_str(), prefix),
                ContentCorrelator::Octets(_) => false,
            });
            correlated || contains(arrived)
        }
        Object::Message(_) | Object::Other(_) => contains(arrived),
    }
}

/// Whether an identifier is of this user.
fn is_own(arrived: &Arrived<'_>, identifier: &IPMIdentifier) -> bool {
    identifier.user.as_ref().is_none_or(|user| user.address.key() == arrived.user.key)
}

/// Whether the user has auto-forwarded a content, or a message inside it, or so many others have.
fn contains(arrived: &Arrived<'_>) -> bool {
    let own = |heading: &Heading| {
        let names = heading.this_ipm.user.iter();
        let names =
            names.chain(heading.originator.iter().filter_map(|who| who.formal_name.as_ref()));
        heading.auto_forwarded
            && names.into_iter().any(|name| name.address.key() == arrived.user.key)
    };
    let content = &arrived.parts.content;
    let inside = |range: core::ops::Range<usize>| {
        content.get(range.clone()).and_then(|_| self::heading(&content.slice(range)))
    };
    let Some(outer) = self::heading(content) else { return false };
    // Of each message inside how many times it has been auto-forwarded, it and those around it.
    let mut times: Vec<usize> = Vec::new();
    own(&outer)
        || forwarded_messages(content).into_iter().any(|forwarded| {
            let heading = inside(forwarded.range);
            let around = forwarded.parent.and_then(|parent| times.get(parent)).copied();
            let around = around.unwrap_or(usize::from(outer.auto_forwarded));
            let again = usize::from(heading.as_ref().is_some_and(|one| one.auto_forwarded));
            times.push(around.saturating_add(again));
            heading.as_ref().is_some_and(own) || around.saturating_add(again) >= FORWARDED_MAX
        })
}

/// The recipients of a registration to whom what came is forwarded: not those through whom it
/// came, who would send it here again, or to all who have it already.
pub(super) fn recipients(
    forwarding: &Forwarding,
    envelope: Option<&MessageDeliveryEnvelope>,
) -> Vec<PerRecipientMessageSubmissionFields> {
    let passed = envelope.map(passed_by).unwrap_or_default();
    let is_new = |one: &&PerRecipientMessageSubmissionFields| {
        let key = one.recipient_name.address.key();
        passed.iter().all(|name| name.address.key() != key)
    };
    forwarding.recipients.iter().filter(is_new).cloned().collect()
}

/// The lists that a message was expanded by, and the recipients that it was redirected from.
fn passed_by(envelope: &MessageDeliveryEnvelope) -> Vec<ORName> {
    let extensions = &envelope.other_fields.extensions;
    let lists = extensions.get(extension::DL_EXPANSION_HISTORY).ok().flatten();
    let redirected = extensions.get(extension::REDIRECTION_HISTORY).ok().flatten();
    let lists = lists.into_iter().flatten().map(|expansion| expansion.dl);
    let redirected = redirected.into_iter().flatten();
    let redirected = redirected.map(|one| one.intended_recipient_name.intended_recipient);
    lists.chain(redirected).collect()
}
