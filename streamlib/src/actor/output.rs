//! The writing end of an edge: one ring, whoever reads it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use super::moment::end;
use super::stamped::Stamped;
use super::{ActorHandle, Port, PortInfo};
use crate::message::Message;
use crate::ring::{Attach, MAX_SLOTS, Policy, Reader, Ring, SlotMut, Writer};
use crate::time::TimedTick;

/// How many items the readers of an output that is wired at run time may keep together. Memory that an item holds on to is
/// there only once that many are kept; where the items themselves are large, there is room for fewer.
const fn run_time_room<T>() -> usize {
    if size_of::<T>() <= 16 << 10 { 64 } else { 8 }
}

/// An output: publishes items, of which every reader gets the newest.
///
/// Publishing never waits and never fails, also when nobody reads.
///
/// ```
/// # use streamlib::prelude::*;
/// # fn show(video: &mut Output<VideoFrame>, level: &mut Output<DataMessage<f64>>, tick: TimedTick) -> Result<()> {
/// // In place, in a slot whose memory is used again and again:
/// let mut frame = video.slot();
/// frame.reset(PixelFormat::Rgb8, 64, 36)?;
/// frame.pixels_mut().fill(128);
/// frame.publish(tick);
///
/// // Or a value that is there already:
/// level.send(DataMessage::new(0.5), tick);
/// # Ok(())
/// # }
/// ```
pub struct Output<T> {
    info: &'static PortInfo,
    /// Of a ring that nobody reads, until it is connected: so publishing looks for nothing.
    writer: Writer<Stamped<T>>,
    /// Where its ring comes from, if others build that before the actor starts.
    late: Option<LateWriter<T>>,
    /// In a process of the actor's own: what it publishes is read here, to be sent on.
    #[cfg(all(feature = "process", target_os = "linux"))]
    near: Option<Reader<Stamped<T>>>,
}

/// A slot of an output's ring that is being filled; dropping it publishes nothing.
///
/// It starts out as whatever the slot held some ticks ago.
pub struct Slot<'a, T> {
    slot: SlotMut<'a, Stamped<T>>,
}

impl<T> Output<T> {
    /// The next slot, to be filled in place and published.
    #[inline]
    pub fn slot(&mut self) -> Slot<'_, T>
    where
        T: Message + Default,
    {
        let mut slot = self.writer.slot();
        slot.item_mut(T::default);
        Slot { slot }
    }

    /// Publishes `value`.
    #[inline(always)] // else it is written where the call wants it, and read back before it has arrived
    pub fn send(&mut self, mut value: T, tick: TimedTick)
    where
        T: Message,
    {
        value.stamp(tick);
        self.send_stamped(value, tick);
    }

    #[inline(always)] // as above
    pub(crate) fn send_stamped(&mut self, value: T, tick: TimedTick) {
        let mut slot = self.writer.slot();
        slot.put(value, tick);
        slot.publish();
    }

    /// How many inputs read it.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.writer.readers()
    }

    /// A ring for these readers, in place of any before.
    pub(crate) fn open(&mut self, readers: &[ReaderSpec], spare: usize) -> Vec<Reader<Stamped<T>>> {
        let (writer, readers) = ring(readers, spare);
        self.writer = writer;
        readers
    }

    pub(crate) fn info(&self) -> &'static PortInfo {
        self.info
    }

    /// Where what it publishes is read to be sent on; made on the first call.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(super) fn near(&mut self, policy: Policy) -> &mut Option<Reader<Stamped<T>>> {
        if self.near.is_none() {
            self.near = self.open(&[(policy, 0)], 0).pop();
        }
        &mut self.near
    }

    /// Takes its ring from somebody who builds it before the actor starts.
    pub(crate) fn later(&mut self) -> LateWriter<T> {
        let late = LateWriter::default();
        self.late = Some(late.clone());
        late
    }

    #[cold]
    #[inline(never)]
    fn take_late(&mut self) {
        if let Some(writer) = self.late.take().and_then(|late| late.take()) {
            self.writer = writer;
        }
    }
}

