//! Alert and Modify (X.413 §8.3.7 and §8.3.8, module MSAbstractService). The store invokes Alert;
//! Modify is of 1994.

use super::{
    Attribute, AttributeValue, EntryClass, EntryInformation, MSExtensions, Selector,
    SequenceNumber,
};
use restante_ber::{Null, Oid, choice, sequence, set};

set! { EXPLICIT TAGS;
    /// Tells of a new entry.
    pub struct AlertArgument {
        /// Which registration of auto-alert.
        alert_registration_identifier: u32 [0],
        /// The attributes that were registered.
        new_entry: Option<EntryInformation> [2],
    }
}

/// That the alert came.
pub type AlertResult = Null;

set! { EXPLICIT TAGS;
    /// Asks that attributes of entries be changed.
    pub struct ModifyArgument {
        /// Where.
        entry_class: EntryClass [0] = EntryClass::DELIVERY,
        /// Which.
        entries: ModifyEntries,
        /// What, in order.
        modifications: Vec<EntryModification> [3],
        /// Extensions.
        modify_extensions: Option<MSExtensions> [4],
    }
}

choice! { EXPLICIT TAGS;
    /// The entries that are to be changed.
    pub enum ModifyEntries {
        /// All of these.
        Selector(Selector) [1],
        /// These, in this order.
        SpecificEntries(Vec<SequenceNumber>) [2],
    }
}

set! { EXPLICIT TAGS;
    /// One change.
    pub struct EntryModification {
        /// Whether it is an error when there is nothing to change.
        strict: bool [0] = false,
        /// The change.
        modification: Modification,
    }
}

choice! { EXPLICIT TAGS;
    /// A change of an attribute.
    pub enum Modification {
        /// A new attribute.
        AddAttribute(Attribute) [1],
        /// An attribute goes.
        RemoveAttribute(Oid) [2],
        /// Values come.
        AddValues(OrderedAttribute) [3],
        /// Values go.
        RemoveValues(OrderedAttribute) [4],
    }
}

sequence! { EXPLICIT TAGS;
    /// Values of an attribute and their places.
    pub struct OrderedAttribute {
        /// The attribute.
        attribute_type: Oid,
        /// At least one.
        attribute_values: Vec<OrderedValue>,
    }
}

sequence! { EXPLICIT TAGS;
    /// A value and its place; one of the two is there.
    pub struct OrderedValue {
        /// The value.
        value: Option<AttributeValue> [0],
        /// Its place, from 1.
        position: Option<u32> [1],
    }
}

set! { EXPLICIT TAGS;
    /// What was changed.
    pub struct ModifyResult {
        /// The entries, where a selector named them.
        entries_modified: Option<Vec<SequenceNumber>> [0],
        /// Extensions.
        modify_result_extensions: Option<MSExtensions> [1],
    }
}
