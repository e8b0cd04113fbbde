//! The facts that events tell of: each with its identifier, its severity, its facility and its
//! text in English, which a catalogue may have in another language.
//!
//! An identifier never changes its meaning; what is said with a fact is named, so that a
//! catalogue can put it in its own order.

use std::fmt::{self, Display};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Facility, Severity, catalogue};

/// What is known of a fact before it happens.
#[derive(Debug)]
pub struct About {
    /// Its identifier.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Who tells it; of an association, as long as nobody is bound.
    pub facility: Facility,
    /// What is said with it.
    pub values: &'static [&'static str],
    /// Its text: `{name}` stands for what is said.
    pub text: &'static str,
}

macro_rules! facts {
    ($($(#[doc = $doc:literal])* $name:ident $({ $($value:ident),+ })? =
        $id:literal $severity:ident $facility:ident $text:literal),+ $(,)?) => {
        /// Something that happened, with what is said of it.
        #[derive(Clone, Copy)]
        pub(crate) enum Fact<'a> {
            $($(#[doc = $doc])* $name $({ $($value: &'a dyn Display),+ })?,)+
        }

        /// Which fact.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FactId {
            $($(#[doc = $doc])* $name,)+
        }

        impl FactId {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What is known of it.
            pub fn about(self) -> &'static About {
                match self {
                    $(Self::$name => &About {
                        id: $id,
                        severity: Severity::$severity,
                        facility: Facility::$facility,
                        values: &[$($(stringify!($value),)+)?],
                        text: $text,
                    },)+
                }
            }
        }

        impl Fact<'_> {
            /// Which one it is.
            pub(crate) fn id(&self) -> FactId {
                match self {
                    $(Self::$name $({ $($value: _),+ })? => FactId::$name,)+
                }
            }

            /// What is said by this name.
            pub(super) fn value(&self, name: &str) -> Option<&dyn Display> {
                match self {
                    $(Self::$name $({ $($value),+ })? => {
                        $($(if name == stringify!($value) {
                            return Some(*$value);
                        })+)?
                    })+
                }
                let _ = name;
                None
            }
        }
    };
}

facts! {
    /// It can't be seen whether there are alarms.
    AlarmsUnknown { error } = "alarms-unknown" Warning Admin
        "alarms can't be looked for: {error}",
    /// There is an alarm.
    AlarmRaised { alarm } = "alarm-raised" Warning Admin "alarm: {alarm}",
    /// There was one.
    AlarmOver { alarm } = "alarm-over" Info Admin "no alarm any more: {alarm}",
    /// Another server does not take what it is told.
    OutletRefused { what, address, error } = "outlet-refused" Warning Admin
        "{what}: {address} does not take it: {error}",
    /// The management listener can't accept a connection.
    ManagementNotAccepted { error } = "management-not-accepted" Warning Admin
        "management: no connection can be accepted: {error}",
    /// A job came to its end.
    JobEnded { job, kind, outcome } = "job-ended" Info Admin "job {job} ({kind}): {outcome}",
    /// A job failed.
    JobFailed { job, kind, outcome } = "job-failed" Error Admin "job {job} ({kind}): {outcome}",
    /// How far a job is can't be written.
    JobNotKept { job, error } = "job-not-kept" Warning Admin
        "the state of job {job} can't be kept: {error}",
    /// A job of a schedule can't be started.
    ScheduleFailed { job, error } = "schedule-failed" Error Admin
        "{job}, as the schedule has it, is not started: {error}",
    /// A manager did something.
    Deed { manager, role, deed } = "deed" Info Admin "{manager} ({role}): {deed}",
    /// Somebody is not the manager that they say.
    SignInRefused { peer, name } = "sign-in-refused" AuthFail Admin
        "{peer}: sign-in as {name} refused",
    /// A request of a manager's failed.
    AdminFailed { reason } = "admin-failed" Error Server "admin: {reason}",
    /// A registration that a backup has is none.
    ActionNotRestored { mailbox } = "action-not-restored" Warning Admin
        "{mailbox}: an auto-action of the backup is refused",
    /// The time of a block is over.
    BlockOver { operation, whose } = "block-over" Info Admin
        "{operation} for {whose} is blocked no longer",

    /// User agents and MTAs can bind.
    Listening { address } = "listening" Info Server "listening on {address}",
    /// Managers can sign in.
    Managed { address } = "managed" Info Server "managed on http://{address}",
    /// No association is begun any more.
    Stopping = "stopping" Info Server "stopping",
    /// Nothing is done any more.
    Stopped = "stopped" Info Server "stopped",
    /// A connection is closed unheard.
    ConnectionNotServed { peer, error } = "connection-not-served" Error Server
        "{peer}: the connection can't be served: {error}",
    /// A connection is without what keeps it alive.
    OptionsNotSet { error } = "options-not-set" Debug Server
        "a connection's options can't be set: {error}",
    /// Nobody can connect.
    NotAccepting { error } = "not-accepting" Error Server
        "connections can't be accepted: {error}; see ulimit -n",
    /// A fault of the store's own.
    PartFailed { error } = "part-failed" Critical Server "a part of the server failed: {error}",

    /// There is no place for a peer.
    PeerRefused { peer, why } = "peer-refused" Warning Osi "{peer}: refused: {why}",
    /// Users and MTAs can't be looked up.
    DirectoryFailed { error } = "directory-failed" Error Directory "{error}",
    /// A password was changed.
    PasswordChanged { name } = "password-changed" Info Directory "{name}: password changed",
    /// A password was not changed.
    PasswordNotChanged { name, reason } = "password-not-changed" Warning Directory
        "{name}: password not changed: {reason}",

    /// The store was opened.
    Opened { report } = "opened" Info Storage "opened: {report}",
    /// The store was opened, and something in it is damaged.
    OpenedDamaged { report } = "opened-damaged" Error Storage "opened: {report}",
    /// One of the damaged places.
    FoundDamaged { segment, offset, octets } = "found-damaged" Error Storage
        "segment {segment} at {offset}: {octets} octets are damaged",
    /// Damage was found.
    Damaged { place } = "damaged" Error Storage "{place}",
    /// Nothing is accepted any more.
    StoreStopped { error } = "store-stopped" Critical Storage "{error}",
    /// No message is taken in.
    SpaceLow { error } = "space-low" Warning Storage
        "no message is taken in until there is room again: {error}",
    /// Messages are taken in again.
    SpaceEnough { refused } = "space-enough" Info Storage
        "there is room again: messages are taken in; {refused} were refused",
    /// Space was given back.
    Reclaimed { segments, octets } = "reclaimed" Debug Storage
        "{segments} segments of the log rewritten, {octets} octets given back",
    /// Space is not given back.
    NotReclaimed { error } = "not-reclaimed" Warning Storage
        "space can't be given back: {error}",
    /// The index is whole.
    Extracted = "extracted" Info Storage "what the index shows of entries is all made",
    /// The index is not whole.
    NotExtracted { error } = "not-extracted" Error Storage
        "what the index shows of entries can't be made: {error}; see to the disk and start the \
         store again",
    /// How much room there is can't be had.
    FreeSpaceUnknown { error } = "free-space-unknown" Debug Storage
        "free space can't be told: {error}",
    /// Mailboxes that were full are not looked at.
    QuotasUnknown { error } = "quotas-unknown" Warning Storage
        "mailboxes that were full can't be looked at: {error}",
    /// Blocks stay though their time is over.
    BlocksNotEnded { error } = "blocks-not-ended" Warning Storage
        "blocks whose time is over can't be taken away: {error}",
    /// All numbers were raised.
    NumbersRaised { increment } = "numbers-raised" Info Storage
        "the sequence-numbers of all mailboxes are raised by {increment}",
    /// The index is as the log.
    Resynchronised { done } = "resynchronised" Info Storage "resynchronised: {done}",
    /// The index is as the log, in which something is damaged.
    ResynchronisedDamaged { done } = "resynchronised-damaged" Error Storage
        "resynchronised: {done}",
    /// The index was not compared to its end.
    ResyncFailed { error } = "resync-failed" Error Storage "resynchronisation failed: {error}",
    /// What is to be done at its time is not done.
    DueFailed { reason } = "due-failed" Error Storage "what is due can't be done: {reason}",
    /// What the store is to submit is not submitted.
    ErrandsFailed { error } = "errands-failed" Error Storage
        "what the store is to submit can't be read: {error}",
    /// An operation failed for a fault of the store's own.
    Fault { reason } = "fault" Error Storage "{reason}",
    /// An operation failed for a fault that was told before.
    FaultAgain { reason } = "fault-again" Debug Storage "{reason}",

    /// A stream loses records.
    StreamLoses { stream, lost, why } = "stream-loses" Warning Log
        "log stream {stream} loses records, {lost} so far: {why}",
    /// A stream is not written.
    StreamFails { stream, error } = "stream-fails" Error Log
        "log stream {stream} can't be written: {error}",
    /// A stream is written.
    StreamMended { stream, lost } = "stream-mended" Notice Log
        "log stream {stream} is written again, {lost} records were lost",
    /// A catalogue is not whole.
    CatalogueDiffers { path, missing, unknown } = "catalogue-differs" Warning Log
        "{path} has no text for {missing} messages and {unknown} texts for none",
    /// A text that a catalogue has not.
    CatalogueMisses { id } = "catalogue-misses" Warning Log "no text for {id}",
    /// A text that a catalogue has for nothing.
    CatalogueUnknown { id } = "catalogue-unknown" Warning Log
        "a text for {id}, which there is not",
    /// The configuration was read again.
    ConfigurationTaken = "configuration-taken" Notice Log "the configuration is taken",
    /// What has to wait.
    ConfigurationWaits { key } = "configuration-waits" Notice Log
        "{key} is taken at the next start",
    /// The configuration was read again, and is wrong.
    ConfigurationRefused { error } = "configuration-refused" Error Log
        "the configuration is not taken: {error}",

    /// Somebody is bound.
    Bound { context, calling } = "bound" AuthOk Osi "bound ({context}, calling {calling})",
    /// The store is bound to its MTA.
    BoundToMta { name, context } = "bound-to-mta" AuthOk Osi
        "bound to it as {name} ({context})",
    /// Somebody wants to bind and can't.
    BindRefused { why } = "bind-refused" Warning Osi "bind refused: {why}",
    /// Somebody who binds is not who they say.
    BindNotAuthentic { why } = "bind-not-authentic" AuthFail Osi "bind refused: {why}",
    /// The MTA does not let the store bind.
    MtaRefused { why } = "mta-refused" Warning Osi "the MTA refused the bind: {why}",
    /// The MTA answers a bind with what can't be.
    MtaWrong { reason } = "mta-wrong" Warning Osi "aborted: {reason}",
    /// The MTA leaves an operation without an answer.
    MtaSilent = "mta-silent" Warning Osi "aborted: the MTA does not answer",
    /// The MTA can't be reached.
    MtaNotReached { reason } = "mta-not-reached" Warning P3 "{reason}",
    /// An association is kept to be resumed.
    Interrupted { why } = "interrupted" Warning Osi
        "{why}; what is under way is to be resumed",
    /// An association that was kept is given up.
    NotResumed { reason } = "not-resumed" Warning P3
        "an association that lost its connection is not resumed: {reason}",
    /// An association ended as it should.
    Unbound = "unbound" Info Osi "unbound",
    /// A connection ended.
    ConnectionClosed = "connection-closed" Info Osi "connection closed",
    /// An association ended because the server does.
    AbortedStopping = "aborted-stopping" Info Osi "aborted: the server stops",
    /// A manager ended an association.
    Disconnected = "disconnected" Info Osi "disconnected by a manager",
    /// A peer takes nothing of what it asked for.
    AbortedStalled { seconds } = "aborted-stalled" Warning Osi
        "aborted: it has read nothing for {seconds} seconds",
    /// An association ended for a fault of the store's own.
    AbortedFailed { error } = "aborted-failed" Critical Osi
        "aborted: a part of the server failed: {error}",
    /// A peer ended an association.
    Aborted { abort } = "aborted" Info Osi "{abort}",
    /// An association was lost.
    Broken { abort } = "broken" Warning Osi "{abort}",
    /// A peer does what the protocol has not.
    ProtocolError { error } = "protocol-error" Warning Osi "{error}",
    /// An operation that can't be.
    OperationRejected { why } = "operation-rejected" Warning Osi "operation rejected: {why}",
    /// A peer's answer is refused.
    Rejected { problem } = "rejected" Warning Osi "rejected: {problem}",
    /// A peer refuses an answer.
    AnswerRejected { problem } = "answer-rejected" Warning Osi
        "it rejected an answer: {problem}",
    /// Something came too late for an association.
    NotSent { misuse } = "not-sent" Debug Osi "not sent: {misuse}",
    /// An MTA is told what it may deliver.
    ControlSent { hold } = "control-sent" Info Osi "delivery-control: {hold}",
    /// An MTA can't be told.
    ControlNotSent { hold, misuse } = "control-not-sent" Debug Osi
        "delivery-control not sent ({hold}): {misuse}",
    /// An MTA heeds it.
    ControlAccepted { waiting } = "control-accepted" Info Osi
        "delivery-control accepted; {waiting}",
    /// An MTA does not heed it.
    ControlRefused { error } = "control-refused" Warning Osi "delivery-control refused: {error}",
    /// An MTA does not know it.
    ControlRejected { problem } = "control-rejected" Warning Osi
        "delivery-control rejected: {problem}",

    /// A message was delivered.
    Delivered { mta, identifier, octets, mailbox, number } = "delivered" Detail P3
        "{mta}: message {identifier}, {octets} octets, delivered to {mailbox} as {number}",
    /// A report was delivered.
    ReportDelivered { mta, identifier, octets, mailbox, number } = "report-delivered" Detail P3
        "{mta}: report {identifier}, {octets} octets, delivered to {mailbox} as {number}",
    /// A delivery was answered as it was before.
    DeliveredBefore { mta, identifier, mailbox } = "delivered-before" Detail P3
        "{mta}: {identifier} came again, {mailbox} has it already",
    /// A delivery was refused.
    DeliveryRefused { mta, reason } = "delivery-refused" Warning P3
        "{mta}: delivery refused: {reason}",
    /// The MTA took a message, or what is kept of it elsewhere.
    Submitted { mailbox, what, identifier } = "submitted" Detail P3
        "{mailbox}: {what} {identifier} submitted",
    /// The MTA took a message, which is kept as an entry.
    SubmittedKept { mailbox, what, identifier, octets, number } = "submitted-kept" Detail P3
        "{mailbox}: {what} {identifier} submitted, {octets} octets as {number}",
    /// A message is not to be delivered any more.
    DeliveryCancelled { mailbox } = "delivery-cancelled" Detail P3
        "{mailbox}: deferred delivery cancelled",
    /// A message was not submitted.
    NotSubmitted { mailbox, reason } = "not-submitted" Warning P3
        "{mailbox}: not submitted: {reason}",
    /// Entries were listed.
    Listed { mailbox, entries } = "listed" Detail P7 "{mailbox}: {entries} entries listed",
    /// An entry was fetched.
    Fetched { mailbox, number } = "fetched" Detail P7 "{mailbox}: entry {number} fetched",
    /// Entries were deleted.
    Deleted { mailbox, entries } = "deleted" Detail P7 "{mailbox}: {entries} entries deleted",
    /// Entries were modified.
    Modified { mailbox, entries } = "modified" Detail P7 "{mailbox}: {entries} entries modified",
    /// A draft is kept.
    DraftKept { mailbox, octets, number } = "draft-kept" Detail P7
        "{mailbox}: draft of {octets} octets as {number}",
    /// A registration was changed.
    RegistrationChanged { mailbox } = "registration-changed" Detail P7
        "{mailbox}: registration changed",
    /// A registration was not changed.
    RegistrationRefused { mailbox, reason } = "registration-refused" Warning P7
        "{mailbox}: {reason}",
}

impl Serialize for FactId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.about().id)
    }
}

impl<'de> Deserialize<'de> for FactId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let id = String::deserialize(from)?;
        Self::of(&id).ok_or_else(|| {
            let text = format!("no message is called {id:?}; see restante messages");
            serde::de::Error::custom(text)
        })
    }
}

impl FactId {
    /// That of an identifier.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.about().id == id)
    }
}

/// In the words of the built-in catalogue.
impl Display for Fact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        catalogue::built_in().write(self, f)
    }
}
