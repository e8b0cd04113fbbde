//! Auto-correlate (X.420 §20.3): a message is told of those that it replies to, obsoletes, relates
//! to or forwards, and these of it; a notification of its subject, and that of it; what was
//! submitted, of what each recipient answered; what was delivered, of what the user did.

use std::collections::{HashMap, HashSet};

use restante_ber::{Bytes, Encode, Null};
use restante_directory::User;
use restante_mhs::x411::{MessageDeliveryEnvelope, ORName};
use restante_mhs::x413::SequenceNumber;
use restante_mhs::x420::{
    CorrelatedDeliveredIPNs, CorrelatedDeliveredReplies, DeliveredIPNStatus, DeliveredReplyStatus,
    IPMIdentifier, IPMLocation, NotificationRequests as Requests, ORDescriptor,
    RecipientSpecifier, SubmittedIPNStatus, SubmittedReplyStatus,
};
use restante_storage::{Entry, EntryRow, Family, MailboxId, Query, Storage, StorageError, Test};

use super::arrival::Arrived;
use super::correlate::read;
use super::notification::Asked;
use crate::amend::Amendments;
use crate::attributes::{Amendment, EntryReader, Key};
use crate::class::{DELIVERY, SUBMISSION};
use crate::extract::kind;
use crate::matching::text::fold;
use crate::{MessageStore, Now};

/// How many messages one may name, and how many entries are told of one.
const NAMED_MAX: usize = 64;
/// Of how many recipients it is told what they answered.
const RECIPIENTS_MAX: usize = 1024;

/// IPMEntryType.
const RECEIPT: i64 = 1;
const NON_RECEIPT: i64 = 2;
/// DiscardReason and NonReceiptReason.
const DISCARDED: i64 = 0;

/// An IPMIdentifier, as what is compared.
type Name = (Option<String>, String);

/// How a message names others: the attribute that does it, what it is told, what they are.
const RELATIONS: [(Key, Key, Key); 4] = [
    (Key::REPLIED_TO_IPM, Key::AC_REPLIED_TO_IPM, Key::AC_REPLYING_IPMS),
    (Key::OBSOLETED_IPMS, Key::AC_OBSOLETED_IPMS, Key::AC_OBSOLETING_IPMS),
    (Key::RELATED_IPMS, Key::AC_RELATED_IPMS, Key::AC_RELATING_IPMS),
    // Those that it forwards are its children.
    (Key::THIS_IPM, Key::AC_FORWARDED_IPMS, Key::AC_FORWARDING_IPMS),
];

/// A message or notification that comes or was submitted.
struct Coming<'a> {
    row: EntryRow<'a>,
    /// What it names, relation by relation.
    names: [Vec<Name>; 4],
    /// Of what it is the notification.
    subject: Option<Name>,
    /// IPMEntryType.
    entry_type: i64,
    /// Why it was not read.
    reason: i64,
    /// Who may have sent it: who it was meant for first, who says that it does.
    senders: Vec<String>,
}

impl<S: Storage> MessageStore<S> {
    /// Correlates an entry with those that it names; whether there was any.
    pub(super) fn correlate_messages(
        &self,
        amendments: &mut Amendments<'_, S>,
        mailbox: MailboxId,
        row: EntryRow<'_>,
    ) -> Result<bool, StorageError> {
        let entry = EntryReader::new(&*self.storage, mailbox, row);
        let Some(entry_type) = entry.values(Key::IPM_ENTRY_TYPE)?.pop() else { return Ok(false) };
        let entry_type = number_of(&entry_type.octets());
        if entry_type == 0 {
            let amendment = amendments.of(row)?;
            match row.class {
                SUBMISSION => initial_of_submission(&entry, amendment)?,
                _ => self.initial_of_delivery(mailbox, row, amendment)?,
            }
        }
        let coming = self.coming(mailbox, &entry, entry_type)?;
        let wanted: HashSet<&Name> =
            coming.names.iter().flatten().chain(&coming.subject).collect();
        if wanted.is_empty() {
            return Ok(false);
        }
        let found = self.messages_named(mailbox, &wanted)?;
        coming.note(amendments, &found)
    }

