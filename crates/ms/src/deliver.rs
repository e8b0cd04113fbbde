//! Message-delivery (X.411 §8.3.1.1): an entry in the mailbox of the user whom the envelope names,
//! and a child-entry for each message that is forwarded in the content.

use bytes::Bytes;
use restante_ber::{Encode, Rope};
use restante_directory::{DirectoryError, User};
use restante_mhs::x411::{
    ContentType, Criticality, Extensions, MTSAbstractError, MessageDeliveryEnvelope,
    MessageDeliveryResult, Priority, SecurityProblem,
};
use restante_mhs::x419::{Port, mts_access};
use restante_storage::{
    Change, Child, MailboxId, NewContent, NewEntry, Storage, StorageError, Transaction,
};

use crate::auto_action::{Acts, Arrived};
use crate::class::DELIVERY;
use crate::extract::{forwarded_messages, is_personal};
use crate::hold::{Arriving, Hold, Whose, Why};
use crate::repeat::{Identity, Taken};
use crate::seam::{chain, is_told, mts_error};
use crate::{Deliverer, Effect, MessageStore, Now, Outcome, Reply};

/// Nobody has seen it.
const NEW: u8 = 0;

/// What is stored of a delivery.
pub(crate) struct Arrival {
    pub(crate) user: User,
    pub(crate) identity: Identity,
    pub(crate) envelope: Bytes,
    pub(crate) content: Bytes,
    pub(crate) children: Vec<Child>,
    pub(crate) identifier: String,
    /// What it is and how urgent; none: it is a report.
    pub(crate) message: Option<(ContentType, Priority)>,
    pub(crate) result: Reply,
}

impl<S: Storage> MessageStore<S> {
    pub(crate) fn deliver_message(
        &self,
        from: &Deliverer,
        now: Now,
        envelope: &MessageDeliveryEnvelope,
        octets: Bytes,
        content: &Rope,
    ) -> Result<Outcome, Fault> {
        let recipient = &envelope.other_fields.this_recipient_name;
        let Some(user) = self.directory.user(&recipient.address.key())? else {
            return Ok(refuse(from, format!("no such user: {recipient}")));
        };
        if let Some(refused) = unknown_critical(from, [&envelope.other_fields.extensions]) {
            return Ok(refused);
        }
        let content = content.to_bytes();
        let content_type = ContentType::from(envelope.other_fields.content_type.clone());
        let personal = is_personal(&content_type.oid());
        let children = if personal { forwarded_children(&content, 0, None) } else { Vec::new() };
        self.store(
            from,
            now,
            Arrival {
                user,
                identity: Identity::of_message(envelope),
                envelope: octets,
                content,
                children,
                identifier: envelope.message_delivery_identifier.to_string(),
                message: Some((content_type, envelope.other_fields.priority)),
                result: Reply::Result {
                    operation: mts_access::OP_MESSAGE_DELIVERY,
                    port: Port::Delivery,
                    value: MessageDeliveryResult::default().to_rope(),
                },
            },
        )
    }

    /// Stores a delivery as one entry with its children.
    pub(crate) fn store(
        &self,
        from: &Deliverer,
        now: Now,
        mut arrival: Arrival,
    ) -> Result<Outcome, Fault> {
        let mailbox = self.mailbox(&arrival.user)?;
        let known_by = (arrival.identity, from.association, now);
        if let Some(reason) = self.held(mailbox, &arrival)? {
            return Ok(match self.repeats.find(&*self.storage, mailbox, known_by)? {
                Some(first) => answer(from, arrival, first),
                None => hold_off(from, &arrival, reason),
            });
        }
        let octets = (&arrival.envelope, &arrival.content);
        let acts = self.acts((&arrival.user, mailbox), now, octets, &arrival.children)?;
        let mut entry = NewEntry::new(mailbox, DELIVERY, NEW, arrival.envelope.clone());
        entry.children = std::mem::take(&mut arrival.children);
        entry.amendment = acts.amendment;
        entry.status = acts.status.unwrap_or(NEW);
        let content = NewContent {
            content: vec![arrival.content.clone()],
            creation_time: now.0,
            entries: vec![entry],
        };
        let commit = |mark| {
            let mut changes = vec![Change::Store(content)];
            changes.extend(acts.changes);
            changes.push(mark);
            self.storage.commit(Transaction { changes })
        };
        let taken = self.repeats.take(&*self.storage, mailbox, known_by, commit)?;
        let stored = matches!(taken, Taken::Stored(_));
        let outcome = answer(from, arrival, taken);
        let effects = if stored { acts.effects } else { Vec::new() };
        Ok(effects.into_iter().fold(outcome, Outcome::with))
    }
}

impl<S: Storage> MessageStore<S> {
    /// What the auto-actions of a mailbox do when a delivery is stored; nothing, at the price of
    /// a look, where it has none.
    pub(crate) fn acts(
        &self,
        (user, mailbox): (&User, MailboxId),
        now: Now,
        octets: (&Bytes, &Bytes),
        children: &[Child],
    ) -> Result<Acts, StorageError> {
        if self.auto_actions.rules(&*self.storage, mailbox)?.is_empty() {
            return Ok(Acts::default());
        }
        self.act(Arrived::new((user, mailbox), now, octets, children))
    }

