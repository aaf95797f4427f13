//! How messages cross to another process: pixels and samples stay where they are, the rest goes by serde.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bounded::Budget;
use super::shown::Shown;
use super::{Message, Metadata};
use crate::memory::{Borrower, Buffer, Lender};
use crate::time::TimedTick;
use crate::{Error, Result};

/// What flows through a port of `Actor`, which runs in another process. (`K` is there so that this is asked only
/// where an actor is put into one.)
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross to another process",
    label = "it flows through a port of `{Actor}`, which is to run there",
    note = "write `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}`, or run `{Actor}` on `threads`"
)]
pub trait Crosses<Actor, K>: Sized {
    /// Writes it down; what is large is lent.
    fn write(&self, to: &mut Writing<'_>) -> Result<()>;
    /// Reads what another process has written, and believes none of it.
    fn read(from: &mut Reading<'_>) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Message + Serialize + DeserializeOwned, A, K> Crosses<A, K> for T {
    fn write(&self, to: &mut Writing<'_>) -> Result<()> {
        to.value(self)
    }

    fn read(from: &mut Reading<'_>) -> Result<Self> {
        from.value()
    }
}

/// A message to another process that is being written.
pub struct Writing<'a> {
    pub(crate) bytes: &'a mut Vec<u8>,
    pub(crate) lender: &'a mut Lender,
    pub(crate) shown: &'a mut Shown,
    /// The other side has seen nothing yet, or missed what was read for it last: the latest items are written again.
    pub(crate) is_fresh: bool,
}

/// A message from another process that is being read. Its bytes are a copy that only this process has.
pub struct Reading<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) borrower: &'a mut Borrower,
    pub(crate) remembered: &'a mut Remembered,
    pub(crate) shown: &'a Shown,
    pub(crate) budget: Budget,
}

/// The metadata that came last: most frames have the same, and none of them is to allocate.
#[derive(Default)]
pub(crate) struct Remembered {
    bytes: Vec<u8>,
    metadata: Option<Arc<Metadata>>,
}

/// What stands in a message for memory that was lent.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Lent {
    number: u8,
    len: u64,
}

impl Writing<'_> {
    /// Writes a value.
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        encode(value, self.bytes)
    }

    /// Writes a tick, which the other side is shown by that.
    pub(crate) fn tick(&mut self, tick: TimedTick) -> Result<()> {
        self.shown.show(tick);
        self.value(&tick)
    }

    /// Lends memory; none if there is none.
    pub(super) fn lend(&mut self, buffer: &Buffer) -> Result<Option<Lent>> {
        if buffer.is_empty() {
            return Ok(None);
        }
        Ok(Some(Lent {
            number: self.lender.lend(buffer)?,
            len: buffer.len() as u64,
        }))
    }
}

impl Reading<'_> {
    /// Reads a value.
    pub(crate) fn value<T: DeserializeOwned>(&mut self) -> Result<T> {
        let (value, rest) = self.budget.read(self.bytes)?;
        self.bytes = rest;
        Ok(value)
    }

    /// Reads the tick of an item.
    pub(crate) fn tick(&mut self) -> Result<TimedTick> {
        let tick = self.value()?;
        Ok(self.shown.or_last(tick))
    }

    /// Reads metadata, or knows it by its bytes.
    pub(super) fn metadata(&mut self) -> Result<Arc<Metadata>> {
        let known = &mut *self.remembered;
        if let (Some(metadata), Some(rest)) =
            (&known.metadata, self.bytes.strip_prefix(&known.bytes[..]))
        {
            // What begins with all of its bytes is read as the same.
            self.bytes = rest;
            return Ok(Arc::clone(metadata));
        }
        let before = self.bytes;
        let (metadata, rest) = self.budget.read(before)?;
        self.bytes = rest;
        let read = before.len() - rest.len();
        known.bytes.clear();
        known.bytes.extend_from_slice(&before[..read]);
        let metadata = Arc::new(metadata);
        known.metadata = Some(Arc::clone(&metadata));
        Ok(metadata)
    }

    /// Takes memory that was lent, of which `len` bytes are to be there.
    pub(super) fn borrow(&mut self, lent: Option<Lent>, len: usize) -> Result<Buffer> {
        match lent {
            None if len == 0 => Ok(Buffer::empty()),
            Some(lent) if lent.len == len as u64 => self.borrower.take(lent.number, len),
            _ => Err(Error::other(format!(
                "a message of {len} bytes came with others"
            ))),
        }
    }
}

/// Appends a value's bytes.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T, to: &mut Vec<u8>) -> Result<()> {
    /// Where postcard puts what it makes.
    struct Append<'a>(&'a mut Vec<u8>);

    impl postcard::ser_flavors::Flavor for Append<'_> {
        type Output = ();

        fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
            self.0.push(byte);
            Ok(())
        }

        fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }

        fn finalize(self) -> postcard::Result<()> {
            Ok(())
        }
    }

    postcard::serialize_with_flavor(value, Append(to))
        .map_err(|error| Error::other(format!("it cannot be written down by serde: {error}")))
}