    fn coming<'a>(
        &self,
        mailbox: MailboxId,
        entry: &EntryReader<'a, S>,
        entry_type: i64,
    ) -> Result<Coming<'a>, StorageError> {
        let row = entry.row;
        let mut names: [Vec<Name>; 4] = Default::default();
        for ((key, ..), names) in RELATIONS.iter().zip(&mut names) {
            if *key != Key::THIS_IPM {
                *names = names_of(entry, *key)?;
            }
        }
        if let (true, Some(names)) = (row.descendants > 0, names.last_mut()) {
            let query = Query {
                numbers: row.number..=row.number.saturating_add(row.descendants),
                family: Family::ChildrenOf(row.number),
                tests: vec![Test::Kind(vec![kind::MESSAGE, kind::SUBMITTED_MESSAGE])],
                limit: Some(NAMED_MAX),
                ..Query::default()
            };
            for child in self.storage.select(mailbox, &query)?.iter() {
                let child = EntryReader::new(&*self.storage, mailbox, child);
                names.extend(names_of(&child, Key::THIS_IPM)?);
            }
        }
        let mut senders = Vec::new();
        for key in [Key::IPM_INTENDED_RECIPIENT, Key::IPN_ORIGINATOR] {
            let value = entry.values(key)?.pop();
            let descriptor = value.and_then(|value| value.to::<ORDescriptor>().ok());
            let name = descriptor.and_then(|descriptor| descriptor.formal_name);
            senders.extend(name.map(|name| name.address.key()));
        }
        let originator = entry.values(Key::ORIGINATOR_NAME)?.pop();
        let originator = originator.and_then(|value| value.to::<ORName>().ok());
        senders.extend(originator.map(|name| name.address.key()));
        let reason = entry.values(Key::NON_RECEIPT_REASON)?.pop();
        let reason = reason.map_or(DISCARDED, |value| number_of(&value.octets()));
        let subject = names_of(entry, Key::SUBJECT_IPM)?.pop();
        Ok(Coming { row, names, subject, entry_type, reason, senders })
    }

    /// The messages, not those forwarded in others, that have these names.
    fn messages_named(
        &self,
        mailbox: MailboxId,
        wanted: &HashSet<&Name>,
    ) -> Result<HashMap<Name, Vec<Entry>>, StorageError> {
        let query = Query {
            classes: vec![DELIVERY, SUBMISSION],
            family: Family::MainOnly,
            tests: vec![Test::Kind(vec![kind::MESSAGE, kind::SUBMITTED_MESSAGE])],
            ..Query::default()
        };
        let mut found: HashMap<Name, Vec<Entry>> = HashMap::new();
        for row in self.storage.select(mailbox, &query)?.iter() {
            let entry = EntryReader::new(&*self.storage, mailbox, row);
            let Some(name) = names_of(&entry, Key::THIS_IPM)?.pop() else { continue };
            if wanted.contains(&name) {
                found.entry(name).or_default().push(row.to_entry());
            }
        }
        Ok(found)
    }

    /// What is told of a message that comes before the user does anything.
    fn initial_of_delivery(
        &self,
        mailbox: MailboxId,
        row: EntryRow<'_>,
        amendment: &mut Amendment,
    ) -> Result<(), StorageError> {
        let envelope = self.storage.envelope(mailbox, row.number)?.unwrap_or_default();
        let Ok(envelope) =
            <MessageDeliveryEnvelope as restante_ber::Decode>::from_bytes(&envelope)
        else {
            return Ok(());
        };
        let user = User::new(envelope.other_fields.this_recipient_name.address);
        let now = Now(row.creation_time);
        let arrived = Arrived::stored(self, (&user, mailbox), now, row.to_entry())?;
        let Some(asked) = Asked::of(&arrived) else { return Ok(()) };
        let ipn = match (asked.asks(Requests::RN), asked.asks(Requests::NRN)) {
            (true, _) if asked.asks(Requests::IPM_RETURN) => {
                SubmittedIPNStatus::RN_WITH_IPM_RETURN_REQUESTED
            }
            (true, _) => SubmittedIPNStatus::RN_REQUESTED,
            (false, true) if asked.asks(Requests::IPM_RETURN) => {
                SubmittedIPNStatus::NRN_WITH_IPM_RETURN_REQUESTED
            }
            (false, true) => SubmittedIPNStatus::NRN_REQUESTED,
            (false, false) => SubmittedIPNStatus::NO_IPN_REQUESTED,
        };
        let reply = match asked.asks_reply() {
            true => SubmittedReplyStatus::REPLY_PENDING,
            false => SubmittedReplyStatus::NO_REPLY_REQUESTED,
        };
        if amendment.values(Key::AC_SUBMITTED_IPN_STATUS).is_empty() {
            amendment.set_one(Key::AC_SUBMITTED_IPN_STATUS, &ipn);
        }
        if amendment.values(Key::AC_SUBMITTED_REPLY_STATUS).is_empty() {
            amendment.set_one(Key::AC_SUBMITTED_REPLY_STATUS, &reply);
        }
        Ok(())
    }
}

