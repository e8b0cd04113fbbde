//! `restante ua modify`: what is the user's to change of entries (X.413 §8.3.8, 1994).

use clap::{ArgGroup, Args};
use restante_ber::{Encode, GeneralString, Null, Oid};
use restante_client::UserAgent;
use restante_mhs::x413::{
    Attribute, AttributeValue, EntryClass, EntryModification, Filter, MessageGroupName,
    Modification, ModifyArgument, ModifyEntries, NumberRange, OrderedAttribute, OrderedValue,
    Range, RetrievalStatus, Selector, SequenceNumber, oids as ms,
};
use serde_json::json;

use super::numbers::{Item, Numbers};
use super::{Mailbox, groups, selection};
use crate::output::{self, print};

/// Change the status, notes and groups of entries
///
/// Entries are modified one after the other, each wholly or not at all; the first that can't be
/// ends it.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("entries").required(true))]
#[command(after_long_help = "\
Examples:
  restante ua modify 3 --user \"…\" --set-status new
  restante ua modify 3,5-9 --user \"…\" --group work/urgent --note \"Ask Bob\"
  restante ua modify --user \"…\" --filter 'subject ~ \"NOTAM\"' --keep-for 86400
  restante ua modify 3 --user \"…\" --no-group work --no-notes")]
pub(super) struct Arguments {
    /// The numbers of the entries, and ranges of them: 3,5-9
    #[arg(group = "entries", value_name = "NUMBERS")]
    numbers: Option<Numbers>,
    /// All entries of which this holds; the words are those of restante ua search
    #[arg(long, group = "entries", value_name = "FILTER", value_parser = selection::filter)]
    filter: Option<Filter>,
    /// The class of entries: delivery, submission, draft, … or its number
    #[arg(long, value_name = "CLASS", default_value = "delivery")]
    #[arg(value_parser = selection::class)]
    class: EntryClass,
    #[command(flatten)]
    changes: Changes,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    mailbox: Mailbox,
}

/// What is changed of an entry.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("changes").required(true).multiple(true))]
pub(super) struct Changes {
    /// Make them new, listed or processed
    #[arg(long, group = "changes", value_name = "STATUS", value_parser = selection::status)]
    set_status: Option<RetrievalStatus>,
    /// Put them in a message-group: see restante ua groups; again for another one
    #[arg(long, group = "changes", value_name = "GROUP", value_parser = groups::name)]
    group: Vec<MessageGroupName>,
    /// Take them out of a message-group; again for another one
    #[arg(long, group = "changes", value_name = "GROUP", value_parser = groups::name)]
    no_group: Vec<MessageGroupName>,
    /// Add a note; again for another one
    #[arg(long, group = "changes", value_name = "TEXT")]
    note: Vec<String>,
    /// Remove all notes
    #[arg(long, group = "changes")]
    no_notes: bool,
    /// How long they are to be stored, in seconds from when they came: see auto-delete
    #[arg(long, group = "changes", value_name = "SECONDS")]
    keep_for: Option<u32>,
    /// Store them for ever
    #[arg(long, group = "changes", conflicts_with = "keep_for")]
    keep: bool,
    /// Mark them for deletion
    #[arg(long, group = "changes")]
    mark: bool,
    /// Take that mark away
    #[arg(long, group = "changes", conflicts_with = "mark")]
    no_mark: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let modifications = arguments.changes.modifications();
    let modified = arguments.mailbox.work_later(async |ua| {
        let mut modified = Vec::new();
        for entries in arguments.entries() {
            modified.extend(modify(ua, arguments.class, entries, &modifications).await?);
        }
        Ok(modified)
    })?;
    let numbers: Vec<_> = modified.iter().map(|number| number.0).collect();
    if arguments.json {
        return output::json(&json!({ "modified": numbers }));
    }
    if numbers.is_empty() {
        return print("no entries");
    }
    let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    print(&format!("modified {}", numbers.join(", ")))
}

/// Modifies entries; the numbers of those that were.
async fn modify(
    user_agent: &mut UserAgent,
    entry_class: EntryClass,
    entries: ModifyEntries,
    modifications: &[EntryModification],
) -> anyhow::Result<Vec<SequenceNumber>> {
    let specific = match &entries {
        ModifyEntries::SpecificEntries(numbers) => numbers.clone(),
        ModifyEntries::Selector(_) => Vec::new(),
    };
    let argument = ModifyArgument {
        entry_class,
        entries,
        modifications: modifications.to_vec(),
        modify_extensions: None,
    };
    let result = user_agent.modify(&argument).await?;
    Ok(result.entries_modified.unwrap_or(specific))
}

impl Arguments {
    /// The entries: single numbers in one operation, each range in one more.
    fn entries(&self) -> Vec<ModifyEntries> {
        if let Some(filter) = &self.filter {
            let filter = Some(filter.clone());
            return vec![ModifyEntries::Selector(Selector { filter, ..Selector::default() })];
        }
        let (mut single, mut ranges) = (Vec::new(), Vec::new());
        for item in self.numbers.iter().flat_map(|numbers| &numbers.0) {
            match *item {
                Item::One(number) => single.push(SequenceNumber(number)),
                Item::Range(from, to) => {
                    let range = NumberRange { from: Some(from.into()), to: Some(to.into()) };
                    let range = Some(Range::SequenceNumberRange(range));
                    ranges
                        .push(ModifyEntries::Selector(Selector { range, ..Selector::default() }));
                }
            }
        }
        if !single.is_empty() {
            ranges.insert(0, ModifyEntries::SpecificEntries(single));
        }
        ranges
    }
}

impl Changes {
    /// The changes, in the order of the options.
    pub(super) fn modifications(&self) -> Vec<EntryModification> {
        let group_name = ms::ID_ATT_MESSAGE_GROUP_NAME;
        let notes: Vec<_> = self.note.iter().map(|note| GeneralString::from(&**note)).collect();
        let changes = [
            self.set_status.map(|status| put(ms::ID_ATT_RETRIEVAL_STATUS, &status)),
            values(group_name.clone(), &self.group).map(Modification::AddValues),
            values(group_name, &self.no_group).map(Modification::RemoveValues),
            self.no_notes.then_some(Modification::RemoveAttribute(ms::ID_ATT_MESSAGE_NOTES)),
            values(ms::ID_ATT_MESSAGE_NOTES, &notes).map(Modification::AddValues),
            self.keep_for.map(|seconds| put(ms::ID_ATT_STORAGE_PERIOD, &seconds)),
            self.keep.then_some(Modification::RemoveAttribute(ms::ID_ATT_STORAGE_PERIOD)),
            self.mark.then(|| put(ms::ID_ATT_MARKED_FOR_DELETION, &Null)),
            self.no_mark.then_some(Modification::RemoveAttribute(ms::ID_ATT_MARKED_FOR_DELETION)),
        ];
        let changes = changes.into_iter().flatten();
        changes.map(|modification| EntryModification { strict: false, modification }).collect()
    }
}

/// An attribute of one value, in the place of what there is.
fn put(attribute_type: Oid, value: &impl Encode) -> Modification {
    let attribute_values = vec![AttributeValue::of(value)];
    Modification::AddAttribute(Attribute { attribute_type, attribute_values })
}

/// Values that come or go, where there are some.
fn values(attribute_type: Oid, values: &[impl Encode]) -> Option<OrderedAttribute> {
    let value = |value| OrderedValue { value: Some(AttributeValue::of(value)), position: None };
    let attribute_values: Vec<_> = values.iter().map(value).collect();
    let some = !attribute_values.is_empty();
    some.then_some(OrderedAttribute { attribute_type, attribute_values })
}
