//! Enumerations of the core, one to one: one list serves both directions.

/// Declares a UniFFI enumeration with the variants of one of the core's, and the ways there and back.
/// `else` says what a variant becomes that a newer core has and this list lacks; a test goes through
/// all of them.
macro_rules! mirror {
    (
        $(#[$doc:meta])*
        $name:ident of $core:ty $(, else $fallback:ident)? {
            $($(#[$variant_doc:meta])* $variant:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl From<$core> for $name {
            fn from(value: $core) -> $name {
                match value {
                    $(<$core>::$variant => $name::$variant,)+
                    $(_ => $name::$fallback,)?
                }
            }
        }

        impl From<$name> for $core {
            fn from(value: $name) -> $core {
                match value { $($name::$variant => <$core>::$variant,)+ }
            }
        }
    };
}

pub(crate) use mirror;
