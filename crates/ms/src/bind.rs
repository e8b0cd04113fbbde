//! MS-bind (X.413 §7.1). Name and credentials were verified before; what is left is the mailbox,
//! the fetch-restrictions, and what the store says of itself where it is asked.

use restante_ber::{Any, External, ExternalEncoding, Null, Oid, SetOf};
use restante_directory::User;
use restante_mhs::x411::ResponderCredentials;
use restante_mhs::x413::{
    BindProblem, In1988, MSBindArgument, MSBindResult, MSExtensions, MatchingRule, attributes,
    oids,
};
use restante_mhs::x419::Edition;
use restante_storage::{Storage, StorageError};

use crate::attributes::Key;
use crate::auto_action;
use crate::class;
use crate::extract::{P2, P22};
use crate::groups::DEPTH_MAX;
use crate::seam::chain;
use crate::{Binding, MessageStore, Now};

/// Why a bind is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BindRefusal {
    /// What the user agent is told, unqualified in a context of 1988.
    pub problem: BindProblem,
    /// The whole chain of causes, for the operator.
    pub reason: String,
}

impl<S: Storage> MessageStore<S> {
    /// Binds a user whose password was verified.
    ///
    /// # Errors
    /// Unable-to-establish-association where the mailbox can't be had.
    pub fn bind(
        &self,
        user: &User,
        edition: Edition,
        argument: &MSBindArgument,
        _now: Now,
    ) -> Result<(Binding, MSBindResult), BindRefusal> {
        let mailbox = self.mailbox(user).map_err(|error| BindRefusal {
            problem: BindProblem::UNABLE_TO_ESTABLISH_ASSOCIATION,
            reason: format!("the mailbox of {} can't be opened: {}", user.key, chain(&error)),
        })?;
        let fault = |error: StorageError| BindRefusal {
            problem: BindProblem::UNABLE_TO_ESTABLISH_ASSOCIATION,
            reason: format!("the registrations of {} can't be read: {}", user.key, chain(&error)),
        };
        let labels = argument.security_context.as_ref().map(|labels| &labels.0[..]);
        if !self.may_use_labels(mailbox, labels.unwrap_or_default()).map_err(fault)? {
            return Err(BindRefusal {
                problem: BindProblem::UNACCEPTABLE_SECURITY_CONTEXT,
                reason: format!("{} has not registered a label that it binds with", user.key),
            });
        }
        let named = argument.ua_registration_identifier.as_ref();
        let named = named.filter(|_| edition == Edition::E1994).map(|name| name.as_str());
        let known = named.map(|name| self.agent(mailbox, name)).transpose().map_err(fault)?;
        let agent = known.flatten().and(named).map(str::to_owned);
        let unknown_agent = named.is_some() && agent.is_none();
        let binding = Binding {
            agent,
            user: user.clone(),
            mailbox,
            edition,
            fetch_restrictions: argument.fetch_restrictions.clone().unwrap_or_default(),
        };
        let credentials = ResponderCredentials::Simple(self.settings.responder_password.clone());
        let mut result = MSBindResult::new(credentials);
        result.alert_indication = self.alert_indication(mailbox).map_err(fault)?;
        if edition == Edition::E1994 {
            let failed = self.auto_action_error_indication(mailbox).map_err(fault)?;
            result.auto_action_error_indication = failed;
        }
        if argument.ms_configuration_request {
            configuration(&mut result, edition, self.settings.logs);
        }
        result.ua_registration_id_unknown = unknown_agent;
        result.unsupported_extensions = argument
            .bind_extensions
            .as_ref()
            .map(|extensions| extensions.iter().filter_map(|e| e.direct_reference.clone()))
            .map(|oids| SetOf(oids.collect::<Vec<_>>()))
            .filter(|oids| !oids.0.is_empty());
        Ok(match edition {
            Edition::E1988 => (binding, result.in_1988()),
            Edition::E1994 => (binding, result),
        })
    }
}

/// What the store can do.
fn configuration(result: &mut MSBindResult, edition: Edition, logs: bool) {
    let available = attributes::all()
        .iter()
        .filter(|row| row.in_1988 || edition == Edition::E1994)
        .filter(|row| Key::of(&row.oid).is_some_and(Key::is_made))
        .map(|row| row.oid.clone());
    result.available_attribute_types = Some(available.collect());
    result.available_auto_actions = Some(SetOf(auto_action::available(edition)));
    result.content_types_supported = Some(SetOf(vec![P2, P22, restante_mhs::p772::ID_MCT_P772]));
    result.entry_classes_supported = Some(SetOf(class::supported(logs)));
    let rules = MatchingRule::all().iter();
    result.message_group_depth = u32::try_from(DEPTH_MAX).ok();
    result.bind_result_extensions = Some(capabilities());
    result.matching_rules_supported = Some(rules.map(|rule| rule.oid.clone()).collect());
}

/// That entries can be modified, their retrieval-status too.
fn capabilities() -> MSExtensions {
    let capability = |oid: Oid| External {
        direct_reference: Some(oid),
        indirect_reference: None,
        data_value_descriptor: None,
        encoding: ExternalEncoding::SingleAsn1Type(Any::of(&Null)),
    };
    [oids::ID_EXT_MODIFY_CAPABILITY, oids::ID_EXT_MODIFY_RETRIEVAL_STATUS_CAPABILITY]
        .map(capability)
        .to_vec()
}
