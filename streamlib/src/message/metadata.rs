//! What is known of a frame beside its pixels.

use std::borrow::Cow;

/// Named values that travel with a frame: the source's name, a camera's position, a cue.
///
/// It is made once and shared: frames hold it by reference count, and it is not changed while they do.
///
/// ```
/// use streamlib::message::{Metadata, Value};
///
/// let metadata = Metadata::new().with("source", "camera 1").with("zoom", 2.5);
/// assert_eq!(metadata.get("source"), Some(&Value::Text("camera 1".into())));
/// assert_eq!(metadata.get("zoom"), Some(&Value::Float(2.5)));
/// assert_eq!(metadata.get("iris"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct Metadata {
    entries: Vec<(Cow<'static, str>, Value)>, // few, in the order they were given
}

/// A value in [`Metadata`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(Cow<'static, str>),
    /// Bytes, as they came: ancillary data, a user-data unit.
    Bytes(Vec<u8>),
}

impl Metadata {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// This, and `value` under `name` in place of what was there.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Puts `value` under `name`, in place of what was there.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.entries.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.entries.push((name, value)),
        }
    }

    /// The value under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// All names and values, in the order in which the names were first given.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.iter().map(|(name, value)| (&**name, value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_value_and_keeps_its_place() {
        let metadata = Metadata::new().with("a", 1).with("b", true).with("a", 2);
        let all: Vec<_> = metadata.iter().collect();
        assert_eq!(all, [("a", &Value::Int(2)), ("b", &Value::Bool(true))]);
    }
}
