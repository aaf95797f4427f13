//! A field that does not cross to another process.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value of an actor's own, which stays behind when the actor goes to another process, and begins there as
/// `T::default()`: a device that `on_start` opens, a table that it reckons.
///
/// It is used as a `T`. Where an actor has one, it can run on any dispatcher:
///
/// ```
/// use streamlib::prelude::*;
/// use streamlib::process::Local;
///
/// /// Counts what it has seen, wherever it is.
/// #[actor(new = assemble)]
/// struct Count {
///     #[input]
///     video: Input<VideoFrame>,
///     seen: Local<Vec<std::time::Instant>>, // which serde does not know
/// }
///
/// impl Count {
///     fn new() -> Self {
///         Self::assemble(Local::default())
///     }
/// }
///
/// impl Actor for Count {
///     async fn process(&mut self, _tick: TimedTick) -> Result<()> {
///         if self.video.next().is_some() {
///             self.seen.push(std::time::Instant::now());
///         }
///         Ok(())
///     }
/// }
/// # let _ = Count::new();
/// ```
#[derive(Clone, Default)]
pub struct Local<T>(T);

impl<T> Local<T> {
    /// Holds `value`, for as long as the actor stays in this process.
    pub const fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for Local<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Local<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Local<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> Serialize for Local<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de, T: Default> Deserialize<'de> for Local<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer)?;
        Ok(Self::default())
    }
}
