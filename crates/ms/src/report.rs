//! Report-delivery (X.411 §8.3.1.2): an entry in the mailbox of whoever submitted the subject,
//! with the returned content as a child-entry.
//!
//! A report names no recipient. It is that of the user whose submission had the identifier, as it
//! is remembered; else the originator in the report's own history; else the user in whose name
//! the association was opened. If none is known it is refused, never guessed.

use bytes::Bytes;
use restante_ber::{Oid, Reader, Rope};
use restante_directory::User;
use restante_mhs::x411::{BuiltInContentType, ContentType, MTSIdentifier, ReportDeliveryEnvelope};
use restante_mhs::x419::{Port, mts_access};
use restante_storage::{Child, Storage};

use crate::class::DELIVERY;
use crate::deliver::{Arrival, Fault, forwarded_children, refuse, unknown_critical};
use crate::extract::{RETURNED, is_personal, recipient_of_history};
use crate::repeat::Identity;
use crate::seam::null_result;
use crate::{Deliverer, MessageStore, Now, Outcome};

/// The envelope of the returned content: see [`RETURNED`].
const RETURNED_ENVELOPE: &[u8] = &[0xa2, 0];
const _: () = assert!(RETURNED.number == 2);
/// The content-type of the subject of a report that names none.
const UNIDENTIFIED: ContentType = ContentType::BuiltIn(BuiltInContentType::UNIDENTIFIED);

/// The content that came back, as a child of its report, and what is forwarded in it.
pub(crate) fn returned_children(content: &Bytes, content_type: &Oid) -> Vec<Child> {
    let returned = Child {
        class: DELIVERY,
        status: 0,
        envelope: Bytes::from_static(RETURNED_ENVELOPE),
        range: 0..u64::try_from(content.len()).unwrap_or(u64::MAX),
        parent: None,
    };
    let mut children = vec![returned];
    if is_personal(content_type) {
        children.extend(forwarded_children(content, 1, Some(0)));
    }
    children
}

impl<S: Storage> MessageStore<S> {
    pub(crate) fn deliver_report(
        &self,
        from: &Deliverer,
        now: Now,
        envelope: &ReportDeliveryEnvelope,
        octets: Bytes,
        returned_content: Option<Rope>,
    ) -> Result<Outcome, Fault> {
        let subject = &envelope.subject_submission_identifier;
        let Some(user) = self.reported_user(from, subject, &octets)? else {
            return Ok(refuse(from, format!("nobody here submitted {subject}")));
        };
        let recipients = envelope.per_recipient_fields.iter().map(|fields| &fields.extensions);
        let extensions = core::iter::once(&envelope.extensions).chain(recipients);
        if let Some(refused) = unknown_critical(from, extensions) {
            return Ok(refused);
        }
        let content_type = envelope.content_type.as_ref();
        let content_type = content_type.unwrap_or(&UNIDENTIFIED).oid();
        // A content of no octets is none that came back.
        let content = returned_content.filter(|c| !c.is_empty()).map(|content| content.to_bytes());
        let returned = content.as_ref().map(|content| returned_children(content, &content_type));
        let children = returned.unwrap_or_default();
        self.store(
            from,
            now,
            Arrival {
                user,
                identity: Identity::of_report(envelope),
                envelope: octets,
                content: content.unwrap_or_default(),
                children,
                identifier: subject.to_string(),
                message: None,
                result: null_result(mts_access::OP_REPORT_DELIVERY, Port::Delivery),
            },
        )
    }

    /// Whose report it is.
    fn reported_user(
        &self,
        from: &Deliverer,
        subject: &MTSIdentifier,
        envelope: &Bytes,
    ) -> Result<Option<User>, Fault> {
        if let Some(remembered) = self.remembered(subject)? {
            return Ok(self.directory.user(&remembered.mailbox)?);
        }
        let element = Reader::over(envelope).only().ok();
        if let Some(originator) = element.and_then(|element| recipient_of_history(&element))
            && let Some(user) = self.directory.user(&originator.address.key())?
        {
            return Ok(Some(user));
        }
        Ok(from.user.clone())
    }
}
