//! The macros for constructed types: [`sequence!`](crate::sequence), [`set!`](crate::set) and
//! [`choice!`](crate::choice). Each begins with the tag default of the ASN.1 module, then says one
//! member a line:
//!
//! ```
//! restante_ber::set! { EXPLICIT TAGS;
//!     /// An argument of no protocol.
//!     pub struct ExampleArgument {
//!         /// `[0]`, by the module's default an explicit tag; absent means 7.
//!         number: u32 [0] = 7,
//!         /// An implicit tag, whatever the default.
//!         text: Option<restante_ber::Ia5String> [IMPLICIT 1],
//!         /// Mandatory, goes by the tag of its own type.
//!         flag: bool,
//!     }
//! }
//! ```
//!
//! A tag may be `[3]`, `[IMPLICIT 3]`, `[EXPLICIT 3]`, `[APPLICATION 3]`, `[UNIVERSAL 3]`; behind
//! the name of a SEQUENCE or SET it takes the place of the type's own. On a CHOICE or an open type
//! a tag is always explicit, whatever is said. `Option` makes a member OPTIONAL, `= value` gives
//! its DEFAULT. Unknown members are skipped; a member of a SEQUENCE that comes out of its order or
//! twice is an error.

/// A SEQUENCE type.
#[macro_export]
macro_rules! sequence {
    ($mode:ident TAGS; $($rest:tt)*) => { $crate::__structure! { sequence $mode $($rest)* } };
}

