//! The heading of an IPM (X.420 §7.1 and Annexes, module IPMSInformationObjects).

use super::{ExtensionsField, extended_subject, text};
use crate::x411::ORName;
use restante_ber::{PrintableString, SetOf, TeletexString, UtcTime, bits, enumerated, set};

set! { IMPLICIT TAGS;
    /// The heading.
    pub struct Heading {
        /// What identifies the message.
        this_ipm: IPMIdentifier,
        /// Who wrote it.
        originator: Option<ORDescriptor> [0],
        /// Who authorized it.
        authorizing_users: Option<Vec<ORDescriptor>> [1],
        /// To.
        primary_recipients: Vec<RecipientSpecifier> [2] = Vec::new(),
        /// Copies.
        copy_recipients: Vec<RecipientSpecifier> [3] = Vec::new(),
        /// Blind copies.
        blind_copy_recipients: Option<Vec<RecipientSpecifier>> [4],
        /// The message that this one replies to.
        replied_to_ipm: Option<IPMIdentifier> [5],
        /// Messages in whose place this one comes.
        obsoleted_ipms: Vec<IPMIdentifier> [6] = Vec::new(),
        /// Messages that it has to do with.
        related_ipms: Vec<IPMIdentifier> [7] = Vec::new(),
        /// What it is about; [`Heading::subject_text`] for people.
        subject: Option<TeletexString> [EXPLICIT 8],
        /// When it is worth nothing any more.
        expiry_time: Option<UtcTime> [9],
        /// By when a reply is asked for.
        reply_time: Option<UtcTime> [10],
        /// Whom a reply should go to.
        reply_recipients: Option<Vec<ORDescriptor>> [11],
        /// How important it is.
        importance: Importance [12] = Importance::NORMAL,
        /// How sensitive it is.
        sensitivity: Option<Sensitivity> [13],
        /// Whether an auto-action made it.
        auto_forwarded: bool [14] = false,
        /// All that came later.
        extensions: ExtensionsField [15] = SetOf::default(),
    }
}

impl Heading {
    /// A heading that says nothing but what identifies the message.
    pub fn new(this_ipm: IPMIdentifier) -> Self {
        Self {
            this_ipm,
            originator: None,
            authorizing_users: None,
            primary_recipients: Vec::new(),
            copy_recipients: Vec::new(),
            blind_copy_recipients: None,
            replied_to_ipm: None,
            obsoleted_ipms: Vec::new(),
            related_ipms: Vec::new(),
            subject: None,
            expiry_time: None,
            reply_time: None,
            reply_recipients: None,
            importance: Importance::NORMAL,
            sensitivity: None,
            auto_forwarded: false,
            extensions: SetOf::default(),
        }
    }

    /// The subject for people: the extended one where there is one.
    pub fn subject_text(&self) -> Option<String> {
        extended_subject(&self.extensions).or_else(|| {
            self.subject
                .as_ref()
                .map(|subject| text::from_teletex(&text::octets(subject.as_str())))
        })
    }

    /// All recipients: primary, copy and blind copy.
    pub fn recipients(&self) -> impl Iterator<Item = &RecipientSpecifier> {
        let blind = self.blind_copy_recipients.iter().flatten();
        self.primary_recipients.iter().chain(&self.copy_recipients).chain(blind)
    }
}

set! { IMPLICIT TAGS;
    /// What identifies an IPM.
    #[derive(Eq, Hash)]
    pub struct IPMIdentifier [APPLICATION 11] {
        /// The user that gave it.
        user: Option<ORName>,
        /// Unique with that user; may be empty.
        user_relative_identifier: PrintableString,
    }
}

set! { IMPLICIT TAGS;
    /// A user or a list, by name or by other words.
    #[derive(Default, Eq, Hash)]
    pub struct ORDescriptor {
        /// The O/R name.
        formal_name: Option<ORName>,
        /// What people call it.
        free_form_name: Option<TeletexString> [0],
        /// Its telephone number.
        telephone_number: Option<PrintableString> [1],
    }
}

impl From<ORName> for ORDescriptor {
    fn from(name: ORName) -> Self {
        Self { formal_name: Some(name), ..Self::default() }
    }
}

set! { IMPLICIT TAGS;
    /// A recipient and what is asked of it.
    #[derive(Default)]
    pub struct RecipientSpecifier {
        /// Who.
        recipient: ORDescriptor [0],
        /// The notifications that are asked for.
        notification_requests: NotificationRequests [1] = NotificationRequests::default(),
        /// Whether a reply is asked for.
        reply_requested: bool [2] = false,
        /// All that came later.
        recipient_extensions: Option<ExtensionsField> [3],
    }
}

impl From<ORName> for RecipientSpecifier {
    fn from(name: ORName) -> Self {
        Self { recipient: name.into(), ..Self::default() }
    }
}

bits! {
    /// The notifications that are asked of a recipient.
    pub struct NotificationRequests {
        /// That it was read.
        RN = 0,
        /// That it was not.
        NRN = 1,
        /// With the message, where it was not read.
        IPM_RETURN = 2,
        /// Advice is understood (1999).
        AN_SUPPORTED = 3,
        /// Advice is not wanted (1999).
        SUPPRESS_AN = 4,
    }
}

enumerated! {
    /// How important a message is.
    pub struct Importance {
        /// Little.
        LOW = 0,
        /// As usual.
        NORMAL = 1,
        /// Much.
        HIGH = 2,
    }
}

enumerated! {
    /// How sensitive a message is.
    pub struct Sensitivity {
        /// For the recipient as a person.
        PERSONAL = 1,
        /// For nobody but the recipient.
        PRIVATE = 2,
        /// For nobody outside.
        COMPANY_CONFIDENTIAL = 3,
    }
}
