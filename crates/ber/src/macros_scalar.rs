//! The macros for simple types: [`integer!`](crate::integer), [`enumerated!`](crate::enumerated),
//! [`bits!`](crate::bits) and [`newtype!`](crate::newtype).
//!
//! Codes that peers may extend are newtypes with constants, never closed enums: a code that
//! nobody here knows is carried, shown by its number, and compared like any other.

/// An INTEGER type with named numbers.
#[macro_export]
macro_rules! integer {
    ($($rest:tt)*) => { $crate::__named_number! { INTEGER $($rest)* } };
}

/// An ENUMERATED type, open to values that later editions add.
#[macro_export]
macro_rules! enumerated {
    ($($rest:tt)*) => { $crate::__named_number! { ENUMERATED $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __named_number {
    ($kind:ident $(#[$meta:meta])* pub struct $name:ident $([$($own:tt)+])? {
        $($(#[$doc:meta])* $constant:ident = $number:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            $(
                $(#[$doc])*
                #[doc = concat!("`", stringify!($number), "`")]
                pub const $constant: Self = Self($number);
            )*

            /// The standard's name of the value, `None` where it has none.
            pub fn name(self) -> Option<String> {
                match self.0 {
                    $($number => Some(stringify!($constant).to_lowercase().replace('_', "-")),)*
                    _ => None,
                }
            }

            const TAG: $crate::Tag = $crate::__scalar_tag!($kind $([$($own)+])?);
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(&name),
                    None => write!(f, "{}", self.0),
                }
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl $crate::Decode for $name {
            const NAME: &'static str = stringify!($name);
            fn accepts(tag: $crate::Tag) -> bool {
                tag == Self::TAG
            }
            fn decode_contents(element: &$crate::Element<'_>) -> $crate::Result<Self> {
                <i64 as $crate::Decode>::decode_contents(element).map(Self)
            }
        }

        impl $crate::Encode for $name {
            fn encode(&self, writer: &mut $crate::Writer) {
                $crate::Encode::encode_as(&self.0, Self::TAG, writer);
            }
            fn encode_as(&self, tag: $crate::Tag, writer: &mut $crate::Writer) {
                $crate::Encode::encode_as(&self.0, tag, writer);
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __scalar_tag {
    (INTEGER) => { $crate::Tag::INTEGER };
    (ENUMERATED) => { $crate::Tag::ENUMERATED };
    (BITS) => { $crate::Tag::BIT_STRING };
    ($kind:ident [$($own:tt)+]) => { $crate::__own_tag!($kind [$($own)+]) };
}

/// A BIT STRING with named bits.
#[macro_export]
macro_rules! bits {
    ($(#[$meta:meta])* pub struct $name:ident $([$($own:tt)+])? {
        $($(#[$doc:meta])* $constant:ident = $number:literal),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $crate::BitString);

        impl $name {
            $(
                $(#[$doc])*
                #[doc = concat!("Bit ", stringify!($number))]
                pub const $constant: usize = $number;
            )*

            /// The value with these bits set.
            pub fn of(bits: impl IntoIterator<Item = usize>) -> Self {
                Self($crate::BitString::of_bits(bits))
            }

            /// Whether a bit is set.
            pub fn has(&self, bit: usize) -> bool {
                self.0.has(bit)
            }

            /// The standard's names of the bits that are set; numbers where it has none.
            pub fn names(&self) -> Vec<String> {
                self.0.ones().map(|bit| match bit {
                    $($number => stringify!($constant).to_lowercase().replace('_', "-"),)*
                    _ => bit.to_string(),
                }).collect()
            }

            const TAG: $crate::Tag = $crate::__scalar_tag!(BITS $([$($own)+])?);
        }

        impl $crate::Decode for $name {
            const NAME: &'static str = stringify!($name);
            fn accepts(tag: $crate::Tag) -> bool {
                tag == Self::TAG
            }
            fn decode_contents(element: &$crate::Element<'_>) -> $crate::Result<Self> {
                <$crate::BitString as $crate::Decode>::decode_contents(element).map(Self)
            }
        }

        impl $crate::Encode for $name {
            fn encode(&self, writer: &mut $crate::Writer) {
                $crate::Encode::encode_as(&self.0, Self::TAG, writer);
            }
            fn encode_as(&self, tag: $crate::Tag, writer: &mut $crate::Writer) {
                $crate::Encode::encode_as(&self.0, tag, writer);
            }
        }
    };
}

/// A type that is another one, with a tag of its own or without.
#[macro_export]
macro_rules! newtype {
    ($mode:ident TAGS; $(#[$meta:meta])* pub struct $name:ident($type:ty) $([$($tag:tt)+])?;) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(pub $type);

        impl $name {
            const SPEC: Option<($crate::Tag, $crate::Tagging)> =
                $crate::__spec!($mode $($($tag)+)?);
        }

        impl $crate::Decode for $name {
            const NAME: &'static str = stringify!($name);
            const UNTAGGED: bool =
                Self::SPEC.is_none() && <$type as $crate::Decode>::UNTAGGED;
            fn accepts(tag: $crate::Tag) -> bool {
                $crate::tagged_accepts::<$type>(Self::SPEC, tag)
            }
            fn decode_contents(element: &$crate::Element<'_>) -> $crate::Result<Self> {
                $crate::member_decode::<$type>(Self::SPEC, element).map(Self)
            }
        }

        impl $crate::Encode for $name {
            const UNTAGGED: bool =
                Self::SPEC.is_none() && <$type as $crate::Encode>::UNTAGGED;
            fn encode(&self, writer: &mut $crate::Writer) {
                $crate::member_encode(&self.0, Self::SPEC, writer);
            }
            fn encode_as(&self, tag: $crate::Tag, writer: &mut $crate::Writer) {
                let tagging = Self::SPEC.map_or($crate::Tagging::Implicit, |(_, tagging)| tagging);
                $crate::Encode::encode_tagged(&self.0, tag, tagging, writer);
            }
        }
    };
}
