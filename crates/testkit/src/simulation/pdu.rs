//! What goes into a simulated service, octet by octet and by no encoder of the project: contents,
//! deliveries and reports of an MTA, operations of a user, answers of the MTA that takes what is
//! submitted.

use bytes::Bytes;

use super::local::{Letter, Recipient};

/// GlobalDomainIdentifier: country GB, ADMD of a blank, PRMD PEER.
const DOMAIN: &[u8] = b"\x63\x11\x61\x04\x13\x02GB\x62\x03\x13\x01 \x13\x04PEER";
/// A content-type: interpersonal messages of 1988.
const P22: &[u8] = &[22];
/// The time that all PDUs tell.
const TIME: &[u8] = b"261124102725Z";

/// The attribute retrieval-status.
pub(super) const STATUS: &[u8] = &[0x56, 4, 3, 15];
/// The attribute subject.
pub(super) const SUBJECT: &[u8] = &[0x56, 1, 7, 4];
/// The attribute content.
pub(super) const CONTENT: &[u8] = &[0x56, 4, 3, 1];
/// The attribute message-notes.
const NOTES: &[u8] = &[0x56, 4, 3, 58];
/// The attribute storage-period.
const PERIOD: &[u8] = &[0x56, 4, 3, 73];
/// The attribute entry-type.
pub(super) const ENTRY_TYPE: &[u8] = &[0x56, 4, 3, 16];

/// One element of definite length in its shortest form.
pub(super) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(short) if short < 0x80 => octets.push(short),
        _ => {
            let length = contents.len().to_be_bytes();
            let zeros = length.iter().take_while(|octet| **octet == 0).count();
            octets.push(0x80 | u8::try_from(length.len() - zeros).expect("at most 8 octets"));
            octets.extend_from_slice(&length[zeros..]);
        }
    }
    octets.extend_from_slice(contents);
    octets
}

/// Elements one after the other inside another.
pub(super) fn of(tag: u8, members: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag, &members.concat())
}

/// An INTEGER that is not negative.
pub(super) fn integer(tag: u8, value: u32) -> Vec<u8> {
    let octets = [&[0][..], &value.to_be_bytes()].concat();
    let needless = |pair: &&[u8]| pair[0] == 0 && pair[1] < 0x80;
    let zeros = octets.windows(2).take_while(needless).count();
    tlv(tag, &octets[zeros..])
}

/// An element with another tag.
fn retagged(octets: &[u8], tag: u8) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[0] = tag;
    octets
}

/// An interpersonal message: what it says, and the messages that it forwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Its subject and its identifier: no other has it.
    pub(super) subject: String,
    /// How long its text is, octets.
    pub(super) text_bytes: usize,
    /// What it forwards.
    pub(super) forwards: Vec<Message>,
}

impl Message {
    /// The content that it is.
    pub(super) fn content(&self) -> Bytes {
        self.encoded(0xa0).into()
    }

    fn encoded(&self, tag: u8) -> Vec<u8> {
        let subject = self.subject.as_bytes();
        let this_ipm = tlv(0x6b, &tlv(0x13, subject));
        let heading = of(0x31, &[this_ipm, tlv(0xa8, &tlv(0x14, subject))]);
        let text: Vec<u8> = subject.iter().copied().cycle().take(self.text_bytes).collect();
        let mut parts = vec![of(0xa0, &[tlv(0x31, &[]), tlv(0x16, &text)])];
        let forwarded = |message: &Self| of(0xa9, &[tlv(0x31, &[]), message.encoded(0x30)]);
        parts.extend(self.forwards.iter().map(forwarded));
        of(tag, &[heading, of(0x30, &parts)])
    }

    /// The messages in it, in the order of their numbers, each with the place of its parent among
    /// them.
    pub(super) fn forwarded(&self) -> Vec<(Option<usize>, &Self)> {
        let mut all = Vec::new();
        self.walk(None, &mut all);
        all
    }

    fn walk<'a>(&'a self, parent: Option<usize>, all: &mut Vec<(Option<usize>, &'a Self)>) {
        for message in &self.forwards {
            all.push((parent, message));
            message.walk(Some(all.len() - 1), all);
        }
    }
}

/// A content, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mail {
    /// What it says and forwards.
    pub(super) message: Message,
    /// Its octets.
    pub(super) content: Bytes,
    /// The users who had it forwarded.
    pub(super) forwarders: Vec<usize>,
}

