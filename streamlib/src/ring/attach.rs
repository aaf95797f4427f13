//! Readers that come while the ring is in use.

use std::fmt;

use super::place::Place;
use super::shared::Shared;
use super::{Policy, Reader};
use crate::sync::{Arc, Ordering};
use crate::{Error, Result};

/// Attaches readers to a ring while it is in use. Cloning it is one reference count.
///
/// It keeps the slots alive, as a reader does.
pub struct Attach<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Attach<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Self { shared }
    }

    /// A new reader, which gets what is published from now on. The writer is not held up, and learns
    /// of it at its next publish. Allocates a little, as this is not done for every frame.
    ///
    /// If the writer is gone already, the reader [is closed](Reader::is_closed) from the start.
    ///
    /// # Errors
    /// When the ring has no room left: each reader takes as many of the [spare
    /// places](super::RingBuilder::spare) as its policy is deep (`Latest`: 1), and gives them back when
    /// it is dropped, as do the readers that the ring was built with. A depth of 0 is an error too.
    ///
    /// ```
    /// use streamlib::ring::{Policy, Ring};
    ///
    /// let (mut writer, mut readers) = Ring::builder().reader(Policy::Latest).spare(1).build::<u32>()?;
    /// let attach = writer.attach_point();
    /// let mut late = attach.attach(Policy::Latest)?;
    /// assert!(attach.attach(Policy::Latest).is_err());
    /// writer.write(5);
    /// assert_eq!(late.latest(), readers[0].latest());
    /// drop(late);
    /// assert!(attach.attach(Policy::Latest).is_ok());
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    pub fn attach(&self, policy: Policy) -> Result<Reader<T>> {
        self.attach_or(policy, |NoRoom { depth, free, total }| {
            format!(
                "no room on this ring for a reader of depth {depth}: of its places for readers {free} of {total} are \
                 free; drop a reader, or reserve more with `spare` when the ring is built",
            )
        })
    }

    /// The same, where `told` says that there is no room.
    pub(crate) fn attach_or(
        &self,
        policy: Policy,
        told: impl FnOnce(NoRoom) -> String,
    ) -> Result<Reader<T>> {
        let depth = policy.depth();
        check_depth(depth)?;
        // Acquire: pairs with the Release in the reader's drop, so that the writer, which acquires the
        // push below, sees that reader as gone and never more readers than there are slots for.
        // Relaxed on failure: only the number is used.
        let taken = self
            .shared
            .free
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |free| {
                free.checked_sub(depth)
            });
        if let Err(free) = taken {
            let total = self.shared.total;
            return Err(Error::graph(told(NoRoom { depth, free, total })));
        }
        // Relaxed: a number to show.
        self.shared.readers.fetch_add(1, Ordering::Relaxed);
        let place = Place::new(depth);
        self.shared.joining.push(place.clone());
        Ok(Reader::new(self.shared.clone(), place))
    }

    /// How many more readers of [`Policy::Latest`] can be attached at this moment.
    #[must_use]
    pub fn free(&self) -> usize {
        // Relaxed: a number to show.
        self.shared.free.load(Ordering::Relaxed)
    }
}

/// What a reader found that a ring had no room for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoRoom {
    /// How deep it is.
    pub(crate) depth: usize,
    /// How much of that there is room for, and would be without any reader.
    pub(crate) free: usize,
    pub(crate) total: usize,
}

/// An error unless a reader can be `depth` deep.
pub(super) fn check_depth(depth: usize) -> Result<()> {
    if depth == 0 {
        return Err(Error::invalid(
            "depth of an `every` reader",
            depth,
            "1 or more: how many unread items the ring keeps for it",
        ));
    }
    Ok(())
}

impl<T> Clone for Attach<T> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<T> fmt::Debug for Attach<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attach")
            .field("free", &self.free())
            .finish_non_exhaustive()
    }
}
