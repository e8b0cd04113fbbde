//! What a message is put together from: recipients and what is asked of each, a text, from the
//! command line or standard input, files, and drafts.
//!
//! A draft is a file of UTF-8: lines such as `To:` and `Subject:` (see [`FIELDS`]), those that
//! name recipients and files as often as there are any, in any order; an empty line; the text.

mod parts;

use std::{
    io::{self, IsTerminal, Read},
    path::Path,
};

use anyhow::{Context, bail};
use restante_ber::{Rope, UtcTime};
use restante_client::compose;
use restante_mhs::{
    x411::{ORName, OriginatorReportRequest, Priority},
    x420::{Heading, Importance, RecipientSpecifier, Sensitivity},
};

pub(crate) use parts::{Attachment, Recipient, files};

use crate::{output, time, ua::selection::priority};

/// The lines that a draft may have.
const FIELDS: &str = "To:, Cc:, Bcc:, Subject:, Importance:, Sensitivity:, Priority:, Defer:, \
                      Latest:, Receipt:, Report: and Attach:";

/// The text that is given; else, where there is nothing else either, standard input.
pub(crate) fn text(given: Option<&str>, alone: bool) -> anyhow::Result<Option<String>> {
    if given.is_some() || !alone {
        return Ok(given.map(str::to_owned));
    }
    if io::stdin().is_terminal() {
        output::remark("Type the text; end it with Ctrl-D on a line of its own.");
    }
    let mut text = String::new();
    let read = io::stdin().lock().read_to_string(&mut text);
    read.context("the text on standard input can't be read as UTF-8")?;
    Ok(Some(text))
}

/// The octets of a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> anyhow::Result<Rope> {
    let mut octets = Vec::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().lock().read_to_end(&mut octets).map(drop),
        _ => std::fs::read(path).map(|read| octets = read),
    };
    read.with_context(|| format!("{} can't be read", path.display()))?;
    Ok(Rope::from(octets))
}

/// An identifier that no other message of this domain has: time, process, number.
pub(crate) fn local_identifier(time: UtcTime, number: u32) -> String {
    format!("{}-{:x}-{number}", time.text(), std::process::id())
}

pub(crate) fn sensitivity(text: &str) -> Result<Sensitivity, &'static str> {
    match text {
        "personal" => Ok(Sensitivity::PERSONAL),
        "private" => Ok(Sensitivity::PRIVATE),
        "company-confidential" => Ok(Sensitivity::COMPANY_CONFIDENTIAL),
        _ => Err("the sensitivity is personal, private or company-confidential"),
    }
}

pub(crate) fn importance(text: &str) -> Result<Importance, &'static str> {
    match text {
        "low" => Ok(Importance::LOW),
        "normal" => Ok(Importance::NORMAL),
        "high" => Ok(Importance::HIGH),
        _ => Err("the importance is low, normal or high"),
    }
}

pub(crate) fn report_request(text: &str) -> Result<OriginatorReportRequest, &'static str> {
    use OriginatorReportRequest as Request;
    match text {
        "none" => Ok(Request::default()),
        "non-delivery" => Ok(Request::of([Request::NON_DELIVERY_REPORT])),
        "all" => Ok(Request::of([Request::REPORT])),
        _ => Err("the reports are none, non-delivery or all"),
    }
}

/// What a message says and how it goes, out of a file or of the command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Draft {
    pub(crate) to: Vec<Recipient>,
    pub(crate) cc: Vec<Recipient>,
    pub(crate) bcc: Vec<Recipient>,
    pub(crate) subject: String,
    pub(crate) text: Option<String>,
    pub(crate) importance: Option<Importance>,
    pub(crate) sensitivity: Option<Sensitivity>,
    pub(crate) priority: Option<Priority>,
    pub(crate) defer: Option<UtcTime>,
    pub(crate) latest: Option<UtcTime>,
    /// Whether all recipients are asked for receipt notifications.
    pub(crate) receipt: bool,
    /// What is asked of the delivery to all recipients.
    pub(crate) report: Option<OriginatorReportRequest>,
    pub(crate) attach: Vec<Attachment>,
}

impl Draft {
    /// The draft in a file; `-` is standard input.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let octets = read(path)?.to_bytes();
        let text = std::str::from_utf8(&octets).context("a draft is text in UTF-8");
        text.and_then(Self::parse).with_context(|| format!("{} is no draft", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut draft = Self::default();
        let text = text.replace("\r\n", "\n");
        let (head, text) = text.split_once("\n\n").unwrap_or((&text, ""));
        for line in head.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            draft.set(&name, value).with_context(|| format!("in `{line}`"))?;
        }
        draft.text = (!text.is_empty()).then(|| text.to_owned());
        Ok(draft)
    }

