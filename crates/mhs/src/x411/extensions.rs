//! Extension fields (X.411, Extension Fields): each is kept as it came, and read as its type when
//! somebody asks.

use restante_ber::{Any, Null, Oid, SetOf, bits, choice, newtype, sequence};

choice! { IMPLICIT TAGS;
    /// Which extension.
    #[derive(Eq, Hash)]
    pub enum ExtensionType {
        /// By the number that the standard gives it.
        StandardExtension(i64) [0],
        /// By the object identifier that somebody gives it.
        PrivateExtension(Oid) [3],
    }
}

bits! {
    /// For whom an extension is critical: who does not understand it must not go on.
    pub struct Criticality {
        /// For submission.
        FOR_SUBMISSION = 0,
        /// For transfer.
        FOR_TRANSFER = 1,
        /// For delivery.
        FOR_DELIVERY = 2,
    }
}

sequence! { IMPLICIT TAGS;
    /// One extension.
    #[derive(Eq, Hash)]
    pub struct ExtensionField {
        /// Which.
        r#type: ExtensionType,
        /// For whom it is critical.
        criticality: Criticality [1] = Criticality::default(),
        /// Its value, as it came.
        value: Any [2] = Any::of(&Null),
    }
}

newtype! { IMPLICIT TAGS;
    /// The extensions of an envelope, an argument or a result.
    #[derive(Default, Eq, Hash)]
    pub struct Extensions(SetOf<ExtensionField>);
}
