//! The writing end of an edge: one ring, whoever reads it.

use std::fmt;
use std::ops::{Deref, DerefMut};

use super::input::Wire;
use super::{ActorHandle, Port, PortInfo};
use crate::message::Message;
use crate::ring::{Attach, Policy, Ring, SlotMut, Writer};
use crate::time::{ClockId, TimedTick, Timestamp};

/// How many readers an output that is wired at run time has room for.
const RUN_TIME_READERS: usize = 8;

/// What a slot of a ring between actors holds.
#[derive(Debug)]
pub struct Stamped<T> {
    pub(crate) tick: TimedTick,
    pub(crate) value: Option<T>,
}

impl<T> Stamped<T> {
    fn vacant() -> Self {
        let tick = TimedTick {
            timestamp: Timestamp::default(),
            frame_number: 0,
            clock_id: ClockId::default(),
        };
        Self { tick, value: None }
    }
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
pub struct Output<T: Message> {
    info: &'static PortInfo,
    writer: Option<Writer<Stamped<T>>>,
    published: bool,
}

/// A slot of an output's ring that is being filled; dropping it publishes nothing.
///
/// It starts out as whatever the slot held some ticks ago.
pub struct Slot<'a, T: Message> {
    slot: SlotMut<'a, Stamped<T>>,
    published: &'a mut bool,
}

impl<T: Message> Output<T> {
    /// The next slot, to be filled in place and published.
    #[inline]
    pub fn slot(&mut self) -> Slot<'_, T>
    where
        T: Default,
    {
        let writer = self.writer.get_or_insert_with(lone_writer);
        let mut slot = writer.slot();
        slot.value.get_or_insert_with(T::default);
        Slot {
            slot,
            published: &mut self.published,
        }
    }

    /// Publishes `value`.
    #[inline(always)] // else it is written where the call wants it, and read back before it has arrived
    pub fn send(&mut self, mut value: T, tick: TimedTick) {
        value.stamp(tick);
        let writer = self.writer.get_or_insert_with(lone_writer);
        let mut slot = writer.slot();
        slot.tick = tick;
        // Dropped before, so that the new item need not wait beside it for the end of the drop.
        slot.value = None;
        slot.value = Some(value);
        slot.publish();
        self.published = true;
    }

    /// How many inputs read it.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.writer.as_ref().map_or(0, Writer::readers)
    }

    pub(crate) fn ring<const N: usize>(&mut self, policies: [(Policy, usize); N]) -> [Wire<T>; N] {
        let slots = policies.iter().map(|(_, slots)| *slots).max().unwrap_or(0);
        let mut readers = self
            .open(policies.map(|(policy, _)| policy), slots, 0)
            .into_iter();
        std::array::from_fn(|_| match readers.next() {
            Some(reader) => Wire {
                reader,
                from: self.info,
            },
            None => unreachable!("a ring has as many readers as it was built for"),
        })
    }

    /// A ring for `policies`, in place of any before.
    fn open<const N: usize>(
        &mut self,
        policies: [Policy; N],
        slots: usize,
        spare: usize,
    ) -> Vec<crate::ring::Reader<Stamped<T>>> {
        let mut builder = Ring::builder().spare(spare);
        let mut depth = 2;
        for policy in policies {
            depth += policy.depth();
            builder = builder.reader(policy);
        }
        // An unread ring still has the three slots of the smallest one.
        let needed = depth.max(3) + spare;
        let builder = if slots > needed {
            builder.slots(slots)
        } else {
            Ok(builder)
        };
        match builder.and_then(|builder| builder.build_with(Stamped::vacant)) {
            Ok((writer, readers)) => {
                self.writer = Some(writer);
                readers
            }
            Err(error) => unreachable!("#[input] accepts no policy that a ring refuses: {error}"),
        }
    }
}

/// Out of line: it is made once, and publishing is to be compiled into the actor.
#[cold]
#[inline(never)]
fn lone_writer<T>() -> Writer<Stamped<T>> {
    match Ring::builder().spare(1).build_with(Stamped::vacant) {
        Ok((writer, _)) => writer,
        Err(error) => unreachable!("a ring of one spare reader: {error}"),
    }
}

impl<T: Message> Slot<'_, T> {
    /// Publishes what is in the slot, stamped with `tick`.
    #[inline]
    pub fn publish(mut self, tick: TimedTick) {
        self.stamp(tick);
        self.slot.tick = tick;
        *self.published = true;
        self.slot.publish();
    }
}

impl<T: Message> Deref for Slot<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.slot.value {
            Some(value) => value,
            None => unreachable!("`Output::slot` fills a vacant slot"),
        }
    }
}

impl<T: Message> DerefMut for Slot<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.slot.value {
            Some(value) => value,
            None => unreachable!("`Output::slot` fills a vacant slot"),
        }
    }
}

impl<T: Message> fmt::Debug for Output<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output<{}> {}", T::NAME, self.info.name)
    }
}

impl<T: Message> Port for Output<T> {
    const PAYLOAD: &'static str = T::NAME;
    type Handle = OutputHandle<T>;

    fn declare(info: &'static PortInfo) -> Self {
        Self {
            info,
            writer: None,
            published: false,
        }
    }

    fn handle(&mut self, actor: &ActorHandle) -> OutputHandle<T> {
        self.open([], 0, RUN_TIME_READERS);
        let writer = self.writer.get_or_insert_with(lone_writer);
        OutputHandle {
            info: self.info,
            attach: writer.attach_point(),
            actor: actor.clone(),
        }
    }

    #[inline]
    fn take_published(&mut self) -> bool {
        std::mem::replace(&mut self.published, false)
    }
}

/// An output of an actor that runs, to be connected: `(&output >> &input)?`.
pub struct OutputHandle<T: Message> {
    pub(crate) info: &'static PortInfo,
    pub(crate) attach: Attach<Stamped<T>>,
    pub(crate) actor: ActorHandle,
}

impl<T: Message> fmt::Debug for OutputHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputHandle<{}> {}", T::NAME, self.info.name)
    }
}
