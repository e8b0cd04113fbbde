//! `restante mta report`: report-delivery (X.411).

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args};
use restante_ber::Encode;
use restante_client::compose;
use restante_mhs::x411::{
    ContentType, DeliveryReport, MTSIdentifier, NonDeliveryDiagnosticCode, NonDeliveryReasonCode,
    NonDeliveryReport, ORAddress, ReportType, TypeOfMTSUser,
};

use super::{Peer, content_type};
use crate::{draft::read, output, time};

/// Deliver a report
///
/// A report names no recipient: it belongs to whoever sent the message that it is about. The store
/// knows that where the message was submitted through it; else --to says it, by the extension
/// originator-and-DL-expansion-history.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("recipients").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  restante mta report --mta mta1 --to \"/CN=Alice/…\" \\
    --subject-id \"[/PRMD=PEER/ADMD= /C=GB/;7]\" \\
    --delivered \"/CN=Bob/…\"
  restante mta report --mta mta1 --to \"/CN=Alice/…\" \\
    --subject-id \"[/PRMD=PEER/ADMD= /C=GB/;7]\" \\
    --non-delivered \"/CN=Carol/…\" --reason unable-to-transfer \\
    --diagnostic unrecognised-OR-name --returned-content 7.ber")]
pub(super) struct Arguments {
    /// The O/R address of whoever sent the message that the report is about
    #[arg(long, value_name = "O/R-ADDRESS")]
    to: Option<ORAddress>,
    /// A distribution list that the message went through; again for another one
    ///
    /// The extension has one at least: where none is given, the sender's address stands there
    /// once more.
    #[arg(long, value_name = "O/R-ADDRESS", requires = "to")]
    list: Vec<ORAddress>,
    /// The identifier of that message: [/PRMD=…/ADMD=…/C=…/;local]
    #[arg(long, value_name = "IDENTIFIER", value_parser = identifier)]
    subject_id: MTSIdentifier,
    /// A recipient who got it; again for another one
    #[arg(long, value_name = "O/R-ADDRESS", group = "recipients")]
    delivered: Vec<ORAddress>,
    /// A recipient who did not get it; again for another one
    #[arg(long, value_name = "O/R-ADDRESS", group = "recipients")]
    non_delivered: Vec<ORAddress>,
    /// What failed for those: a name or number of X.411
    #[arg(long, default_value = "unable-to-transfer", value_parser = reason)]
    reason: NonDeliveryReasonCode,
    /// Why it failed for those: a name or number of X.411
    #[arg(long, value_parser = diagnostic)]
    diagnostic: Option<NonDeliveryDiagnosticCode>,
    /// A file that is the content of that message, which comes back with the report
    #[arg(long, value_name = "FILE")]
    returned_content: Option<PathBuf>,
    /// The type of that content: a number or an object identifier, such as 22 for P22
    #[arg(long, value_name = "TYPE", value_parser = content_type)]
    content_type: Option<ContentType>,
    #[command(flatten)]
    peer: Peer,
}

fn reason(text: &str) -> anyhow::Result<NonDeliveryReasonCode> {
    code(text, NonDeliveryReasonCode, NonDeliveryReasonCode::name)
}

fn diagnostic(text: &str) -> anyhow::Result<NonDeliveryDiagnosticCode> {
    code(text, NonDeliveryDiagnosticCode, NonDeliveryDiagnosticCode::name)
}

/// A code by number or by the standard's name.
fn code<T: Copy>(
    text: &str,
    make: impl Fn(i64) -> T,
    name: impl Fn(T) -> Option<String>,
) -> anyhow::Result<T> {
    if let Ok(number) = text.parse() {
        return Ok(make(number));
    }
    let named = |code: &T| name(*code).is_some_and(|name| name.eq_ignore_ascii_case(text));
    (0..256).map(make).find(named).with_context(|| {
        format!(
            "`{text}` is no code of X.411; write its name, such as transfer-failure, or number"
        )
    })
}

/// An identifier as MTAs write it.
pub(crate) fn identifier(text: &str) -> anyhow::Result<MTSIdentifier> {
    let inner = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let Some((domain, local)) = inner.and_then(|inner| inner.split_once(';')) else {
        bail!("`{text}` is no identifier; write [/PRMD=…/ADMD=…/C=…/;local]");
    };
    let domain: ORAddress = domain.parse()?;
    Ok(compose::mts_identifier(&domain, local))
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let password = arguments.peer.password()?;
    let now = time::now();
    let delivered = arguments.delivered.iter().map(|name| {
        let delivery =
            DeliveryReport { message_delivery_time: now, type_of_mts_user: TypeOfMTSUser::PUBLIC };
        (name.clone().into(), ReportType::Delivery(delivery))
    });
    let failed = arguments.non_delivered.iter().map(|name| {
        let failure = NonDeliveryReport {
            non_delivery_reason_code: arguments.reason,
            non_delivery_diagnostic_code: arguments.diagnostic,
        };
        (name.clone().into(), ReportType::NonDelivery(failure))
    });
    let lists = if arguments.list.is_empty() { arguments.to.as_slice() } else { &arguments.list };
    let history = arguments.to.iter().chain(lists).map(|name| (name.clone().into(), now));
    let subject = arguments.subject_id.clone();
    let mut report = compose::report(subject, history, delivered.chain(failed));
    report.returned_content = arguments.returned_content.as_deref().map(read).transpose()?;
    report.content_type = arguments.content_type.clone();
    arguments.peer.work(password, async |mta| Ok(mta.report(report.to_rope()).await?))?;
    output::print(&format!("report on {} delivered", arguments.subject_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_as_they_are_written() {
        for text in ["[/PRMD=PEER/ADMD=ICAO/C=XX/;2511-7]", "[/ADMD= /C=GB/;a;b]"] {
            assert_eq!(identifier(text).unwrap().to_string(), text);
        }
        assert!(identifier("7").unwrap_err().to_string().contains("write [/PRMD="));
    }

    #[test]
    fn codes_by_name_and_number() {
        assert_eq!(reason("unable-to-transfer").unwrap(), NonDeliveryReasonCode(1));
        assert_eq!(diagnostic("Recipient-Unavailable").unwrap(), NonDeliveryDiagnosticCode(4));
        assert_eq!(diagnostic("200").unwrap(), NonDeliveryDiagnosticCode(200));
        assert!(reason("bad luck").is_err());
    }
}
