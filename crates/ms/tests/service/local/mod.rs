//! The built-in MTA: submissions in, entries and reports out.

mod alternates;
mod deferred;
mod delivery;
mod errors;
mod held;
mod reports;

use std::sync::Arc;

use crate::common::{World, attribute, error, pdu};
use restante_ber::{Decode, Encode, Oid, UtcTime, oid};
use restante_mhs::x411::{
    ContentIdentifier, ContentType, ExtensionField, Extensions, MessageDeliveryEnvelope,
    MessageSubmissionEnvelope, MessageSubmissionResult, NonDeliveryReport, ORName,
    OriginatorReportRequest, PerMessageIndicators, PerRecipientMessageSubmissionFields, Priority,
    ReportDeliveryEnvelope, ReportType,
};
use restante_mhs::x419::Edition;
use restante_ms::{Binding, LocalMta, Reply, Settings};
use restante_storage::MemoryBackend;

pub(crate) const REPORT_ENVELOPE: &str = "56040322";
pub(crate) const P22: Oid = oid!(2, 6, 1, 10, 1);
/// A second of time.
pub(crate) const SECOND_US: i64 = 1_000_000;

/// A world without another MTA.
pub(crate) fn world() -> World {
    with(&Arc::new(MemoryBackend::new()), LocalMta::default())
}

/// The same over a disk, with settings of the MTA.
pub(crate) fn with(backend: &Arc<MemoryBackend>, local_mta: LocalMta) -> World {
    World::with(backend, Settings { mta: None, local_mta, ..Settings::default() })
}

/// The binding of a user.
pub(crate) fn bound(world: &World, who: &str) -> Binding {
    world.bind_with(Edition::E1988, &pdu::bind(who, "")).0
}

pub(crate) fn name(octets: &str) -> ORName {
    ORName::from_ber(&pdu::hex(octets)).expect("an O/R name")
}

/// A recipient of whom all reports are wanted.
pub(crate) fn recipient(who: &str) -> PerRecipientMessageSubmissionFields {
    PerRecipientMessageSubmissionFields {
        recipient_name: name(who),
        originator_report_request: OriginatorReportRequest::of([OriginatorReportRequest::REPORT]),
        explicit_conversion: None,
        extensions: Extensions::default(),
    }
}

/// What Alice sends.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) envelope: MessageSubmissionEnvelope,
    pub(crate) content: Vec<u8>,
}

impl Draft {
    pub(crate) fn to(recipients: &[&str]) -> Self {
        let heading = [pdu::this_ipm("one"), pdu::subject("Hello")];
        Self {
            envelope: MessageSubmissionEnvelope {
                originator_name: name(pdu::ALICE),
                original_encoded_information_types: None,
                content_type: ContentType::of_oid(P22),
                content_identifier: Some(ContentIdentifier("ci-1".into())),
                priority: Priority::NORMAL,
                per_message_indicators: PerMessageIndicators::default(),
                deferred_delivery_time: None,
                extensions: Extensions::default(),
                per_recipient_fields: recipients.iter().map(|who| recipient(who)).collect(),
            },
            content: pdu::ipm(0xa0, &heading, &[pdu::ia5("text")]),
        }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut MessageSubmissionEnvelope)) -> Self {
        change(&mut self.envelope);
        self
    }

    pub(crate) fn indicating(self, bits: &[usize]) -> Self {
        let bits = PerMessageIndicators::of(bits.iter().copied());
        self.with(|envelope| envelope.per_message_indicators = bits)
    }

    pub(crate) fn deferred(self, until_us: i64) -> Self {
        let time = UtcTime(until_us / SECOND_US);
        self.with(|envelope| envelope.deferred_delivery_time = Some(time))
    }

    pub(crate) fn argument(&self) -> Vec<u8> {
        pdu::of(0x30, &[self.envelope.to_ber().to_vec(), pdu::tlv(0x04, &self.content)])
    }

    /// Submits it; code and parameter of the error where there is one.
    pub(crate) fn submit(
        &self,
        world: &World,
        binding: &Binding,
    ) -> Result<MessageSubmissionResult, (i64, String)> {
        match world.invoke_octets(binding, 3, &self.argument()) {
            Reply::Result { operation: 3, value, .. } => {
                Ok(MessageSubmissionResult::from_ber(&value.to_bytes()).expect("a result"))
            }
            other => Err(error(&other)),
        }
    }

    /// Submits it as Alice does; its identifier in text.
    pub(crate) fn sent(&self, world: &World) -> String {
        let result = self.submit(world, &bound(world, pdu::ALICE)).expect("it is taken");
        result.message_submission_identifier.to_string()
    }
}

