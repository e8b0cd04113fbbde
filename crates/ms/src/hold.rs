//! What an MTA may not deliver for the time being, and the delivery-control that tells it so
//! (X.411 §8.3.1.3).
//!
//! A [`Hold`] is on all mailboxes or on one, for a reason; those that are in force together are
//! one. What is delivered in spite of one is answered delivery-control-violated, whatever the MTA
//! was told: it holds the message and tries again. A hold is no registration and is not kept.
//! Who invokes delivery-control, and when, is somebody else's: see [`Holds::observe`].

use std::collections::BTreeMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use restante_ber::{Encode, Rope, SetOf};
use restante_directory::User;
use restante_mhs::x411::{
    ContentLength, ContentType, DeliveryControlArgument, DeliveryControls88, Extensions,
    Operations, Priority,
};
use restante_mhs::x419::Edition;

/// What is not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// Whether no message is.
    pub messages: bool,
    /// Whether no report is.
    pub reports: bool,
    /// No message whose content is longer, octets.
    pub content_octets_max: Option<u64>,
    /// No message that is less urgent.
    pub lowest_priority: Option<Priority>,
    /// No message of another content-type.
    pub content_types: Option<Vec<ContentType>>,
}

/// Whose mailbox a hold is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// All of them.
    All,
    /// That of this name: [`User::key`].
    Mailbox(String),
}

/// Why there is a hold. Each is put on and taken off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is configured.
    Configured,
    /// An operator wants it.
    Operator,
    /// There is no space for more.
    Space,
    /// The mailbox holds as much as it may.
    Quota,
    /// The store is drained: nothing more is to come.
    Drain,
}

/// All holds.
#[derive(Default)]
pub struct Holds {
    holds: RwLock<BTreeMap<(Whose, Why), Hold>>,
    observer: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// What is delivered, as far as a hold looks at it.
pub(crate) enum Arriving<'a> {
    Report,
    Message { content_type: &'a ContentType, content_octets: u64, priority: Priority },
}

impl Hold {
    /// Nothing at all is taken.
    pub fn everything() -> Self {
        Self { messages: true, reports: true, ..Self::default() }
    }

    /// What both hold.
    fn and(mut self, other: &Self) -> Self {
        self.messages |= other.messages;
        self.reports |= other.reports;
        self.content_octets_max = match (self.content_octets_max, other.content_octets_max) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.lowest_priority = match (self.lowest_priority, other.lowest_priority) {
            (Some(one), Some(two)) if two.urgency() > one.urgency() => Some(two),
            (one, two) => one.or(two),
        };
        self.content_types = match (self.content_types.take(), &other.content_types) {
            (Some(mut one), Some(two)) => {
                one.retain(|content_type| two.iter().any(|other| other.is(content_type)));
                Some(one)
            }
            (one, two) => one.or_else(|| two.clone()),
        };
        self
    }