/// A ring whose readers were not all known when its output went into a task.
#[doc(hidden)]
pub struct LateWriter<T>(Arc<Mutex<Option<Writer<Stamped<T>>>>>);

impl<T> LateWriter<T> {
    pub(crate) fn set(&self, writer: Writer<Stamped<T>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
    }

    fn take(&self) -> Option<Writer<Stamped<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for LateWriter<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for LateWriter<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// How one input reads, and how many slots it wants its ring to have at least.
pub(crate) type ReaderSpec = (Policy, usize);

/// How many slots a ring for these readers needs.
pub(crate) fn slots_for(readers: &[ReaderSpec]) -> usize {
    let depths = readers.iter().map(|(policy, _)| policy.depth());
    2_usize.saturating_add(depths.fold(0, usize::saturating_add))
}

/// A ring for these readers, and room for some that are attached while it runs.
///
/// What no ring can hold is refused when the graph starts; until then there are readers that keep less.
pub(crate) fn ring<T>(
    readers: &[ReaderSpec],
    spare: usize,
) -> (Writer<Stamped<T>>, Vec<Reader<Stamped<T>>>) {
    let fits = slots_for(readers) + spare <= MAX_SLOTS;
    let mut builder = Ring::builder().spare(spare);
    for &(policy, _) in readers {
        builder = builder.reader(if fits { policy } else { Policy::Latest });
    }
    // An unread ring still has the three slots of the smallest one.
    let needed = slots_for(readers).max(3) + spare;
    let slots = readers.iter().map(|(_, slots)| *slots).max().unwrap_or(0);
    let builder = if fits && slots > needed {
        builder.slots(slots.min(MAX_SLOTS))
    } else {
        Ok(builder)
    };
    match builder.and_then(|builder| builder.build_with(Stamped::vacant)) {
        Ok(ring) => ring,
        Err(error) => unreachable!("what a ring refuses was left out: {error}"),
    }
}

impl<T: Message> Slot<'_, T> {
    /// Publishes what is in the slot, stamped with `tick`.
    #[inline]
    pub fn publish(mut self, tick: TimedTick) {
        self.stamp(tick);
        self.slot.restamp(tick);
        self.slot.publish();
    }
}

impl<T> Deref for Slot<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match self.slot.item() {
            Some(item) => item,
            None => unreachable!("`Output::slot` fills a vacant slot"),
        }
    }
}

impl<T> DerefMut for Slot<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.slot
            .item_mut(|| unreachable!("`Output::slot` fills a vacant slot"))
    }
}

impl<T> Drop for Output<T> {
    fn drop(&mut self) {
        if let Some(tick) = end() {
            self.writer.closes_on(tick);
        }
    }
}

impl<T: Message> fmt::Debug for Output<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output<{}> {}", T::NAME, self.info.name)
    }
}

impl<T> Port for Output<T> {
    type Handle = OutputHandle<T>;

    fn declare(info: &'static PortInfo) -> Self {
        Self {
            info,
            writer: ring(&[], 1).0,
            late: None,
            #[cfg(all(feature = "process", target_os = "linux"))]
            near: None,
        }
    }

    fn handle(&mut self, actor: &ActorHandle) -> OutputHandle<T> {
        self.open(&[], run_time_room::<T>());
        OutputHandle {
            info: self.info,
            attach: self.writer.attach_point(),
            actor: actor.clone(),
        }
    }

    #[inline]
    fn take_published(&mut self) -> bool {
        if self.late.is_some() {
            self.take_late();
        }
        self.writer.take_published()
    }
}

/// An output of an actor that runs, to be connected: `(&output >> &input)?`.
pub struct OutputHandle<T> {
    pub(crate) info: &'static PortInfo,
    pub(crate) attach: Attach<Stamped<T>>,
    pub(crate) actor: ActorHandle,
}

impl<T: Message> fmt::Debug for OutputHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputHandle<{}> {}", T::NAME, self.info.name)
    }
}
