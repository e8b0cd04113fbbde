//! Summarize, List, Fetch and Delete (X.413 §8.3.2 to §8.3.5, module MSAbstractService).
//!
//! Arguments and results are read as they came; whether they make sense together is the store's
//! to say.

use super::{
    AttributeValue, EntryClass, EntryInformation, EntryInformationSelection, MSExtensions,
    Selector, SequenceNumber,
};
use restante_ber::{Null, Oid, SetOf, choice, sequence, set};

set! { EXPLICIT TAGS;
    /// Asks for counts.
    #[derive(Default)]
    pub struct SummarizeArgument {
        /// Where.
        entry_class: EntryClass [0] = EntryClass::DELIVERY,
        /// Which entries.
        selector: Selector [1],
        /// The attributes whose values are to be counted.
        summary_requests: Option<Vec<Oid>> [2],
        /// Extensions (1994).
        summarize_extensions: Option<MSExtensions> [3],
    }
}

set! { EXPLICIT TAGS;
    /// Counts.
    #[derive(Default)]
    pub struct SummarizeResult {
        /// The first entry beyond the limit.
        next: Option<SequenceNumber> [0],
        /// How many entries were selected.
        count: u32 [1],
        /// Absent when none was.
        span: Option<Span> [2],
        /// One for each request, in order.
        summaries: Option<Vec<Summary>> [3],
        /// Extensions (1994).
        summarize_result_extensions: Option<MSExtensions> [4],
    }
}

sequence! { EXPLICIT TAGS;
    /// The lowest and the highest number of the entries selected.
    pub struct Span {
        /// The lowest.
        lowest: SequenceNumber [0],
        /// The highest.
        highest: SequenceNumber [1],
    }
}

set! { EXPLICIT TAGS;
    /// How often an attribute has which value.
    #[derive(Default)]
    pub struct Summary {
        /// In how many entries it is absent; absent when in none.
        absent: Option<u32> [0],
        /// One for each value.
        present: Option<SetOf<SummaryValue>> [1],
    }
}

sequence! { EXPLICIT TAGS;
    /// How often an attribute has one value.
    pub struct SummaryValue {
        /// The attribute.
        r#type: Oid,
        /// The value.
        value: AttributeValue,
        /// In how many entries.
        count: u32,
    }
}

set! { EXPLICIT TAGS;
    /// Asks for information about entries.
    #[derive(Default)]
    pub struct ListArgument {
        /// Where.
        entry_class: EntryClass [0] = EntryClass::DELIVERY,
        /// Which entries.
        selector: Selector [1],
        /// Absent: the registered defaults. Empty: none.
        requested_attributes: Option<EntryInformationSelection> [3],
        /// Extensions (1994).
        list_extensions: Option<MSExtensions> [4],
    }
}

set! { EXPLICIT TAGS;
    /// Information about entries.
    #[derive(Default)]
    pub struct ListResult {
        /// The first entry beyond the limit.
        next: Option<SequenceNumber> [0],
        /// The entries in order; absent when none was found.
        requested: Option<Vec<EntryInformation>> [1],
        /// Extensions (1994).
        list_result_extensions: Option<MSExtensions> [2],
    }
}

set! { EXPLICIT TAGS;
    /// Asks for an entry.
    pub struct FetchArgument {
        /// Where.
        entry_class: EntryClass [0] = EntryClass::DELIVERY,
        /// Which.
        item: FetchItem,
        /// Absent: the registered defaults. Empty: none.
        requested_attributes: Option<EntryInformationSelection> [3],
        /// Extensions (1994).
        fetch_extensions: Option<MSExtensions> [4],
    }
}

impl From<FetchItem> for FetchArgument {
    /// Asks for the registered attributes of a delivered entry.
    fn from(item: FetchItem) -> Self {
        Self {
            entry_class: EntryClass::DELIVERY,
            item,
            requested_attributes: None,
            fetch_extensions: None,
        }
    }
}

choice! { EXPLICIT TAGS;
    /// The entry that is asked for.
    pub enum FetchItem {
        /// The first of these; the others are told by number.
        Search(Selector) [1],
        /// This one.
        Precise(SequenceNumber) [2],
    }
}

set! { EXPLICIT TAGS;
    /// An entry.
    #[derive(Default)]
    pub struct FetchResult {
        /// Absent when none was selected.
        entry_information: Option<EntryInformation> [0],
        /// The others that were selected.
        list: Option<Vec<SequenceNumber>> [1],
        /// The first entry beyond the limit.
        next: Option<SequenceNumber> [2],
        /// Extensions (1994).
        fetch_result_extensions: Option<MSExtensions> [3],
    }
}

set! { EXPLICIT TAGS;
    /// Asks that entries be deleted.
    pub struct DeleteArgument {
        /// Where.
        entry_class: EntryClass [0] = EntryClass::DELIVERY,
        /// Which.
        items: DeleteItems,
        /// Extensions (1994).
        delete_extensions: Option<MSExtensions> [3],
    }
}

impl From<DeleteItems> for DeleteArgument {
    /// Asks that delivered entries be deleted.
    fn from(items: DeleteItems) -> Self {
        Self { entry_class: EntryClass::DELIVERY, items, delete_extensions: None }
    }
}

choice! { EXPLICIT TAGS;
    /// The entries that are to be deleted.
    pub enum DeleteItems {
        /// All of these.
        Selector(Selector) [1],
        /// These, none of them a child-entry.
        SequenceNumbers(SetOf<SequenceNumber>) [2],
    }
}

choice! { EXPLICIT TAGS;
    /// That entries were deleted.
    pub enum DeleteResult {
        /// All that is said in 1988.
        DeleteResult88(Null),
        /// What may be said since 1994.
        DeleteResult94(DeleteResult94),
    }
}

set! { EXPLICIT TAGS;
    /// Which entries were deleted (1994).
    #[derive(Default)]
    pub struct DeleteResult94 {
        /// Their numbers, where a selector named them.
        entries_deleted: Option<Vec<SequenceNumber>> [0],
        /// Extensions.
        delete_result_extensions: Option<MSExtensions> [1],
    }
}