/// What is told of a message that was submitted before anybody answers.
fn initial_of_submission<S: Storage>(
    entry: &EntryReader<'_, S>,
    amendment: &mut Amendment,
) -> Result<(), StorageError> {
    if !amendment.values(Key::AC_IPM_RECIPIENTS).is_empty() {
        return Ok(());
    }
    let mut values: [Vec<Bytes>; 5] = Default::default();
    let fields = [Key::PRIMARY_RECIPIENTS, Key::COPY_RECIPIENTS, Key::BLIND_COPY_RECIPIENTS];
    let mut all = Vec::new();
    for key in fields {
        all.extend(entry.values(key)?);
    }
    for value in all.iter().take(RECIPIENTS_MAX) {
        let Ok(one) = value.to::<RecipientSpecifier>() else { continue };
        let requests = &one.notification_requests;
        let ipn = match requests {
            asked if asked.has(Requests::RN) => DeliveredIPNStatus::RN_REQUESTED,
            asked if asked.has(Requests::NRN) => DeliveredIPNStatus::NRN_REQUESTED,
            asked if asked.has(Requests::AN_SUPPORTED) && !asked.has(Requests::SUPPRESS_AN) => {
                DeliveredIPNStatus::AN_REQUESTED
            }
            _ => DeliveredIPNStatus::NO_IPN_REQUESTED,
        };
        let reply = match one.reply_requested {
            true => DeliveredReplyStatus::REPLY_OUTSTANDING,
            false => DeliveredReplyStatus::NO_REPLY_REQUESTED,
        };
        let told = [
            one.recipient.to_ber(),
            ipn.to_ber(),
            CorrelatedDeliveredIPNs::NoIpnReceived(Null).to_ber(),
            reply.to_ber(),
            CorrelatedDeliveredReplies::NoReplyReceived(Null).to_ber(),
        ];
        values.iter_mut().zip(told).for_each(|(values, value)| values.push(value));
    }
    let keys = [
        Key::AC_IPM_RECIPIENTS,
        Key::AC_DELIVERED_IPN_SUMMARY,
        Key::AC_CORRELATED_DELIVERED_IPNS,
        Key::AC_DELIVERED_REPLIES_SUMMARY,
        Key::AC_CORRELATED_DELIVERED_REPLIES,
    ];
    keys.into_iter().zip(values).for_each(|(key, values)| amendment.set(key, values));
    Ok(())
}