    /// Why something is held, for people.
    fn reason(&self, arriving: &Arriving<'_>) -> Option<&'static str> {
        let Arriving::Message { content_type, content_octets, priority } = arriving else {
            return self.reports.then_some("no reports are taken now");
        };
        if self.messages {
            return Some("no messages are taken now");
        }
        if self.content_octets_max.is_some_and(|most| *content_octets > most) {
            return Some("no content so long is taken now");
        }
        if self.lowest_priority.is_some_and(|least| priority.urgency() < least.urgency()) {
            return Some("no message so little urgent is taken now");
        }
        let other = |types: &Vec<ContentType>| !types.iter().any(|one| one.is(content_type));
        self.content_types
            .as_ref()
            .is_some_and(other)
            .then_some("no content of that type is taken now")
    }

    /// The argument of delivery-control that has an MTA heed this and no other hold, in the form
    /// of an edition. Content-types of which none is left are no messages at all.
    pub fn delivery_control(&self, edition: Edition) -> Rope {
        let no_type = self.content_types.as_ref().is_some_and(Vec::is_empty);
        let operations = [
            (self.messages || no_type, Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY),
            (self.reports, Operations::PROBE_SUBMISSION_OR_REPORT_DELIVERY),
        ];
        let restrict = *self != Self::default();
        let permissible = operations.into_iter().filter(|(held, _)| !held).map(|(_, bit)| bit);
        let permissible_operations = restrict.then(|| Operations::of(permissible));
        let length = self.content_octets_max;
        let permissible_maximum_content_length =
            length.map(|octets| ContentLength::try_from(octets).unwrap_or(ContentLength::MAX));
        let types = self.content_types.clone().filter(|types| !types.is_empty());
        let permissible_content_types = types.map(SetOf);
        match edition {
            Edition::E1988 => DeliveryControls88 {
                restrict,
                permissible_operations,
                permissible_maximum_content_length,
                permissible_lowest_priority: self.lowest_priority,
                permissible_content_types,
                permissible_security_context: None,
                permissible_encoded_information_types_88: None,
            }
            .to_rope(),
            Edition::E1994 => DeliveryControlArgument {
                restrict,
                permissible_operations,
                permissible_maximum_content_length,
                permissible_lowest_priority: self.lowest_priority,
                permissible_content_types,
                permissible_encoded_information_types: None,
                permissible_security_context: None,
                extensions: Extensions::default(),
            }
            .to_rope(),
        }
    }
}

impl core::fmt::Display for Hold {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut parts = Vec::new();
        match (self.messages, self.reports) {
            (true, true) => return f.write_str("nothing is taken"),
            (true, false) => parts.push("no messages".to_owned()),
            (false, true) => parts.push("no reports".to_owned()),
            (false, false) => {}
        }
        parts.extend(self.content_octets_max.map(|most| format!("at most {most} octets")));
        parts.extend(self.lowest_priority.map(|least| format!("{least} or more urgent")));
        if let Some(types) = &self.content_types {
            let types: Vec<_> = types.iter().map(ToString::to_string).collect();
            parts.push(format!("content-types {}", types.join(", ")));
        }
        match parts.is_empty() {
            true => f.write_str("everything is taken"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}

impl Holds {
    /// Has somebody told, once only, of every change from now on.
    pub fn observe(&self, observer: impl Fn() + Send + Sync + 'static) {
        // A second observer would be a mistake of ours, and hears nothing.
        let _ = self.observer.set(Box::new(observer));
    }

    /// Puts a hold in the place of the one that there is for the same reason; [`Hold::default`]
    /// takes that away.
    pub fn put(&self, whose: Whose, why: Why, hold: Hold) {
        let key = (whose, why);
        let mut holds = self.holds.write().unwrap_or_else(PoisonError::into_inner);
        let changed = match hold == Hold::default() {
            true => holds.remove(&key).is_some(),
            false => holds.insert(key, hold.clone()) != Some(hold),
        };
        drop(holds);
        if let Some(observer) = self.observer.get().filter(|_| changed) {
            observer();
        }
    }

    /// Whether there is a hold for a reason.
    pub(crate) fn has(&self, whose: &Whose, why: Why) -> bool {
        let holds = self.holds.read().unwrap_or_else(PoisonError::into_inner);
        holds.contains_key(&(whose.clone(), why))
    }

    /// What is held on all mailboxes; with a user, also what is on that user's.
    pub fn of(&self, user: Option<&User>) -> Hold {
        self.together(user, |_| true)
    }

    fn together(&self, user: Option<&User>, counts: impl Fn(Why) -> bool) -> Hold {
        let holds = self.holds.read().unwrap_or_else(PoisonError::into_inner);
        let in_force = holds.iter().filter(|((whose, why), _)| match whose {
            Whose::All => counts(*why),
            Whose::Mailbox(name) => counts(*why) && user.is_some_and(|user| user.key == *name),
        });
        in_force.fold(Hold::default(), |all, (_, hold)| all.and(hold))
    }

    /// The mailboxes with a hold for this reason.
    pub(crate) fn mailboxes(&self, why: Why) -> Vec<String> {
        let holds = self.holds.read().unwrap_or_else(PoisonError::into_inner);
        let mailbox = |(whose, reason): &(Whose, Why)| match whose {
            Whose::Mailbox(name) if *reason == why => Some(name.clone()),
            _ => None,
        };
        holds.keys().filter_map(mailbox).collect()
    }

    /// Why something can't be delivered to a user now. That the mailbox was full once does not
    /// count: whether it is, is to be seen.
    pub(crate) fn refusal(&self, user: &User, arriving: &Arriving<'_>) -> Option<&'static str> {
        self.together(Some(user), |why| why != Why::Quota).reason(arriving)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn octets(hold: &Hold, edition: Edition) -> String {
        let octets = hold.delivery_control(edition).to_bytes();
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    #[test]
    fn the_argument_says_all_that_is_held_and_restrict_false_that_nothing_is() {
        let p22 = ContentType::of_oid(restante_ber::oid!(2, 6, 1, 10, 1));
        let reports = Hold { reports: true, ..Hold::default() };
        let long = Hold { content_octets_max: Some(1000), ..Hold::default() };
        let low = Hold { lowest_priority: Some(Priority::URGENT), ..Hold::default() };
        let types = Hold { content_types: Some(vec![p22]), ..Hold::default() };
        let none = Hold { content_types: Some(Vec::new()), ..Hold::default() };
        for (hold, expected) in [
            (Hold::default(), "3103800100"),
            (Hold::everything(), "3103810100"),
            (reports, "310481020640"),
            (long, "31088102 06c0 820203e8"),
            (low, "3107810206c0470102"),
            (types, "3109810206c0a403460116"),
            (none, "310481020780"),
        ] {
            for edition in [Edition::E1988, Edition::E1994] {
                assert_eq!(octets(&hold, edition), expected.replace(' ', ""), "{hold}");
            }
        }
    }

    #[test]
    fn holds_are_put_together_and_told_when_they_change() {
        let holds = Holds::default();
        let told = Arc::new(AtomicUsize::new(0));
        let counter = told.clone();
        holds.observe(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let alice = User::new("/CN=Alice/C=GB/".parse().unwrap());
        let long = |octets| Hold { content_octets_max: Some(octets), ..Hold::default() };
        holds.put(Whose::All, Why::Configured, long(1000));
        holds.put(Whose::All, Why::Configured, long(1000));
        assert_eq!(told.load(Ordering::Relaxed), 1);
        holds.put(Whose::Mailbox(alice.key.clone()), Why::Operator, long(10));
        assert_eq!(holds.of(None), long(1000));
        assert_eq!(holds.of(Some(&alice)), long(10));
        let low = Hold { lowest_priority: Some(Priority::NORMAL), ..Hold::default() };
        holds.put(Whose::All, Why::Space, low);
        let both = Hold { lowest_priority: Some(Priority::NORMAL), ..long(10) };
        assert_eq!(holds.of(Some(&alice)), both);
        let p22 = ContentType::of_oid(restante_ber::oid!(2, 6, 1, 10, 1));
        let message = |content_octets, priority| {
            let content_type = &p22;
            let arriving = Arriving::Message { content_type, content_octets, priority };
            holds.refusal(&alice, &arriving).is_some()
        };
        assert!(!message(10, Priority::NORMAL));
        assert!(!message(10, Priority::URGENT));
        assert!(message(11, Priority::NORMAL));
        assert!(message(10, Priority::NON_URGENT));
        assert!(holds.refusal(&alice, &Arriving::Report).is_none());
        holds.put(Whose::All, Why::Space, Hold::default());
        holds.put(Whose::All, Why::Space, Hold::default());
        assert_eq!((told.load(Ordering::Relaxed), holds.of(Some(&alice))), (4, long(10)));
    }

    #[test]
    fn a_type_is_taken_only_where_every_hold_names_it() {
        let [p2, p22] = [0, 1].map(|arc| {
            let oid = restante_ber::Oid::from_arcs(&[2, 6, 1, 10, arc]);
            ContentType::of_oid(oid.unwrap())
        });
        let only = |types: &[&ContentType]| Hold {
            content_types: Some(types.iter().map(|one| (*one).clone()).collect()),
            ..Hold::default()
        };
        assert_eq!(only(&[&p2, &p22]).and(&only(&[&p2])), only(&[&p2]));
        let none = only(&[&p2]).and(&only(&[&p22]));
        let arriving = |content_type| Arriving::Message {
            content_type,
            content_octets: 0,
            priority: Priority::NORMAL,
        };
        assert!(none.reason(&arriving(&p2)).is_some() && none.reason(&arriving(&p22)).is_some());
        assert_eq!(Hold::everything().to_string(), "nothing is taken");
        assert_eq!(none.to_string(), "content-types ");
    }
}
