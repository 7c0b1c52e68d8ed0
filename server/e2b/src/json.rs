//! Protojson's ways that serde does not have by itself: bytes as base64, 64-bit numbers as text, zeros left out.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Whether a value is protobuf's zero, which protojson leaves out.
pub(crate) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Bytes out of base64 with or without padding, in either alphabet, as protojson takes them.
fn decode(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    if text.contains(['-', '_']) { URL_SAFE.decode(text) } else { STANDARD.decode(text) }
}

/// `Option<Vec<u8>>` as base64 text.
pub(crate) mod bytes {
    use base64::Engine;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => to.serialize_str(&super::STANDARD.encode(bytes)),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| super::decode(&text).map_err(D::Error::custom)).transpose()
    }
}

/// A 64-bit number as text; read from text or number.
pub(crate) mod int64 {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
    }

    pub(crate) fn serialize<S: Serializer>(number: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(number)
    }

    pub(crate) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<i64, D::Error> {
        match Either::deserialize(from)? {
            Either::Number(number) => Ok(number),
            Either::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

/// A field that may be `null`, which protojson reads as its zero.
pub(crate) fn null_is_zero<'a, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'a>,
    T: serde::Deserialize<'a> + Default,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(from)?.unwrap_or_default())
}

/// Reads an enum by its name or its number, and makes its serde form of a table; what is unknown is the first.
macro_rules! proto_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            fn of_name(name: &str) -> Self {
                match name { $($text => Self::$variant,)+ _ => Self::default() }
            }

            fn of_number(number: i64) -> Self {
                match number { $($number => Self::$variant,)+ _ => Self::default() }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.name())
            }
        }

        impl<'a> serde::Deserialize<'a> for $name {
            fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(untagged)]
                enum Either { Name(String), Number(i64) }
                Ok(match <Either as serde::Deserialize>::deserialize(from)? {
                    Either::Name(name) => Self::of_name(&name),
                    Either::Number(number) => Self::of_number(number),
                })
            }
        }
    };
}
pub(crate) use proto_enum;