/// A SET type.
#[macro_export]
macro_rules! set {
    ($mode:ident TAGS; $($rest:tt)*) => { $crate::__structure! { set $mode $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __structure {
    ($kind:ident $mode:ident $(#[$meta:meta])* pub struct $name:ident $([$($own:tt)+])? {
        $($(#[$doc:meta])* $field:ident : $type:ty $([$($tag:tt)+])? $(= $default:expr)?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl $crate::Decode for $name {
            const NAME: &'static str = stringify!($name);
            fn accepts(tag: $crate::Tag) -> bool {
                tag == $crate::__own_tag!($kind $([$($own)+])?)
            }
            #[allow(unused_mut, unused_variables, unused_assignments)]
            fn decode_contents(element: &$crate::Element<'_>) -> $crate::Result<Self> {
                let mut members = element.children()?;
                $(let mut $field: Option<<$type as $crate::Member>::Value> = None;)*
                $crate::__decode_members! { $kind $mode $name members
                    $($field : $type [$($($tag)+)?])* }
                Ok(Self {
                    $($field: $crate::__found!($type, $field, $name $(, $default)?),)*
                })
            }
        }

        impl $crate::Encode for $name {
            fn encode(&self, writer: &mut $crate::Writer) {
                self.encode_as($crate::__own_tag!($kind $([$($own)+])?), writer);
            }
            fn encode_as(&self, tag: $crate::Tag, writer: &mut $crate::Writer) {
                #[allow(unused_variables)]
                writer.constructed(tag, |writer| {
                    $crate::__encode_members! { self writer $mode
                        [$($field ($($($tag)+)?) ($($default)?))*] }
                });
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __decode_members {
    (sequence $mode:ident $name:ident $members:ident
        $($field:ident : $type:ty [$($tag:tt)*])*) => {
        let mut read = 0u32;
        while let Some(element) = $members.next_element()? {
            let mut place = 0u32;
            $(
                place += 1;
                let spec = $crate::__spec!($mode $($tag)*);
                if read < place && $crate::member_accepts::<$type>(spec, element.tag) {
                    $field = Some($crate::member_decode::<$type>(spec, &element)?);
                    read = place;
                    continue;
                }
            )*
            // Nobody knows it, or it came where it may not: that is not to be lost in silence.
            let known = false $(|| $crate::member_claims::<$type>(
                $crate::__spec!($mode $($tag)*), element.tag))*;
            if known {
                let wanted = concat!("member of ", stringify!($name), " here");
                return Err($crate::Error::Unexpected { wanted, found: element.tag });
            }
        }
    };
    (set $mode:ident $name:ident $members:ident $($field:ident : $type:ty [$($tag:tt)*])*) => {
        while let Some(element) = $members.next_element()? {
            $(if $crate::member_accepts::<$type>($crate::__spec!($mode $($tag)*), element.tag) {
                if $field.is_some() {
                    return Err($crate::Error::Duplicate {
                        of: stringify!($name), member: stringify!($field) });
                }
                $field = Some($crate::member_decode::<$type>(
                    $crate::__spec!($mode $($tag)*), &element)?);
                continue;
            })*
        }
    };
}

/// Members are written from the last to the first.
#[doc(hidden)]
#[macro_export]
macro_rules! __encode_members {
    ($self:ident $writer:ident $mode:ident []) => {};
    ($self:ident $writer:ident $mode:ident
        [$field:ident ($($tag:tt)*) ($($default:expr)?) $($rest:tt)*]) => {
        $crate::__encode_members! { $self $writer $mode [$($rest)*] }
        $crate::__encode_member!($self.$field, $crate::__spec!($mode $($tag)*), $writer
            $(, $default)?);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __encode_member {
    ($field:expr, $spec:expr, $writer:ident) => {
        $crate::member_encode(&$field, $spec, $writer)
    };
    ($field:expr, $spec:expr, $writer:ident, $default:expr) => {
        $crate::encode_default(&$field, &$default, $spec, $writer)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __found {
    ($type:ty, $field:ident, $name:ident) => {
        <$type as $crate::Member>::found($field, stringify!($name), stringify!($field))?
    };
    ($type:ty, $field:ident, $name:ident, $default:expr) => {
        match $field {
            Some(value) => <$type as $crate::Member>::found(Some(value), "", "")?,
            None => $default,
        }
    };
}

/// The tag of a SEQUENCE or SET.
#[doc(hidden)]
#[macro_export]
macro_rules! __own_tag {
    (sequence) => {
        $crate::Tag::SEQUENCE
    };
    (set) => {
        $crate::Tag::SET
    };
    ($kind:ident [APPLICATION $number:literal]) => {
        $crate::Tag::application($number)
    };
    ($kind:ident [UNIVERSAL $number:literal]) => {
        $crate::Tag::universal($number)
    };
    ($kind:ident [$number:literal]) => {
        $crate::Tag::context($number)
    };
}

/// The tag of a member and how it stands to the type's own.
#[doc(hidden)]
#[macro_export]
macro_rules! __spec {
    ($mode:ident) => { None };
    ($mode:ident IMPLICIT $($tag:tt)+) => { $crate::__spec!(IMPLICIT $($tag)+) };
    ($mode:ident EXPLICIT $($tag:tt)+) => { $crate::__spec!(EXPLICIT $($tag)+) };
    (IMPLICIT $($tag:tt)+) => {
        Some(($crate::__own_tag!(member [$($tag)+]), $crate::Tagging::Implicit))
    };
    (EXPLICIT $($tag:tt)+) => {
        Some(($crate::__own_tag!(member [$($tag)+]), $crate::Tagging::Explicit))
    };
}

/// A CHOICE type.
#[macro_export]
macro_rules! choice {
    ($mode:ident TAGS; $(#[$meta:meta])* pub enum $name:ident {
        $($(#[$doc:meta])* $variant:ident ($type:ty) $([$($tag:tt)+])?),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[$doc])* $variant($type),)*
        }

        impl $crate::Decode for $name {
            const NAME: &'static str = stringify!($name);
            const UNTAGGED: bool = true;
            fn accepts(tag: $crate::Tag) -> bool {
                $($crate::member_accepts::<$type>($crate::__spec!($mode $($($tag)+)?), tag))||*
            }
            fn decode_contents(element: &$crate::Element<'_>) -> $crate::Result<Self> {
                $({
                    let spec = $crate::__spec!($mode $($($tag)+)?);
                    if $crate::member_accepts::<$type>(spec, element.tag) {
                        return $crate::member_decode::<$type>(spec, element).map(Self::$variant);
                    }
                })*
                Err($crate::Error::Unexpected { wanted: stringify!($name), found: element.tag })
            }
        }

        impl $crate::Encode for $name {
            const UNTAGGED: bool = true;
            fn encode(&self, writer: &mut $crate::Writer) {
                match self {
                    $(Self::$variant(value) => $crate::member_encode(
                        value, $crate::__spec!($mode $($($tag)+)?), writer),)*
                }
            }
            fn encode_as(&self, tag: $crate::Tag, writer: &mut $crate::Writer) {
                writer.constructed(tag, |writer| self.encode(writer));
            }
        }
    };
}
