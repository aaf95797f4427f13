//! Building a ring: who reads it, how, and how many slots that takes.

use super::attach::check_depth;
use super::place::Place;
use super::shared::Shared;
use super::word::MAX_SLOTS;
use super::{Policy, Reader, Writer};
use crate::{Error, Result};

/// A ring, to be built: [`Ring::builder`].
#[derive(Clone, Copy, Debug)]
pub enum Ring {}

impl Ring {
    /// A ring with no reader yet.
    pub fn builder() -> RingBuilder {
        RingBuilder::default()
    }
}

/// A ring of one [`Policy::Latest`] reader for each `N`, with `N` + 2 slots.
///
/// ```
/// let (mut writer, [mut left, mut right]) = streamlib::ring::latest::<String, 2>();
/// writer.write("bars".into());
/// assert_eq!(left.latest(), right.latest());
/// ```
#[must_use]
pub fn latest<T: Default, const N: usize>() -> (Writer<T>, [Reader<T>; N]) {
    const {
        assert!(
            N >= 1 && N + 2 <= MAX_SLOTS,
            "a ring has at least one reader, and at most 4094"
        )
    };
    let (writer, mut readers) = assemble(N + 2, N, &[1; N], T::default);
    let mut next = readers.drain(..);
    (
        writer,
        std::array::from_fn(|_| next.next().expect("one reader a depth")),
    )
}

/// Says who reads a ring before it is built.
///
/// A ring has 2 slots and one for every reader, or for an [every](Policy::Every) reader as many as
/// it is deep; the same for the [`spare`](Self::spare) places.
///
/// ```
/// use streamlib::ring::{Policy, Ring};
///
/// // 2 + 1 + 4 + 3 slots
/// let (mut writer, readers) = Ring::builder()
///     .reader(Policy::Latest)
///     .reader(Policy::Every { depth: 4 })
///     .spare(3)
///     .build_with(|| vec![0_u8; 1 << 16])?;
/// writer.slot().publish();
/// assert_eq!(readers.len(), 2);
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a ring is made by `build` or `build_with`"]
pub struct RingBuilder {
    readers: Vec<Policy>,
    spare: usize,
    slots: Option<usize>,
}

impl RingBuilder {
    /// One more reader. The readers come out of `build` in the order in which they were named.
    pub fn reader(mut self, policy: Policy) -> Self {
        self.readers.push(policy);
        self
    }

    /// `n` more readers of [`Policy::Latest`].
    pub fn readers(mut self, n: usize) -> Self {
        self.readers.extend(std::iter::repeat_n(Policy::Latest, n));
        self
    }

    /// Room for `n` more readers to be [attached](super::Attach) while the ring is in use, counted in
    /// `Latest` readers; an every reader takes as many as it is deep.
    pub fn spare(mut self, n: usize) -> Self {
        self.spare = n;
        self
    }

    /// The number of slots, in place of the number needed. More than needed are never touched.
    ///
    /// # Errors
    /// Fewer than 3: a writer and a reader each work in one, and one carries the newest item between
    /// them. (Fewer than these readers need is an error when the ring is built.)
    pub fn slots(mut self, n: usize) -> Result<Self> {
        if n < 3 {
            return Err(Error::invalid(
                "slots of a ring",
                n,
                "3 or more: one to write, one to read, one that carries the newest item between them",
            ));
        }
        self.slots = Some(n);
        Ok(self)
    }

    /// Builds the ring with `T::default()` in its slots.
    ///
    /// # Errors
    /// As [`build_with`](Self::build_with).
    pub fn build<T: Default>(self) -> Result<(Writer<T>, Vec<Reader<T>>)> {
        self.build_with(T::default)
    }

    /// Builds the ring, with what `item` makes in its slots: nobody reads these, they are the memory
    /// that the first items are written into.
    ///
    /// # Errors
    /// No reader and no spare place; a depth of 0; [`slots`](Self::slots) below what the readers
    /// need; more than 4096 slots.
    pub fn build_with<T>(self, item: impl FnMut() -> T) -> Result<(Writer<T>, Vec<Reader<T>>)> {
        let Self {
            readers,
            spare,
            slots,
        } = self;
        if readers.is_empty() && spare == 0 {
            return Err(Error::invalid(
                "readers of a ring",
                0,
                "1 or more, or spare places to attach them",
            ));
        }
        let depths: Vec<usize> = readers.iter().map(|policy| policy.depth()).collect();
        depths.iter().try_for_each(|&depth| check_depth(depth))?;
        let total = depths
            .iter()
            .fold(spare, |sum, &depth| sum.saturating_add(depth));
        let needed = total.saturating_add(2);
        let slots = slots.unwrap_or(needed);
        if slots < needed {
            return Err(Error::invalid(
                "slots of a ring",
                slots,
                format!("{needed} or more: 2, and the depths of its readers and spare places"),
            ));
        }
        if slots > MAX_SLOTS {
            return Err(Error::invalid(
                "slots of a ring",
                slots,
                format!(
                    "at most {MAX_SLOTS}: give its readers smaller depths, or fewer spare places"
                ),
            ));
        }
        Ok(assemble(slots, total, &depths, item))
    }
}

/// `slots` are at least `total` + 2, and `total` at least the sum of `depths`.
fn assemble<T>(
    slots: usize,
    total: usize,
    depths: &[usize],
    mut item: impl FnMut() -> T,
) -> (Writer<T>, Vec<Reader<T>>) {
    let items = (0..slots).map(|_| item()).collect();
    let free = total - depths.iter().sum::<usize>();
    let shared = Shared::new(items, total, free, depths.len());
    let places: Vec<_> = depths.iter().map(|&depth| Place::new(depth)).collect();
    let writer = Writer::new(shared.clone(), &places);
    let readers = places
        .into_iter()
        .map(|place| Reader::new(shared.clone(), place))
        .collect();
    (writer, readers)
}
