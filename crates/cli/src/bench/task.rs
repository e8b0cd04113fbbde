//! What a run is about: whom to call, in whose name, and what is to be there before it begins.

use std::{ops::Range, time::Duration};

use anyhow::Context;
use restante_ber::Oid;
use restante_client::{CallOptions, Mta, UserAgent, p3, p3::MtsBind, p7::MsBind};
use restante_mhs::x411::ORAddress;
use restante_mhs::x413::{
    EntryClass, Filter, FilterItem, ListArgument, RetrievalStatus, Selector, oids as ms,
};
use restante_mhs::x420::oids::ID_HAT_SUBJECT;
use restante_osi::PresentationAddress;

use super::{Workload, message::Template, work};
use crate::ua::selection::assertion;

/// How long an answer may take: the first list of a large mailbox takes long.
const PATIENCE: Duration = Duration::from_secs(600);
/// Deliveries under way at a time while a mailbox is filled.
const FILL_OUTSTANDING: usize = 32;

/// What a list asks for: what a line on a screen shows.
const LISTED: [Oid; 6] = [
    ms::ID_ATT_RETRIEVAL_STATUS,
    ms::ID_ATT_PRIORITY,
    ms::ID_ATT_ORIGINATOR_NAME,
    ms::ID_ATT_CREATION_TIME,
    ms::ID_ATT_CONTENT_LENGTH,
    ID_HAT_SUBJECT,
];

/// What all associations of a run have in common.
pub(super) struct Task {
    pub(super) workload: Workload,
    pub(super) address: PresentationAddress,
    pub(super) mta: Option<MtsBind>,
    pub(super) password: String,
    /// Each user with what is delivered to it.
    pub(super) users: Vec<(ORAddress, Template)>,
    pub(super) associations: usize,
    /// How many entries a mailbox has before it begins, at least.
    pub(super) entries: usize,
    /// How many entries are new before each list of what is new.
    pub(super) new: usize,
    /// What the filter looks for.
    pub(super) filter: Filter,
}

impl Task {
    fn options(&self) -> CallOptions {
        let mut options = CallOptions::new(self.address.clone());
        options.patience = PATIENCE;
        options
    }

    pub(super) async fn mta(&self) -> anyhow::Result<Mta> {
        let bind = self.mta.as_ref();
        let bind = bind.context("messages are to be delivered: say which MTA does, with --mta")?;
        Ok(Mta::bind(self.options(), bind).await?.0)
    }

    pub(super) async fn user_agent(&self, user: usize) -> anyhow::Result<UserAgent> {
        let bind = MsBind::new(self.users[user].0.clone().into(), self.password.clone());
        Ok(UserAgent::bind(self.options(), &bind).await?.0)
    }

    /// How many associations share a user's mailbox.
    pub(super) fn sharing(&self, user: usize) -> usize {
        (user..self.associations).step_by(self.users.len()).count()
    }

    /// Delivers until each mailbox has its entries.
    pub(super) async fn fill(&self) -> anyhow::Result<()> {
        for user in (0..self.users.len().min(self.associations)).filter(|_| self.entries > 0) {
            let mut user_agent = self.user_agent(user).await?;
            let there = work::numbers(&mut user_agent).await?.len();
            user_agent.unbind().await?;
            if there < self.entries {
                let mut mta = self.mta().await?;
                self.deliver(&mut mta, user, there..self.entries).await?;
                mta.unbind().await?;
            }
        }
        Ok(())
    }

    /// Delivers the messages of these numbers.
    pub(super) async fn deliver(
        &self,
        mta: &mut Mta,
        user: usize,
        numbers: Range<usize>,
    ) -> anyhow::Result<()> {
        let mut outstanding = 0;
        for number in numbers {
            if outstanding == FILL_OUTSTANDING {
                mta.any_answer().await?.1.into_result(p3::error_text)?;
                outstanding -= 1;
            }
            mta.begin_delivery(self.users[user].1.message(number)).await?;
            outstanding += 1;
        }
        for _ in 0..outstanding {
            mta.any_answer().await?.1.into_result(p3::error_text)?;
        }
        Ok(())
    }

    /// What a list of this workload asks for.
    pub(super) fn list(&self) -> ListArgument {
        let filter = match self.workload {
            Workload::Filter => Some(self.filter.clone()),
            Workload::ListNew => {
                let new = assertion(ms::ID_ATT_RETRIEVAL_STATUS, &RetrievalStatus::NEW);
                Some(Filter::Item(FilterItem::Equality(new)))
            }
            _ => None,
        };
        // Which entries a filter finds is the question, not what is in them.
        let attributes = if self.workload == Workload::Filter { &[] } else { &LISTED[..] };
        ListArgument {
            entry_class: EntryClass::DELIVERY,
            selector: Selector { filter, ..Selector::default() },
            requested_attributes: Some(attributes.iter().cloned().map(Into::into).collect()),
            list_extensions: None,
        }
    }
}