impl Coming<'_> {
    /// Notes on both sides what was found; whether anything was.
    fn note<S: Storage>(
        &self,
        amendments: &mut Amendments<'_, S>,
        found: &HashMap<Name, Vec<Entry>>,
    ) -> Result<bool, StorageError> {
        let of = |name: &Name| {
            let others = found.get(name).into_iter().flatten();
            others.filter(|other| other.number != self.row.number).take(NAMED_MAX)
        };
        let mut any = false;
        for ((key, told, tells), names) in RELATIONS.into_iter().zip(&self.names) {
            let located = matches!(key, Key::OBSOLETED_IPMS | Key::RELATED_IPMS);
            let mut values = Vec::new();
            for name in names {
                let numbers: Vec<_> = of(name).map(|other| SequenceNumber(other.number)).collect();
                any |= !numbers.is_empty();
                match (located, numbers.is_empty()) {
                    (true, true) => values.push(IPMLocation::Absent(Null).to_ber()),
                    (true, false) => {
                        values.push(IPMLocation::Stored(numbers.into_iter().collect()).to_ber());
                    }
                    (false, _) => values.extend(numbers.iter().map(Encode::to_ber)),
                }
                for other in of(name) {
                    let amendment = amendments.of(other.as_row())?;
                    append(amendment, tells, self.row.number);
                    if key == Key::REPLIED_TO_IPM {
                        self.replies(other.class, amendment);
                    }
                }
            }
            if !values.is_empty() {
                amendments.of(self.row)?.set(told, values);
            }
        }
        // A notification is of what the other side has.
        let other_class = if self.row.class == DELIVERY { SUBMISSION } else { DELIVERY };
        for other in self.subject.iter().flat_map(of).filter(|one| one.class == other_class) {
            any = true;
            self.notifies(other.class, amendments.of(other.as_row())?);
            append(amendments.of(self.row)?, Key::AC_SUBJECT_IPM, other.number);
        }
        Ok(any)
    }

    /// What a message is told of a reply to it.
    fn replies(&self, class: u8, amendment: &mut Amendment) {
        match (self.row.class, class) {
            (SUBMISSION, DELIVERY) => {
                let sent = SubmittedReplyStatus::REPLY_SENT;
                amendment.set_one(Key::AC_SUBMITTED_REPLY_STATUS, &sent);
            }
            (DELIVERY, SUBMISSION) => {
                let Some(place) = self.recipient(amendment) else { return };
                let mut replies = read(amendment, Key::AC_CORRELATED_DELIVERED_REPLIES);
                let mut summary: Vec<_> = read(amendment, Key::AC_DELIVERED_REPLIES_SUMMARY);
                let both = replies.get_mut(place).zip(summary.get_mut(place));
                if let Some((replies, summary)) = both {
                    let mut numbers = match replies {
                        CorrelatedDeliveredReplies::NoReplyReceived(_) => Vec::new(),
                        CorrelatedDeliveredReplies::ReceivedReplies(all) => core::mem::take(all),
                    };
                    add(&mut numbers, SequenceNumber(self.row.number));
                    *replies = CorrelatedDeliveredReplies::ReceivedReplies(numbers);
                    *summary = DeliveredReplyStatus::REPLY_RECEIVED;
                }
                set_all(amendment, Key::AC_CORRELATED_DELIVERED_REPLIES, &replies);
                set_all(amendment, Key::AC_DELIVERED_REPLIES_SUMMARY, &summary);
            }
            _ => {}
        }
    }

    /// What a message is told of a notification about it.
    fn notifies(&self, class: u8, amendment: &mut Amendment) {
        if class == DELIVERY {
            let status = match (self.entry_type, self.reason) {
                (RECEIPT, _) => Some(SubmittedIPNStatus::RN_SENT),
                (NON_RECEIPT, DISCARDED) => Some(SubmittedIPNStatus::IPM_DISCARDED),
                (NON_RECEIPT, _) => Some(SubmittedIPNStatus::IPM_AUTO_FORWARDED),
                _ => None,
            };
            let set = |status| amendment.set_one(Key::AC_SUBMITTED_IPN_STATUS, &status);
            status.map(set).unwrap_or_default();
            append(amendment, Key::AC_SUBMITTED_IPNS, self.row.number);
            return;
        }
        let Some(place) = self.recipient(amendment) else { return };
        let mut ipns = read(amendment, Key::AC_CORRELATED_DELIVERED_IPNS);
        let mut summary: Vec<DeliveredIPNStatus> = read(amendment, Key::AC_DELIVERED_IPN_SUMMARY);
        if let Some((ipns, summary)) = ipns.get_mut(place).zip(summary.get_mut(place)) {
            let mut numbers = match ipns {
                CorrelatedDeliveredIPNs::NoIpnReceived(_) => Vec::new(),
                CorrelatedDeliveredIPNs::IpnsReceived(all) => core::mem::take(all),
            };
            add(&mut numbers, SequenceNumber(self.row.number));
            *ipns = CorrelatedDeliveredIPNs::IpnsReceived(numbers);
            let says = match (self.entry_type, self.reason) {
                (RECEIPT, _) => DeliveredIPNStatus::RN_RECEIVED,
                (NON_RECEIPT, DISCARDED) => DeliveredIPNStatus::IPM_DISCARDED,
                (NON_RECEIPT, _) => DeliveredIPNStatus::IPM_AUTO_FORWARDED,
                _ => DeliveredIPNStatus::AN_RECEIVED,
            };
            // Advice takes nothing back, nor what comes late behind a receipt.
            if says.0 > summary.0 {
                *summary = says;
            }
        }
        set_all(amendment, Key::AC_CORRELATED_DELIVERED_IPNS, &ipns);
        set_all(amendment, Key::AC_DELIVERED_IPN_SUMMARY, &summary);
    }

    /// Which of the recipients that a message is told of has sent it.
    fn recipient(&self, amendment: &Amendment) -> Option<usize> {
        let recipients: Vec<ORDescriptor> = read(amendment, Key::AC_IPM_RECIPIENTS);
        self.senders.iter().find_map(|sender| {
            recipients.iter().position(|one| {
                let formal = one.formal_name.as_ref();
                formal.is_some_and(|formal| formal.address.key() == *sender)
            })
        })
    }
}