impl Mail {
    /// What a user has the store forward it as: this content.
    pub(super) fn forwarded_by(&self, user: usize, content: Bytes) -> Self {
        let subject = self.message.subject.clone();
        let message = Message { subject, text_bytes: 0, forwards: vec![self.message.clone()] };
        let forwarders = self.forwarders.iter().copied().chain([user]).collect();
        Self { message, content, forwarders }
    }
}

impl From<Message> for Mail {
    fn from(message: Message) -> Self {
        Self { content: message.content(), message, forwarders: Vec::new() }
    }
}

/// An MTSIdentifier.
fn identifier(local: &str) -> Vec<u8> {
    of(0x64, &[DOMAIN.to_vec(), tlv(0x16, local.as_bytes())])
}

/// MessageDeliveryArgument; names are ORNames as they are encoded.
pub(super) fn delivery(local: &str, from: &[u8], to: &[u8], content: &[u8]) -> Bytes {
    let content_type = tlv(0x80, P22);
    let fields = [content_type, from.to_vec(), retagged(to, 0xa4), tlv(0x87, TIME)];
    let members = [identifier(local), tlv(0x17, TIME), of(0x31, &fields), tlv(0x04, content)];
    of(0x30, &members).into()
}

/// ReportDeliveryArgument: that what has this identifier was delivered to `to`.
pub(super) fn report(subject: &str, to: &[u8], returned: Option<&[u8]>) -> Bytes {
    let told = [tlv(0x80, TIME), tlv(0x81, &[1])];
    let delivered = of(0x31, &[retagged(to, 0xa0), tlv(0xa1, &of(0xa0, &told))]);
    let mut members = vec![tlv(0x46, P22), of(0x30, &[delivered]), identifier(subject)];
    members.extend(returned.map(|content| tlv(0x80, content)));
    of(0x31, &members).into()
}

/// MessageSubmissionArgument.
pub(super) fn submission(from: &[u8], to: &[Vec<u8>], letter: &Letter) -> Bytes {
    let recipient = |(name, recipient): (&Vec<u8>, &Recipient)| {
        of(0x31, &[name.clone(), tlv(0x80, recipient.reports.bits())])
    };
    let recipients: Vec<_> = to.iter().zip(&letter.recipients).map(recipient).collect();
    let mut envelope = vec![from.to_vec(), tlv(0x46, P22), of(0xa1, &recipients)];
    // Priorities are numbered otherwise than they are ranked: normal, non-urgent, urgent.
    let priority = [2, 0, 1][usize::from(letter.rank)];
    envelope.push(tlv(0x47, &[priority]));
    if letter.returns {
        envelope.push(tlv(0x48, &[4, 0x10]));
    }
    let deferred = letter.deferred_us.map(|at| utc_time(at.div_euclid(1_000_000)));
    envelope.extend(deferred.map(|time| tlv(0x80, time.as_bytes())));
    of(0x30, &[of(0x31, &envelope), tlv(0x04, &letter.mail.content)]).into()
}

/// ProbeSubmissionArgument.
pub(super) fn probe(from: &[u8], to: &[Vec<u8>], letter: &Letter) -> Bytes {
    let recipient = |(name, recipient): (&Vec<u8>, &Recipient)| {
        of(0x31, &[name.clone(), tlv(0x80, recipient.reports.bits())])
    };
    let recipients: Vec<_> = to.iter().zip(&letter.recipients).map(recipient).collect();
    of(0x31, &[from.to_vec(), tlv(0x46, P22), of(0xa3, &recipients)]).into()
}

/// MSMessageSubmissionArgument of 1994: what would be submitted is put away as a draft.
pub(super) fn draft(submission: &Bytes) -> Bytes {
    let options = tlv(0xa4, &tlv(0x31, &tlv(0xa0, &integer(0x02, 2))));
    let whole = restante_ber::Reader::over(submission).only().expect("an argument");
    tlv(0x30, &[whole.contents(), &options].concat()).into()
}