    /// Why it can't be taken now. A mailbox that is full is held from here on.
    fn held(
        &self,
        mailbox: MailboxId,
        arrival: &Arrival,
    ) -> Result<Option<&'static str>, StorageError> {
        let arriving = match &arrival.message {
            None => Arriving::Report,
            Some((content_type, priority)) => Arriving::Message {
                content_type,
                content_octets: octets_of(&arrival.content),
                priority: *priority,
            },
        };
        if self.is_full(mailbox)? {
            let whose = Whose::Mailbox(arrival.user.key.clone());
            self.holds.put(whose, Why::Quota, Hold::everything());
            return Ok(Some("the mailbox is full"));
        }
        Ok(self.holds.refusal(&arrival.user, &arriving))
    }
}

/// The answer to a delivery that is stored, and what is told of it.
fn answer(from: &Deliverer, arrival: Arrival, taken: Taken) -> Outcome {
    let (mailbox, mta) = (arrival.user.key, from.mta.clone());
    let (identifier, report) = (arrival.identifier, arrival.message.is_none());
    let envelope = arrival.envelope;
    let outcome = Outcome::now(arrival.result);
    match taken {
        Taken::Stored(commit) => outcome.after(commit, try_again()).with(Effect::Delivered {
            mailbox,
            mta,
            identifier,
            report,
            envelope,
            content_bytes: octets_of(&arrival.content),
            place: 0,
        }),
        Taken::Repeated(first) => {
            let outcome =
                outcome.with(Effect::Repeated { mailbox, mta, identifier, report, envelope });
            match first {
                Some(commit) => outcome.after(commit, try_again()),
                None => outcome,
            }
        }
    }
}

fn octets_of(content: &Bytes) -> u64 {
    u64::try_from(content.len()).unwrap_or(u64::MAX)
}

/// The error of a delivery that can't be taken now.
fn hold_off(from: &Deliverer, arrival: &Arrival, reason: &str) -> Outcome {
    let reason = format!("{} for {}: {reason}", arrival.identifier, arrival.user.key);
    Outcome::now(try_again()).with(Effect::DeliveryRefused { mta: from.mta.clone(), reason })
}

/// What an MTA is answered whose delivery is not looked at now: it tries again.
pub fn put_off(from: &Deliverer, reason: &str) -> Outcome {
    let (mta, reason) = (from.mta.clone(), reason.to_owned());
    Outcome::now(try_again()).with(Effect::DeliveryRefused { mta, reason })
}

/// The messages forwarded in a content, as children. `before` children come before them, and the
/// content's own messages are children of `parent`.
pub(crate) fn forwarded_children(
    content: &Bytes,
    before: usize,
    parent: Option<usize>,
) -> Vec<Child> {
    let offset = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    forwarded_messages(content)
        .into_iter()
        .map(|forwarded| Child {
            class: DELIVERY,
            status: NEW,
            envelope: forwarded.envelope,
            range: offset(forwarded.range.start)..offset(forwarded.range.end),
            parent: forwarded.parent.map(|place| place + before).or(parent),
        })
        .collect()
}

/// The error of a delivery to nobody: an MTA does not try it again, but reports it.
pub(crate) fn refuse(from: &Deliverer, reason: String) -> Outcome {
    let error = MTSAbstractError::SecurityError(SecurityProblem::UNAUTHORISED_RECIPIENT_NAME);
    Outcome::now(mts_error(&error, Port::Delivery))
        .with(Effect::DeliveryRefused { mta: from.mta.clone(), reason })
}

/// The error of a delivery with an extension that is critical for delivery and that nobody here
/// knows, `None` where there is none.
pub(crate) fn unknown_critical<'a>(
    from: &Deliverer,
    fields: impl IntoIterator<Item = &'a Extensions>,
) -> Option<Outcome> {
    let mut fields = fields.into_iter();
    let unknown = fields.find_map(|f| f.critical_unknown(Criticality::FOR_DELIVERY).next())?;
    let reason = format!("unknown critical extension: {:?}", unknown.r#type);
    let error = MTSAbstractError::UnsupportedCriticalFunction;
    Some(
        Outcome::now(mts_error(&error, Port::Delivery))
            .with(Effect::DeliveryRefused { mta: from.mta.clone(), reason }),
    )
}

/// The error after which an MTA holds the message and tries again.
fn try_again() -> Reply {
    mts_error(&MTSAbstractError::ControlViolated, Port::Delivery)
}

/// Why a delivery can't be taken now: nothing that the MTA has done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the directory can't be asked")]
    Directory(#[from] DirectoryError),
    #[error("nothing can be stored")]
    Storage(#[from] StorageError),
}

impl Fault {
    pub(crate) fn outcome(&self, from: &Deliverer) -> Outcome {
        let (mta, reason) = (from.mta.clone(), self.to_string());
        let told = matches!(self, Self::Storage(error) if is_told(error));
        Outcome::now(try_again())
            .with(Effect::DeliveryRefused { mta, reason })
            .with(Effect::Fault { reason: chain(self), told })
    }
}
