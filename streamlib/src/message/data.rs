//! Any value as a message.

use std::ops::{Deref, DerefMut};

use super::Message;

/// A message that holds a `T`, and is used as one.
///
/// ```
/// use streamlib::message::DataMessage;
///
/// let mut level = DataMessage::new(0.5_f64);
/// *level += 0.25;
/// assert_eq!(level.sqrt(), 0.75_f64.sqrt());
/// assert_eq!(level.into_inner(), 0.75);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct DataMessage<T>(T);

impl<T> DataMessage<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: Send + Sync + 'static> Message for DataMessage<T> {
    const NAME: &'static str = "DataMessage";
}

impl<T> Deref for DataMessage<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for DataMessage<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for DataMessage<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