/// ModifyArgument of numbers.
pub(super) fn modify(
    class: u8,
    numbers: &[u32],
    added: Option<&(String, u32)>,
    status: Option<u8>,
) -> Bytes {
    let numbers: Vec<_> = numbers.iter().map(|number| integer(2, *number)).collect();
    let status = status.map(|status| addition(STATUS, &integer(2, u32::from(status))));
    let mut modifications = added.map(additions).unwrap_or_default();
    modifications.extend(status);
    let modifications = tlv(0xa3, &of(0x30, &modifications));
    let class = tlv(0xa0, &integer(2, u32::from(class)));
    of(0x31, &[class, tlv(0xa2, &of(0x30, &numbers)), modifications]).into()
}

/// EntryModification: that an attribute has this value and no other.
fn addition(attribute: &[u8], value: &[u8]) -> Vec<u8> {
    let attribute = of(0x30, &[tlv(6, attribute), tlv(0x30, value)]);
    tlv(0x31, &tlv(0xa1, &attribute))
}

/// The same of a note and a storage-period.
fn additions((note, period): &(String, u32)) -> Vec<Vec<u8>> {
    let note = addition(NOTES, &tlv(0x1b, note.as_bytes()));
    vec![note, addition(PERIOD, &integer(2, *period))]
}

/// UTCTime of seconds since 1970.
fn utc_time(seconds: i64) -> String {
    let (mut days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let mut year = 1970;
    while days >= 365 + leap(year) {
        days -= 365 + leap(year);
        year += 1;
    }
    let months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    let (hours, minutes, seconds) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let (year, month, day) = (year % 100, month + 1, days + 1);
    format!("{year:02}{month:02}{day:02}{hours:02}{minutes:02}{seconds:02}Z")
}

/// Argument of cancel-deferred-delivery.
pub(super) fn cancellation(local: &str) -> Bytes {
    identifier(local).into()
}

/// MessageSubmissionResult: taken, with this identifier.
pub(super) fn taken(local: &str) -> Bytes {
    of(0x31, &[identifier(local), tlv(0x80, TIME)]).into()
}

/// What a user asks List and Fetch for, and of what.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted<'a> {
    /// Entries of this class.
    pub(super) class: u8,
    /// From and to these numbers.
    pub(super) range: Option<(u32, u32)>,
    /// Child-entries as well.
    pub(super) children: bool,
    /// At most so many.
    pub(super) limit: Option<u32>,
    /// These attributes, or those that are registered.
    pub(super) attributes: Option<&'a [&'a [u8]]>,
}

impl Wanted<'_> {
    fn class(&self) -> Vec<u8> {
        match self.class {
            0 => Vec::new(),
            class => tlv(0xa0, &integer(0x02, u32::from(class))),
        }
    }

    fn selector(&self) -> Vec<u8> {
        let mut members = Vec::new();
        if self.children {
            members.push(tlv(0xa0, &tlv(0x01, &[0xff])));
        }
        if let Some((from, to)) = self.range {
            let bounds = [tlv(0xa0, &integer(2, from)), tlv(0xa1, &integer(2, to))];
            members.push(tlv(0xa1, &tlv(0xa0, &of(0x30, &bounds))));
        }
        members.extend(self.limit.map(|limit| tlv(0xa3, &integer(2, limit))));
        of(0x31, &members)
    }

    fn requested(&self) -> Vec<u8> {
        let selection = |attribute: &&[u8]| tlv(0x31, &tlv(0x06, attribute));
        match self.attributes {
            None => Vec::new(),
            Some(types) => tlv(0xa3, &of(0x31, &types.iter().map(selection).collect::<Vec<_>>())),
        }
    }

    /// ListArgument.
    pub(super) fn list(&self) -> Bytes {
        of(0x31, &[self.class(), tlv(0xa1, &self.selector()), self.requested()]).into()
    }

    /// SummarizeArgument, of nothing but the count.
    pub(super) fn summarize(&self) -> Bytes {
        of(0x31, &[self.class(), tlv(0xa1, &self.selector())]).into()
    }

    /// FetchArgument of a number.
    pub(super) fn fetch(&self, number: u32) -> Bytes {
        of(0x31, &[self.class(), tlv(0xa2, &integer(2, number)), self.requested()]).into()
    }

    /// DeleteArgument of numbers.
    pub(super) fn delete(&self, numbers: &[u32]) -> Bytes {
        let numbers: Vec<_> = numbers.iter().map(|number| integer(2, *number)).collect();
        of(0x31, &[self.class(), tlv(0xa2, &of(0x31, &numbers))]).into()
    }
}

