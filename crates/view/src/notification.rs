//! Interpersonal notifications (X.420 §8).

use restante_mhs::x420::{IPN, NotificationFields};

use crate::section::Section;
use crate::{envelope, names};

/// A notification.
pub(crate) fn section(notification: &IPN) -> Section {
    let mut section = Section::default();
    section.put("subject_ipm", names::ipm_identifier(&notification.subject_ipm));
    let originator = notification.ipn_originator.as_ref();
    section.put_some("originator", originator.map(names::descriptor));
    let intended = notification.ipm_intended_recipient.as_ref();
    section.put_some("intended_recipient", intended.map(names::descriptor));
    section.put_list("conversion_eits", envelope::types(notification.conversion_eits.as_ref()));
    match &notification.choice {
        NotificationFields::ReceiptFields(receipt) => {
            section.put("kind", "receipt").put("receipt_time", receipt.receipt_time);
            section.put("acknowledgment_mode", receipt.acknowledgment_mode.to_string());
            let information = receipt.suppl_receipt_info.as_ref();
            section.put_some("information", information.map(ToString::to_string));
        }
        NotificationFields::NonReceiptFields(non_receipt) => {
            section.put("kind", "non-receipt");
            section.put("non_receipt_reason", non_receipt.non_receipt_reason.to_string());
            let discard = non_receipt.discard_reason.as_ref();
            section.put_some("discard_reason", discard.map(ToString::to_string));
            let comment = non_receipt.auto_forward_comment.as_ref();
            section.put_some("auto_forward_comment", comment.map(ToString::to_string));
        }
        NotificationFields::OtherNotificationTypeFields(fields) => {
            section.put("kind", "other");
            section.put_list("types", fields.0.iter().map(|field| field.r#type.to_string()));
        }
    }
    section
}