/// Adds a number where it is not there yet.
fn append(amendment: &mut Amendment, key: Key, number: u32) {
    let mut numbers = read(amendment, key);
    add(&mut numbers, SequenceNumber(number));
    set_all(amendment, key, &numbers);
}

fn add(numbers: &mut Vec<SequenceNumber>, number: SequenceNumber) {
    if !numbers.contains(&number) && numbers.len() < NAMED_MAX {
        numbers.push(number);
    }
}

fn set_all<T: Encode>(amendment: &mut Amendment, key: Key, values: &[T]) {
    amendment.set(key, values.iter().map(Encode::to_ber).collect());
}

/// The names that are an attribute of an entry.
fn names_of<S: Storage>(entry: &EntryReader<'_, S>, key: Key) -> Result<Vec<Name>, StorageError> {
    let values = entry.values(key)?;
    let names = values.iter().take(NAMED_MAX).filter_map(|value| {
        let IPMIdentifier { user, user_relative_identifier } = value.to().ok()?;
        let user = user.map(|user| user.address.key());
        Some((user, fold(user_relative_identifier.as_str())))
    });
    Ok(names.collect())
}

/// What an ENUMERATED says.
fn number_of(octets: &Bytes) -> i64 {
    let element = restante_ber::Reader::over(octets).only().ok();
    let number = element.and_then(|one| restante_ber::Decode::decode_contents(&one).ok());
    number.unwrap_or(0)
}
