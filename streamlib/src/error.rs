//! The one error type: what was given, what was expected, what to do.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

/// `Result` with [`Error`] unless another error type is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in streamlib.
///
/// The message says what was given, what was expected and what to do.
///
/// ```
/// use streamlib::{Error, prelude::*};
///
/// let error = Rate::new(0, 1).unwrap_err();
/// assert!(matches!(error, Error::Invalid { .. }));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A value that was given is outside what can be worked with.
    Invalid {
        /// What the value is for: `"fps"`, `"slots"`, `"width"`.
        what: Cow<'static, str>,
        /// The value as it was given.
        given: String,
        /// What would have been accepted, and what to do.
        expected: Cow<'static, str>,
    },
    /// The actor has ended: returned from `process` by a source that has nothing more to send, or by
    /// a sink that was closed. It is no failure: the end flows downstream after the last item.
    EndOfStream,
    /// The graph cannot be started or changed as asked.
    Graph(String),
    /// Something outside the program failed: a file, a device, a display, a socket.
    Io(std::io::Error),
    /// An actor's own error.
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// An [`Error::Invalid`]: `what` was `given`, and `expected` says what to give in its place.
    pub fn invalid(
        what: impl Into<Cow<'static, str>>,
        given: impl fmt::Display,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid {
            what: what.into(),
            given: given.to_string(),
            expected: expected.into(),
        }
    }

    /// An [`Error::Graph`] that says `message`.
    pub fn graph(message: impl fmt::Display) -> Self {
        Self::Graph(message.to_string())
    }

    /// Wraps any error, so that `?` works on it: `.map_err(Error::other)?`.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// Whether this is [`Error::EndOfStream`].
    #[must_use]
    pub fn is_end_of_stream(&self) -> bool {
        matches!(self, Self::EndOfStream)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid {
                what,
                given,
                expected,
            } => {
                write!(f, "{what} is {given}; expected {expected}")
            }
            Self::EndOfStream => f.write_str("the stream has ended"),
            Self::Graph(message) => f.write_str(message),
            Self::Io(error) => write!(f, "{error}"),
            Self::Other(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Other(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Box<dyn std::error::Error + Send + Sync>> for Error {
    fn from(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Other(error)
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self::Other(message.into())
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::Other(message.into())
    }
}

/// What a panic says.
pub(crate) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic with no message".to_owned())
}