/// An extension that nobody knows, critical for whom.
pub(crate) fn unknown(whom: usize) -> ExtensionField {
    use restante_mhs::x411::{Criticality, ExtensionType};
    ExtensionField {
        r#type: ExtensionType::PrivateExtension(oid!(1, 2, 3, 4)),
        criticality: Criticality::of([whom]),
        value: restante_ber::Any::of(&7i64),
    }
}

/// The numbers in somebody's mailbox.
pub(crate) fn numbers(world: &World, who: &str) -> Vec<u32> {
    world.numbers(&bound(world, who), "")
}

fn value(world: &World, who: &str, number: u32, oid: &str) -> Vec<u8> {
    let fetched = world.fetch(&bound(world, who), &pdu::precise(number, &[oid]));
    let entry = fetched.entry_information.expect("an entry");
    attribute(&entry, oid).pop().unwrap_or_else(|| panic!("no {oid} in {entry:?}"))
}

/// The envelope of a message that somebody has.
pub(crate) fn delivered(world: &World, who: &str, number: u32) -> MessageDeliveryEnvelope {
    let octets = value(world, who, number, pdu::ENVELOPE);
    MessageDeliveryEnvelope::from_ber(&octets).expect("the envelope of a message")
}

/// The envelope of a report that Alice has.
pub(crate) fn reported(world: &World, number: u32) -> ReportDeliveryEnvelope {
    let octets = value(world, pdu::ALICE, number, REPORT_ENVELOPE);
    ReportDeliveryEnvelope::from_ber(&octets).expect("the envelope of a report")
}

/// Reason and diagnostic for each recipient of a report; those that were reached have none.
pub(crate) fn outcomes(report: &ReportDeliveryEnvelope) -> Vec<Option<(i64, Option<i64>)>> {
    let outcome = |report_type: &ReportType| match report_type {
        ReportType::Delivery(_) => None,
        ReportType::NonDelivery(NonDeliveryReport {
            non_delivery_reason_code,
            non_delivery_diagnostic_code,
        }) => Some((non_delivery_reason_code.0, non_delivery_diagnostic_code.map(|code| code.0))),
    };
    report.per_recipient_fields.iter().map(|fields| outcome(&fields.report_type)).collect()
}

/// What a draft is reported as, where it is not delivered to its only recipient.
pub(crate) fn failure(world: &World, draft: &Draft) -> (i64, Option<i64>) {
    draft.sent(world);
    let number = *numbers(world, pdu::ALICE).last().expect("a report");
    let outcomes = outcomes(&reported(world, number));
    let [Some(failure)] = outcomes[..] else { panic!("{outcomes:?}") };
    failure
}

pub(crate) fn content(world: &World, who: &str, number: u32) -> Vec<u8> {
    let value = value(world, who, number, pdu::CONTENT);
    restante_ber::Element::parse(&value).expect("an OCTET STRING").contents().to_vec()
}

/// Registers, as somebody, what may be delivered, in the form of 1988.
pub(crate) fn register(world: &World, who: &str, members: &str) {
    let binding = bound(world, who);
    let reply = world.invoke(&binding, 1, &pdu::x(0x31, members));
    assert!(matches!(reply, Reply::Result { .. }), "{reply:?}");
}
