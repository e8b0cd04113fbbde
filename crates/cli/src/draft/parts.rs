//! Recipients, with what is asked of each, and files, as they are typed.

use std::{path::PathBuf, str::FromStr};

use anyhow::{Context, bail};
use restante_ber::Oid;
use restante_mhs::{
    x411::{ORAddress, ORName, OriginatorReportRequest},
    x420::{BodyPart, GeneralIdentifier, NotificationRequests, RecipientSpecifier},
};

/// A recipient: an O/R address, and in brackets behind it what is asked of this one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recipient {
    pub(crate) address: ORAddress,
    /// The notifications asked for, where that is not as for all.
    notifications: Option<NotificationRequests>,
    /// Whether a reply is.
    reply: bool,
    /// The reports asked for, where that is not as for all.
    pub(crate) report: Option<OriginatorReportRequest>,
}

impl From<ORAddress> for Recipient {
    fn from(address: ORAddress) -> Self {
        Self { address, notifications: None, reply: false, report: None }
    }
}

impl FromStr for Recipient {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let text = text.trim();
        let asked = text.strip_suffix(']').and_then(|text| text.rsplit_once(" ["));
        let Some((address, asked)) = asked else {
            return Ok(text.parse::<ORAddress>()?.into());
        };
        let mut recipient = Self::from(address.trim().parse::<ORAddress>()?);
        for word in asked.split(',').map(str::trim) {
            recipient.ask(word)?;
        }
        Ok(recipient)
    }
}

impl Recipient {
    fn ask(&mut self, word: &str) -> anyhow::Result<()> {
        use NotificationRequests as Requests;
        let bits: &[usize] = match word {
            "receipt" => &[Requests::RN, Requests::NRN],
            "non-receipt" => &[Requests::NRN],
            "return" => &[Requests::NRN, Requests::IPM_RETURN],
            "no-receipt" => &[],
            "reply" => {
                self.reply = true;
                return Ok(());
            }
            _ => match word.strip_prefix("report=") {
                Some(report) => {
                    let report = super::report_request(report).map_err(anyhow::Error::msg)?;
                    self.report = Some(report);
                    return Ok(());
                }
                None => bail!(
                    "`{word}` can't be asked; say receipt, non-receipt, return, no-receipt, \
                     reply, or report=none, non-delivery or all"
                ),
            },
        };
        let known = [Requests::RN, Requests::NRN, Requests::IPM_RETURN];
        let before = self.notifications.take().unwrap_or_default();
        let both = known.into_iter().filter(|bit| before.has(*bit) || bits.contains(bit));
        self.notifications = Some(Requests::of(both));
        Ok(())
    }

    /// As a heading names this one; `receipt`: whether all are asked for receipts.
    pub(super) fn specifier(&self, receipt: bool) -> RecipientSpecifier {
        let both = [NotificationRequests::RN, NotificationRequests::NRN];
        let of_all = || NotificationRequests::of(both.into_iter().filter(|_| receipt));
        RecipientSpecifier {
            notification_requests: self.notifications.clone().unwrap_or_else(of_all),
            reply_requested: self.reply,
            ..RecipientSpecifier::from(ORName::from(self.address.clone()))
        }
    }
}

/// A file for a body part: its path, and behind semicolons its name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attachment {
    path: PathBuf,
    name: Option<String>,
    application: Option<GeneralIdentifier>,
}

impl FromStr for Attachment {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.split(';');
        let path = PathBuf::from(parts.next().unwrap_or_default().trim());
        let mut file = Self { path, name: None, application: None };
        for part in parts {
            match part.trim().split_once('=') {
                Some(("name", name)) if !name.is_empty() => file.name = Some(name.to_owned()),
                Some(("type", of)) if !of.is_empty() => {
                    file.application = Some(match of.parse::<Oid>() {
                        Ok(oid) => GeneralIdentifier::RegisteredIdentifier(oid),
                        Err(_) => GeneralIdentifier::described(of),
                    });
                }
                _ => bail!("`{part}` is neither name=NAME nor type=TYPE"),
            }
        }
        Ok(file)
    }
}

/// Files as body parts.
pub(crate) fn files(attachments: &[Attachment]) -> anyhow::Result<Vec<BodyPart>> {
    let part = |file: &Attachment| {
        let own = || file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = file.name.clone().unwrap_or_else(own);
        let contents = super::read(&file.path).context("it is to go with the message")?;
        Ok(BodyPart::file_of(&name, file.application.clone(), contents.to_bytes()))
    };
    attachments.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_stands_in_brackets() {
        let bits = |text: &str, receipt| {
            let recipient: Recipient = text.parse().unwrap();
            let asked = recipient.specifier(receipt).notification_requests;
            let all = [
                NotificationRequests::RN,
                NotificationRequests::NRN,
                NotificationRequests::IPM_RETURN,
            ];
            all.map(|bit| asked.has(bit))
        };
        assert_eq!(bits("/CN=Bob/C=GB/", false), [false; 3]);
        assert_eq!(bits("CN=Bob; C=GB", true), [true, true, false]);
        assert_eq!(bits("/CN=Bob/C=GB/ [no-receipt]", true), [false; 3]);
        assert_eq!(bits("/CN=Bob/C=GB/ [receipt, return]", false), [true; 3]);
        assert_eq!(bits("CN=Bob; C=GB [non-receipt]", true), [false, true, false]);
        for wrong in ["/CN=Bob/C=GB/ [fax]", "/CN=Bob/C=GB/ [report=some]", "Bob [reply]"] {
            assert!(wrong.parse::<Recipient>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_has_a_name_and_a_type() {
        let plain: Attachment = "a/b.png".parse().unwrap();
        assert_eq!((plain.name, plain.application), (None, None));
        let typed: Attachment = "b.bin; name=Chart 3.png; type=1.2.840.113549".parse().unwrap();
        assert_eq!(typed.name.as_deref(), Some("Chart 3.png"));
        let registered = "1.2.840.113549".parse().map(GeneralIdentifier::RegisteredIdentifier);
        assert_eq!(typed.application, registered.ok());
        assert!("b.bin; colour=red".parse::<Attachment>().is_err());
    }
}
