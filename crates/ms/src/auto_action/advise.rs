//! Auto-advise (X.420 §20.5): who sends a message and understands advice is sent one, once.
//!
//! ```text
//! key     "advised/", 4 octets registration-identifier, the name of whoever was advised
//! value   nothing
//! ```

use bytes::Bytes;
use restante_mhs::x411::ORName;
use restante_mhs::x413::Filter;
use restante_mhs::x420::{
    ExtensionsField, IPMAutoAdviseRegistrationParameter, NotificationFields, NotificationRequests,
};
use restante_storage::{Change, Scope, Storage, StorageError};

use std::sync::Arc;

use super::Rule;
use super::arrival::{Acts, Arrived};
use super::errand::Sent;
use super::notification::Asked;
use super::storing::Storing;
use crate::MessageStore;

const PREFIX: &[u8] = b"advised/";

/// What is advised of.
#[derive(Debug)]
pub(super) struct Advising {
    pub(super) filter: Option<Filter>,
    advice: ExtensionsField,
    enabled: bool,
    once: bool,
    pub(super) storing: Storing,
}

impl Advising {
    /// Reads what was registered; `None` where messages are wanted in the place of advice, which
    /// this store does not write.
    pub(super) fn of(parameter: IPMAutoAdviseRegistrationParameter) -> Option<Self> {
        (!parameter.use_ipm_if_an_not_supported).then(|| Self {
            storing: Storing::of(parameter.submission_options),
            filter: parameter.filter,
            advice: parameter.advice_notifications,
            enabled: parameter.enabled,
            once: parameter.suppress_subsequent_notifications,
        })
    }
}

impl<S: Storage> MessageStore<S> {
    /// Advises the originator of what comes, where that understands it and wants it.
    pub(super) fn advise(
        &self,
        advising: &Advising,
        rule: &Arc<Rule>,
        arrived: &Arrived<'_>,
        acts: &mut Acts,
    ) -> Result<(), StorageError> {
        let Some(asked) = Asked::of(arrived).filter(|_| advising.enabled) else { return Ok(()) };
        let wanted = asked.asks(NotificationRequests::AN_SUPPORTED)
            && !asked.asks(NotificationRequests::SUPPRESS_AN);
        let originator = asked.envelope.other_fields.originator_name.address.key();
        let (_, identifier) = rule.name();
        let key: Bytes =
            [PREFIX, &identifier.to_be_bytes(), originator.as_bytes()].concat().into();
        let scope = Scope::Mailbox(arrived.mailbox);
        if !wanted || (advising.once && self.storage.value(scope, &key)?.is_some()) {
            return Ok(());
        }
        let from = ORName::from(arrived.user.or_address.clone());
        let choice = NotificationFields::OtherNotificationTypeFields(advising.advice.clone());
        let (envelope, content) = asked.notification(&from, choice);
        let mut sent = Sent::new(rule, envelope, content, &advising.storing);
        sent.errand.logged = true;
        acts.sent.push((sent, None));
        if advising.once {
            acts.changes.push(Change::PutValue { scope, key, value: Bytes::new() });
        }
        Ok(())
    }

    /// What has a registration advise everybody anew.
    pub(super) fn forget_advised(
        &self,
        scope: Scope,
        identifier: u32,
    ) -> Result<Vec<Change>, StorageError> {
        let prefix = [PREFIX, &identifier.to_be_bytes()].concat();
        let known = self.storage.values(scope, &prefix)?;
        Ok(known.into_iter().map(|(key, _)| Change::RemoveValue { scope, key }).collect())
    }
}