    fn set(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        let said = anyhow::Error::msg::<&'static str>;
        match name {
            "to" => self.to.push(value.parse()?),
            "cc" => self.cc.push(value.parse()?),
            "bcc" => self.bcc.push(value.parse()?),
            "subject" => value.clone_into(&mut self.subject),
            "importance" => self.importance = Some(importance(value).map_err(said)?),
            "sensitivity" => self.sensitivity = Some(sensitivity(value).map_err(said)?),
            "priority" => self.priority = Some(priority(value).map_err(anyhow::Error::msg)?),
            "defer" => self.defer = Some(time::argument(value)?),
            "latest" => self.latest = Some(time::argument(value)?),
            "receipt" => {
                self.receipt = match value {
                    "yes" => true,
                    "no" => false,
                    _ => bail!("say yes or no"),
                }
            }
            "report" => self.report = Some(report_request(value).map_err(said)?),
            "attach" => self.attach.push(value.parse()?),
            _ => bail!("it is none of {FIELDS}; the text comes after an empty line"),
        }
        Ok(())
    }

    /// The heading for those who know of each other.
    pub(crate) fn heading(&self, identifier: &str, from: &ORName) -> Heading {
        let message = compose::ipm(identifier, from, &[], &self.subject, []);
        let mut heading = message.heading.into_value();
        heading.importance = self.importance.unwrap_or(Importance::NORMAL);
        heading.sensitivity = self.sensitivity;
        heading.primary_recipients = self.specifiers(&self.to);
        heading.copy_recipients = self.specifiers(&self.cc);
        heading
    }

    /// Recipients as a heading names them.
    pub(crate) fn specifiers(&self, recipients: &[Recipient]) -> Vec<RecipientSpecifier> {
        recipients.iter().map(|one| one.specifier(self.receipt)).collect()
    }

    /// What is asked of the delivery to a recipient.
    pub(crate) fn report_on(&self, recipient: &Recipient) -> OriginatorReportRequest {
        let non_delivery = || OriginatorReportRequest::NON_DELIVERY_REPORT;
        let asked = recipient.report.as_ref().or(self.report.as_ref()).cloned();
        asked.unwrap_or_else(|| OriginatorReportRequest::of([non_delivery()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use restante_mhs::{x411::ORAddress, x420::NotificationRequests};

    #[test]
    fn a_draft_has_lines_for_its_heading_and_then_its_text() {
        let text = "To: /CN=Bob/C=GB/ [reply, report=all]\r\ncc: /CN=Carol/C=GB/\r\n\
                    To: CN=Eve; C=GB\r\nSubject: Weather: fair\r\nImportance: high\r\n\
                    priority: urgent\r\nReceipt: yes\r\nReport: none\r\n\
                    Defer: 2026-01-01T00:00:00Z\r\nAttach: a.png; type=image/png\r\n\r\n\
                    Dear Bob,\r\n\r\nit is.\r\n";
        let draft = Draft::parse(text).unwrap();
        assert_eq!((draft.to.len(), draft.cc.len(), draft.bcc.len()), (2, 1, 0));
        assert_eq!(draft.subject, "Weather: fair");
        assert_eq!(draft.text.as_deref(), Some("Dear Bob,\n\nit is.\n"));
        assert_eq!(draft.priority, Some(Priority::URGENT));
        assert_eq!(draft.defer, Some(UtcTime(1_767_225_600)));
        assert_eq!(draft.attach.len(), 1);
        let heading = draft.heading("1", &"/CN=Alice/C=GB/".parse::<ORAddress>().unwrap().into());
        assert_eq!(heading.importance, Importance::HIGH);
        let [bob, eve] = &heading.primary_recipients[..] else { panic!("{heading:?}") };
        assert_eq!((bob.reply_requested, eve.reply_requested), (true, false));
        for one in [bob, eve] {
            assert!(one.notification_requests.has(NotificationRequests::RN));
        }
        let all = OriginatorReportRequest::of([OriginatorReportRequest::REPORT]);
        assert_eq!(draft.report_on(&draft.to[0]), all);
        assert_eq!(draft.report_on(&draft.cc[0]), OriginatorReportRequest::default());
        assert_eq!(Draft::parse("To: /CN=Bob/C=GB/").unwrap().text, None);
        let wrong = ["Dear Bob", "To: nobody", "From: /CN=Bob/C=GB/\n\nHi", "Receipt: maybe"];
        for wrong in [&wrong[..], &["Priority: now", "To: /CN=Bob/C=GB/ [fax]"]].concat() {
            assert!(Draft::parse(wrong).is_err(), "{wrong}");
        }
    }
}