/// The auto-action-type auto-forward.
pub(super) const AUTO_FORWARD: &[u8] = &[0x56, 4, 4, 0];
/// The auto-action-type auto-delete.
pub(super) const AUTO_DELETE: &[u8] = &[0x56, 4, 4, 3];
/// The auto-action-type auto-modify.
pub(super) const AUTO_MODIFY: &[u8] = &[0x56, 4, 4, 4];
/// The auto-action-type of delayed auto-forward.
pub(super) const DELAYED: &[u8] =
    b"\x69\x82\xe2\x88\xad\xc0\xb7\xbb\x8a\x88\x81\xad\xc4\xfe\x88\xda\xd3\xa9\xf3\x17";

/// In its parameter: that what is forwarded goes.
pub(super) const DELETES: &[u8] = b"\xa2\x03\x01\x01\xff";

/// RegisterMSArgument: an auto-action is registered with this parameter, or deregistered.
fn auto_action(oid: &[u8], parameter: Option<&[u8]>) -> Bytes {
    let name = [tlv(6, oid), tlv(0xa0, &integer(2, 1))].concat();
    match parameter {
        None => tlv(0x31, &tlv(0xa1, &tlv(0x31, &tlv(0x30, &name)))).into(),
        Some(parameter) => {
            let registration = tlv(0x30, &[&name, parameter].concat());
            tlv(0x31, &tlv(0xa0, &tlv(0x31, &registration))).into()
        }
    }
}

/// AutoForwardRegistrationParameter of 1988: to somebody, and whether what goes on goes then.
fn forward_to(from: &[u8], (to, delete): (Vec<u8>, bool)) -> Vec<u8> {
    let recipient = of(0x31, &[to, tlv(0x80, &[4, 0x10])]);
    let arguments = of(0x31, &[from.to_vec(), tlv(0xa1, &recipient)]);
    let delete = if delete { DELETES.to_vec() } else { Vec::new() };
    let information = tlv(0xa3, &tlv(4, &tlv(0x31, &[])));
    of(0x31, &[tlv(0xa1, &arguments), delete, information])
}

/// RegisterMSArgument: all that comes goes on to somebody, in the form of 1988; or no more.
pub(super) fn forwarding(from: &[u8], to: Option<(Vec<u8>, bool)>) -> Bytes {
    let parameter = to.map(|to| tlv(0xa1, &forward_to(from, to)));
    auto_action(AUTO_FORWARD, parameter.as_deref())
}

/// RegisterMSArgument: what is not fetched for so many seconds goes on to somebody; or no more.
pub(super) fn forwarding_later(from: &[u8], to: Option<(Vec<u8>, u32)>) -> Bytes {
    let parameter = to.map(|(to, delay)| {
        let forward = tlv(0xa1, &forward_to(from, (to, false)));
        tlv(0xa1, &of(0x30, &[tlv(0xa0, &integer(2, delay)), forward]))
    });
    auto_action(DELAYED, parameter.as_deref())
}

/// RegisterMSArgument: this is added to all that comes; or no more.
pub(super) fn noting(added: Option<&(String, u32)>) -> Bytes {
    let parameter = added.map(|added| {
        let class = tlv(0xa0, &integer(2, 0));
        tlv(0xa1, &of(0x31, &[class, tlv(0xa2, &of(0x30, &additions(added)))]))
    });
    auto_action(AUTO_MODIFY, parameter.as_deref())
}

/// RegisterMSArgument: what is stored for long enough is deleted; or no more.
pub(super) fn sweeping(sweeps: bool) -> Bytes {
    auto_action(AUTO_DELETE, sweeps.then_some(&[]))
}

/// RegisterMSArgument: defaults of List, and a change of passwords.
pub(super) fn register(list: Option<&[&[u8]]>, passwords: Option<(&str, &str)>) -> Bytes {
    let mut members = Vec::new();
    if let Some(types) = list {
        let types: Vec<_> = types.iter().map(|oid| tlv(0x06, oid)).collect();
        members.push(tlv(0xa2, &of(0x31, &types)));
    }
    if let Some((old, new)) = passwords {
        let simple = |tag, password: &str| tlv(tag, &tlv(0x16, password.as_bytes()));
        members.push(tlv(0xa4, &of(0x30, &[simple(0xa0, old), simple(0xa1, new)])));
    }
    of(0x31, &members).into()
}
