//! The fields of a form, read strictly: every name once, every value one text (R12).

use std::borrow::Cow;

use percent_encoding::percent_decode;
use zeroize::Zeroizing;

/// More fields than any form here has.
const MAX_FIELDS: usize = 16;

/// The body is no form of this library: a name twice, a name that no field has, or text that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadForm;

/// The fields of one form.
pub(crate) struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// Reads a body of the type `application/x-www-form-urlencoded` (WHATWG URL §5.1). Unlike the standard's parser it
    /// repairs nothing: a password in which broken bytes were replaced would be another password.
    pub(crate) fn parse(body: &[u8], known: &[&str]) -> Result<Self, BadForm> {
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at_checked(at).ok_or(BadForm)?;
            let name = decode(name)?.to_string();
            let value = decode(value.strip_prefix(b"=").unwrap_or_default())?;
            let twice = fields.iter().any(|(earlier, _)| *earlier == name);
            if twice || !known.contains(&name.as_str()) || fields.len() >= MAX_FIELDS {
                return Err(BadForm);
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// The value of a field that the form must have.
    pub(crate) fn get(&self, name: &str) -> Result<&str, BadForm> {
        self.find(name).ok_or(BadForm)
    }

    /// The value of a field that the form may have.
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &[u8]) -> Result<Zeroizing<String>, BadForm> {
    let spaced: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect());
    percent_decode(&spaced)
        .decode_utf8()
        .map(|text: Cow<'_, str>| Zeroizing::new(text.into_owned()))
        .map_err(|_not_utf8| BadForm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Fields, BadForm> {
        Fields::parse(body.as_bytes(), &["a", "b"])
    }

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let fields = parse("a=x%20y+z%2B&b=%F0%9F%98%80").unwrap();
        assert_eq!((fields.get("a"), fields.find("b")), (Ok("x y z+"), Some("\u{1f600}")));
        assert_eq!(parse("a").unwrap().get("a"), Ok(""));
        assert_eq!(parse("").unwrap().get("a"), Err(BadForm));
    }

    #[test]
    fn nothing_is_repaired_and_nothing_comes_twice() {
        for body in ["a=1&a=2", "a[]=1", "c=1", "a=%FF", "a=%C3", "%FF=1"] {
            assert!(parse(body).is_err(), "{body}");
        }
        let many: Vec<String> = (0..100).map(|at| format!("f{at}=1")).collect();
        assert!(parse(&many.join("&")).is_err());
    }
}
