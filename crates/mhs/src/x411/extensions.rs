//! Extension fields (X.411, Extension Fields): each is kept as it came, and read as its type when
//! somebody asks. The standard ones stand in [`extension`](super::extension).

use super::extension;
use core::marker::PhantomData;
use restante_ber::{
    Any, Decode, Encode, Null, Oid, Result, SetOf, bits, choice, newtype, sequence,
};

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

/// A standard extension whose value is a `T`.
#[derive(Clone, Copy, Debug)]
pub struct Extension<T> {
    /// Its number.
    pub number: i64,
    /// The standard's name of it.
    pub name: &'static str,
    /// Bits of [`Criticality`] that the standard recommends.
    pub recommended: &'static [usize],
    value: PhantomData<fn() -> T>,
}

impl<T> Extension<T> {
    /// An extension of the standard.
    pub(crate) const fn new(
        number: i64,
        name: &'static str,
        recommended: &'static [usize],
    ) -> Self {
        Self { number, name, recommended, value: PhantomData }
    }
}

newtype! { IMPLICIT TAGS;
    /// The extensions of an envelope, an argument or a result.
    #[derive(Default, Eq, Hash)]
    pub struct Extensions(SetOf<ExtensionField>);
}

impl Extensions {
    /// A standard extension as it came.
    pub fn field(&self, number: i64) -> Option<&ExtensionField> {
        self.0.0.iter().find(|field| field.r#type == ExtensionType::StandardExtension(number))
    }

    /// The value of a standard extension, `None` where it is absent.
    ///
    /// # Errors
    /// When it is there but no value of its type.
    pub fn get<T: Decode>(&self, extension: Extension<T>) -> Result<Option<T>> {
        self.field(extension.number).map(|field| field.value.to()).transpose()
    }

    /// Adds a standard extension with the recommended criticality.
    pub fn push<T: Encode>(&mut self, extension: Extension<T>, value: &T) {
        self.0.0.push(ExtensionField {
            r#type: ExtensionType::StandardExtension(extension.number),
            criticality: Criticality::of(extension.recommended.iter().copied()),
            value: Any::of(value),
        });
    }

    /// The extensions that are critical for `whom`, a bit of [`Criticality`], and that this crate
    /// does not know: private ones, and numbers that no edition gives. Where there is one, the
    /// operation is refused with unsupported-critical-function (X.411 §9.1).
    pub fn critical_unknown(&self, whom: usize) -> impl Iterator<Item = &ExtensionField> {
        self.0.0.iter().filter(move |field| {
            let known = match &field.r#type {
                ExtensionType::StandardExtension(number) => extension::name(*number).is_some(),
                ExtensionType::PrivateExtension(_) => false,
            };
            field.criticality.has(whom) && !known
        })
    }
}
