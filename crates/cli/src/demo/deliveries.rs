//! What the demo's MTA delivers: four messages of different kinds, and a report.

use restante_ber::{Bytes, Encode, Oid, Rope, UtcTime, oid};
use restante_client::{Mta, compose, p3::MtsBind};
use restante_mhs::x411::{
    BuiltInContentType, ContentType, DeliveredContentType, ExtendedContentType,
    MessageDeliveryArgument, NonDeliveryDiagnosticCode, NonDeliveryReasonCode, NonDeliveryReport,
    ORAddress, ORName, Priority, ReportDeliveryArgument, ReportType,
};
use restante_mhs::x420::{BodyPart, MessageParameters, amhs::ATSMessageHeader};

use super::store::{Dial, Store};
use super::story::Story;
use crate::time;

/// The content type of military messages (STANAG 4406).
const MILITARY: Oid = oid!(1, 3, 26, 0, 4406, 0, 4, 1);

/// What the user agent should find.
pub(super) struct Delivered {
    /// What people call it.
    pub(super) title: &'static str,
    /// The content, or the content that a report returns.
    pub(super) content: Rope,
}

/// Binds as the MTA and delivers all; returns what was delivered to Alice, in order.
pub(super) async fn deliver(
    story: &mut Story,
    store: &Store,
    dial: &Dial,
) -> anyhow::Result<Vec<Delivered>> {
    story.step(
        "The MTA delivers (P3)",
        "It binds with its MTA-name and hands over messages one by one. The store answers when\n\
         a message is safe on disk.",
    )?;
    let bind = MtsBind::new(store.mta.name.as_str(), store.mta.password.as_str());
    let (mut mta, _) = Mta::bind(dial.options(), &bind).await?;
    let writer =
        Writer { alice: store.alice.or_name()?, bob: store.bob.or_name()?, now: time::now() };
    let mut delivered = Vec::new();
    for (title, argument) in writer.messages() {
        let taken = mta.deliver(argument.to_rope()).await;
        let octets = argument.content.len();
        story.check(&format!("{title}, {octets} octets"), taken.is_ok())?;
        delivered.push(Delivered { title, content: argument.content });
    }
    let report = writer.report()?;
    let taken = mta.report(report.to_rope()).await;
    story.check("a report: what Alice sent to her friends did not reach Carol", taken.is_ok())?;
    let content = report.returned_content.unwrap_or_default();
    delivered.push(Delivered { title: "the report", content });
    let copy = writer.message(&writer.bob, 9, writer.text_and_file(&writer.bob));
    let taken = mta.deliver(copy.to_rope()).await;
    story.check("the first message once more, for Bob", taken.is_ok())?;
    mta.unbind().await?;
    Ok(delivered)
}

/// Who writes to whom, and when.
struct Writer {
    alice: ORName,
    bob: ORName,
    now: UtcTime,
}

impl Writer {
    fn messages(&self) -> [(&'static str, MessageDeliveryArgument); 4] {
        let to = &self.alice;
        let text_and_file = self.message(to, 1, self.text_and_file(to));
        let mut aeronautical = self.message(to, 2, self.aeronautical());
        aeronautical.other_fields.priority = Priority::URGENT;
        let forwarded = self.message(to, 3, self.forwarded());
        // Nobody here reads such contents: any octets stand for one.
        let octets: Bytes = (0..2_000u32).map(|n| n.to_be_bytes()[3]).collect();
        let mut military = self.message(to, 4, Rope::from(octets));
        military.other_fields.content_type =
            DeliveredContentType::Extended(ExtendedContentType(MILITARY));
        [
            ("a message of two body parts, text and a file", text_and_file),
            ("an aeronautical message, urgent, with an ATS header", aeronautical),
            ("a message that forwards another one", forwarded),
            ("a military message, which the store keeps without reading it", military),
        ]
    }

    fn message(&self, to: &ORName, number: u32, content: Rope) -> MessageDeliveryArgument {
        let identifier = compose::mts_identifier(&self.bob.address, &format!("demo-{number}"));
        compose::delivery(identifier, self.bob.clone(), to.clone(), content, self.now)
    }

    fn ipm(&self, number: u32, to: &ORName, subject: &str, body: Vec<BodyPart>) -> Rope {
        let to = [to.clone()];
        let message = compose::ipm(&format!("demo-{number}"), &self.bob, &to, subject, body);
        compose::content(message)
    }

    fn text_and_file(&self, to: &ORName) -> Rope {
        let text = compose::text("The weekend's weather is in the file.\nBring an umbrella.\n");
        let file = BodyPart::file("weather.csv", Bytes::from_static(b"sat,rain\nsun,rain\n"));
        self.ipm(1, to, "Weather", vec![text, file])
    }

    fn aeronautical(&self) -> Rope {
        let header = ATSMessageHeader {
            priority: "FF".to_owned(),
            filing_time: self.now.text().chars().skip(4).take(6).collect(),
            optional_heading_info: None,
        };
        let text = header.with_text("(FPL-ABC123-IS\r\n-C172/L-V/C\r\n-EGLL0900\r\n-N0110VFR)");
        self.ipm(2, &self.alice, "Flight plan", vec![BodyPart::ia5_text(&text)])
    }

    fn forwarded(&self) -> Rope {
        let question = compose::text("Shall we meet on Monday?\n");
        let from = std::slice::from_ref(&self.bob);
        let inner = compose::ipm("demo-0", &self.alice, from, "Monday", [question]);
        let parameters =
            MessageParameters { delivery_time: Some(self.now), ..MessageParameters::default() };
        let answer = compose::text("You asked this; yes.\n");
        let body = vec![answer, BodyPart::message(parameters, &inner)];
        self.ipm(3, &self.alice, "Fwd: Monday", body)
    }

    /// A report on a message that Alice sent to a distribution list, not through this store: the
    /// extension that tells of the list says that it is hers.
    fn report(&self) -> anyhow::Result<ReportDeliveryArgument> {
        let carol: ORAddress = "/CN=Carol/O=Elsewhere/PRMD=PEER/C=GB/".parse()?;
        let failure = ReportType::NonDelivery(NonDeliveryReport {
            non_delivery_reason_code: NonDeliveryReasonCode::UNABLE_TO_TRANSFER,
            non_delivery_diagnostic_code: Some(NonDeliveryDiagnosticCode::UNRECOGNISED_OR_NAME),
        });
        let subject = compose::mts_identifier(&self.alice.address, "demo-5");
        let list: ORAddress = "/CN=Friends/O=Example/PRMD=PEER/C=GB/".parse()?;
        let list = ORName::from(list);
        let history = [(self.alice.clone(), self.now), (list.clone(), self.now)];
        let mut report = compose::report(subject, history, [(carol.into(), failure)]);
        let lost = compose::text("Dear friends, are you there?\n");
        let sent = compose::ipm("demo-5", &self.alice, &[list], "Hello", [lost]);
        report.content_type =
            Some(ContentType::BuiltIn(BuiltInContentType::INTERPERSONAL_MESSAGING_1988));
        report.returned_content = Some(compose::content(sent));
        Ok(report)
    }
}
