//! Tolerant deserialisation of untrusted JSON.
//!
//! A value of an unexpected type counts as absent, so that it does not lose the rest of the document. `serde_json` skips
//! unread values without recursion, and read values nest only as deep as the types here, so deep nesting costs no stack.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A string, or a whole number as a string.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Option<Cow<'a, str>>);

impl Text<'_> {
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        self.get() == Some(text)
    }
}

/// Whether the value is `true`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

/// Whether there is a value other than null.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Present(pub(crate) bool);

/// An object.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// The objects of an array.
#[derive(Debug)]
pub(crate) struct Objects<T>(pub(crate) Vec<T>);

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// The unparsed elements of an array, to be read one by one: an invalid one does not lose the others.
#[derive(Debug, Default)]
pub(crate) struct Elements<'a>(pub(crate) Vec<&'a RawValue>);

/// Implements the visitor methods for values of an unexpected type.
macro_rules! otherwise {
    ($nothing:expr; $($visit:ident)*) => { $(otherwise!(@ $visit $nothing);)* };
    (@ bool $nothing:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok($nothing) }
    };
    (@ numbers $nothing:expr) => {
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok($nothing) }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok($nothing) }
    };
    (@ float $nothing:expr) => {
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok($nothing) }
    };
    (@ text $nothing:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok($nothing) }
    };
    (@ null $nothing:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok($nothing) }
    };
    (@ array $nothing:expr) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
            while array.next_element::<IgnoredAny>()?.is_some() {}
            Ok($nothing)
        }
    };
    (@ object $nothing:expr) => {
        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($nothing)
        }
    };
}

fn expecting(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("JSON")
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                expecting(f)
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Some(text.into())))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Some(text.to_owned().into())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Text(Some(number.to_string().into())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Text(Some(number.to_string().into())))
            }
            otherwise!(Text(None); bool float null array object);
        }
        deserializer.deserialize_any(Texts)
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Flags;
        impl<'de> Visitor<'de> for Flags {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                expecting(f)
            }
            fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
                Ok(Flag(yes))
            }
            otherwise!(Flag(false); numbers float text null array object);
        }
        deserializer.deserialize_any(Flags)
    }
}

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Presence;
        impl<'de> Visitor<'de> for Presence {
            type Value = Present;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                expecting(f)
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Present(false))
            }
            otherwise!(Present(true); bool numbers float text array object);
        }
        deserializer.deserialize_any(Presence)
    }
}

struct Reading<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Reading<Object<T>> {
    type Value = Object<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expecting(f)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Some).map(Object)
    }
    otherwise!(Object(None); bool numbers float text null array);
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading::<Self>(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Reading<Objects<T>> {
    type Value = Objects<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expecting(f)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut objects = Vec::new();
        while let Some(Object(object)) = array.next_element()? {
            objects.extend(object);
        }
        Ok(Objects(objects))
    }
    otherwise!(Objects(Vec::new()); bool numbers float text null object);
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Objects<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading::<Self>(PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Elements<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Elements<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                expecting(f)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = array.next_element()? {
                    elements.push(element);
                }
                Ok(Elements(elements))
            }
            otherwise!(Elements(Vec::new()); bool numbers float text null object);
        }
        deserializer.deserialize_any(All)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Elements, Flag, Object, Objects, Present, Text};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Odd<'a> {
        #[serde(borrow)]
        text: Text<'a>,
        flag: Flag,
        present: Present,
        #[serde(borrow)]
        object: Object<Inner<'a>>,
        #[serde(borrow)]
        objects: Objects<Inner<'a>>,
        #[serde(borrow)]
        elements: Elements<'a>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Inner<'a> {
        #[serde(borrow)]
        text: Text<'a>,
    }

    #[test]
    fn values_of_another_type_are_absent() {
        let anything = [
            "null",
            "true",
            "false",
            "0",
            "-7",
            "18446744073709551615",
            "1.5",
            "1e400",
            "\"\"",
            "\"x\\u00e9\"",
            "[]",
            "{}",
            "[1,[2,{\"text\":3}],\"x\",{\"text\":\"y\"},null]",
            "{\"text\":\"z\",\"more\":[{}]}",
        ];
        for value in anything {
            for field in ["text", "flag", "present", "object", "objects", "elements"] {
                let json = format!("{{\"{field}\":{value},\"unknown\":{value}}}");
                match serde_json::from_str::<Odd<'_>>(&json) {
                    Ok(odd) => {
                        assert_eq!(odd.flag.0, field == "flag" && value == "true");
                        assert_eq!(odd.present.0, field == "present" && value != "null");
                    }
                    Err(error) => assert!(value == "1e400", "{json} {error}"),
                }
            }
        }
        let odd: Odd<'_> = serde_json::from_str(
            r#"{"text":5,"object":{"text":"a"},"objects":[1,{"text":"b"},[{}],{"text":null}],"elements":[1,{"x":[]}]}"#,
        )
        .unwrap();
        assert!(odd.text.is("5") && odd.object.0.unwrap().text.is("a"));
        assert_eq!(odd.objects.0.iter().map(|inner| inner.text.get()).collect::<Vec<_>>(), [Some("b"), None]);
        assert_eq!(odd.elements.0.iter().map(|raw| raw.get()).collect::<Vec<_>>(), ["1", "{\"x\":[]}"]);
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let deep = format!("{{\"unknown\":{}1{},\"text\":\"x\"}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        let odd: Odd<'_> = serde_json::from_str(&deep).unwrap();
        assert!(odd.text.is("x"));
        let deep = format!("{{\"elements\":[{}1{}]}}", "{\"a\":".repeat(300_000), "}".repeat(300_000));
        assert_eq!(serde_json::from_str::<Odd<'_>>(&deep).unwrap().elements.0.len(), 1);
        let deep = format!("{{\"text\":{}1{}}}", "[".repeat(300_000), "]".repeat(300_000));
        // An array in place of a string is skipped; whether that is an error or not, it must not use the stack.
        let outcome = serde_json::from_str::<Odd<'_>>(&deep);
        assert!(outcome.is_err() || outcome.unwrap().text.get().is_none());
    }
}
