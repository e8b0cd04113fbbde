//! How what an auto-action submits is stored: the submission-options of its registration
//! (X.413 §8.4.1). What is submitted at once is no draft: that class has no meaning here.

use restante_ber::SetOf;
use restante_mhs::x413::{EntryClass, MSSubmissionOptions, MessageGroupName};

/// How it is stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Storing {
    /// Whether an entry of the class submission is made.
    pub(super) entry: bool,
    /// To which message-groups that is added.
    pub(super) groups: SetOf<MessageGroupName>,
    /// Whether auto-modify leaves it alone.
    pub(super) unmodified: bool,
}

impl Storing {
    /// Reads what was registered.
    pub(super) fn of(options: Option<MSSubmissionOptions>) -> Self {
        let Some(options) = options else { return Self::default() };
        Self {
            entry: options.object_entry_class == Some(EntryClass::SUBMISSION),
            groups: options.add_message_group_names.unwrap_or_default(),
            unmodified: options.disable_auto_modify,
        }
    }
}
