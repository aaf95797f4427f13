//! The reading end of an edge.

use std::fmt;
use std::mem;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::connect::{Accept, InputControl, InputHandle, Late, OwnControl, Wire};
#[cfg(all(feature = "process", target_os = "linux"))]
use super::crossing::Far;
use super::delay::{Delay, Delayed};
use super::moment::moment;
use super::stamped::Stamped;
use super::{ActorHandle, Port, PortInfo};
use crate::message::Message;
use crate::ring::{Policy, Reader};
use crate::time::{TimedTick, Timestamp};

/// An input: reads the newest item of the output that feeds it, in place.
///
/// ```
/// # use streamlib::prelude::*;
/// # fn look(video: &mut Input<VideoFrame>) {
/// if let Some(frame) = video.latest() {
///     println!("{} × {} of tick {}", frame.width(), frame.height(), frame.tick().frame_number);
/// }
/// # }
/// ```
pub struct Input<T> {
    info: &'static PortInfo,
    /// The reader of a plain edge, and of nothing otherwise: so a read looks for no more than what is new.
    reader: Reader<Stamped<T>>,
    /// In place of it, if there is more to a read. Locked by who only asks about the input, which takes in what came;
    /// nobody ever waits for it, as an input has one owner.
    aside: Option<Box<Mutex<Aside<T>>>>,
    /// What `latest_within` found last.
    seen: Option<Seen>,
    stale: u64,
    /// Of several inputs: the connection that it is one of, if that was made at run time.
    wire: Option<Arc<Wire<T>>>,
    /// In a process of the actor's own: what comes from outside is published here.
    #[cfg(all(feature = "process", target_os = "linux"))]
    far: Far<T>,
}

/// What a look for something young has found.
#[derive(Clone, Copy)]
struct Seen {
    /// The tick of the item; `None` while nothing has come.
    published: Option<TimedTick>,
    /// The tick on which that was found first, by whose clock it is as old as the time since.
    first: TimedTick,
}

/// What an input has that is not one of a plain edge.
struct Aside<T> {
    reader: Option<Reader<Stamped<T>>>,
    /// What was overwritten before the readers that it had before had read it.
    overwritten: u64,
    /// If it can be connected while it runs.
    control: Option<OwnControl<T>>,
    /// Where `reader` came from, if by way of `control`.
    wire: Option<Arc<Wire<T>>>,
    /// If it reads late.
    delay: Option<Delay<T>>,
}

impl<T> Default for Aside<T> {
    fn default() -> Self {
        Self {
            reader: None,
            overwritten: 0,
            control: None,
            wire: None,
            delay: None,
        }
    }
}

impl<T> Aside<T> {
    /// Out of line: a read of a plain edge is to be compiled into the actor.
    #[inline(never)]
    fn latest(of: &mut Mutex<Self>) -> Option<&Stamped<T>> {
        let this = of.get_mut().unwrap_or_else(PoisonError::into_inner);
        this.rewire();
        let reader = this.reader.as_mut()?;
        match &mut this.delay {
            None => reader.latest(),
            Some(delay) => delay.latest(reader),
        }
    }

    /// Out of line, as above.
    #[inline(never)]
    fn next(of: &mut Mutex<Self>, policy: Policy) -> Option<&Stamped<T>> {
        let this = of.get_mut().unwrap_or_else(PoisonError::into_inner);
        this.rewire();
        let reader = this.reader.as_mut()?;
        match &mut this.delay {
            None => reader.next(),
            Some(delay) => delay.next(reader, policy),
        }
    }

    /// It as it is now, to be asked.
    fn now(of: &Mutex<Self>) -> MutexGuard<'_, Self> {
        let mut this = of.lock().unwrap_or_else(PoisonError::into_inner);
        this.rewire();
        this
    }

    fn has_new(&mut self) -> bool {
        let Some(reader) = &mut self.reader else {
            return false;
        };
        match &mut self.delay {
            None => reader.has_new(),
            Some(delay) => delay.has_new(reader),
        }
    }

    fn has_ended(&mut self) -> bool {
        let Some(reader) = &mut self.reader else {
            return false;
        };
        // Asked before the delay takes what there is, which then is the last.
        let is_closed = is_over(reader);
        match &mut self.delay {
            None => is_closed,
            Some(delay) => is_closed && !delay.is_to_come(reader),
        }
    }

    /// Takes the newest of the readers that came, if any came, and lets go of one that was cut.
    fn rewire(&mut self) {
        let control = self.control.as_ref();
        if let Some(control) = control.filter(|control| control.has_changed()) {
            let before = self.overwritten();
            let mut is_another = false;
            while let Some(wire) = control.next() {
                let reader = wire.take();
                // The wire first: what the reader before lets go of may panic.
                self.wire = Some(wire);
                self.reader = reader;
                is_another = true;
            }
            if self.wire.as_ref().is_some_and(|wire| wire.is_cut()) {
                (self.reader, self.wire) = (None, None);
                is_another = true;
            }
            if is_another {
                self.overwritten = before;
            }
        }
    }

    /// What was overwritten before it was read, by this reader and those before it.
    fn overwritten(&self) -> u64 {
        self.overwritten + self.reader.as_ref().map_or(0, Reader::overwritten)
    }
}

/// An item that is being read, in place: it stays as it is until the input is read again.
pub struct Lease<'a, T> {
    value: &'a T,
    tick: TimedTick,
}

impl<T> Lease<'_, T> {
    /// The tick that it was published with.
    #[inline]
    #[must_use]
    pub fn tick(&self) -> TimedTick {
        self.tick
    }
}

impl<T> Deref for Lease<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Lease<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("tick", &self.tick)
            .field("value", self.value)
            .finish()
    }
}

#[inline]
fn lease<T>(stamped: &Stamped<T>) -> Lease<'_, T> {
    Lease {
        // SAFETY: what is read was published, and `Output` publishes no slot before an item is in it.
        value: unsafe { stamped.item_unchecked() },
        tick: stamped.tick(),
    }
}

/// Whether what a reader reads has ended, for who works on the tick of this thread.
fn is_over<T>(reader: &Reader<Stamped<T>>) -> bool {
    reader.is_closed()
        && match (reader.closed_on(), moment()) {
            (Some(end), Some(now)) => end.is_over_on(now),
            _ => true,
        }
}

impl<T> Input<T> {
    /// The newest item, also when it has been read before; `None` before the first.
    #[inline(always)] // else it may be a call around the reader's own
    pub fn latest(&mut self) -> Option<Lease<'_, T>> {
        match self.reader.latest() {
            Some(stamped) => Some(lease(stamped)),
            None => Aside::latest(self.aside.as_deref_mut()?).map(lease),
        }
    }

    /// The newest item, if it is no older than `age` on the tick that the actor works on; `None` when
    /// its source has gone silent. How often that was is counted as `stale` in `status()`.
    ///
    /// An item of another clock is as old as the time since it was first seen here. A source from which nothing has come yet
    /// is silent since it was first asked for here; before `age` has passed from then on, there is nothing either, and it is not
    /// counted. Nor is an input that nothing feeds. An actor that nothing but
    /// the silent source ticks is silent with it, and finds nothing: who is to notice has a clock, `@ clock` in the graph, which
    /// may be that of the source. It is then ticked on every tick, right after its source.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use streamlib::prelude::*;
    /// # fn look(video: &mut Input<VideoFrame>) {
    /// match video.latest_within(Duration::from_millis(200)) {
    ///     Some(frame) => println!("{} × {}", frame.width(), frame.height()),
    ///     None => println!("no signal"),
    /// }
    /// # }
    /// ```
    pub fn latest_within(&mut self, age: Duration) -> Option<Lease<'_, T>> {
        let Some(now) = moment() else {
            return self.latest();
        };
        let published = self.latest().map(|item| item.tick);
        let since = match published {
            Some(published) if published.clock_id == now.clock_id => published.timestamp,
            None if !self.is_connected() => {
                self.seen = None;
                return None;
            }
            _ => self.first_seen(published, now),
        };
        if now.timestamp - since > age {
            self.stale += 1;
            return None;
        }
        self.latest()
    }

    /// Since when this is what there is, by the clock of the tick `now`.
    fn first_seen(&mut self, published: Option<TimedTick>, now: TimedTick) -> Timestamp {
        let is_same =
            |seen: &Seen| seen.published == published && seen.first.clock_id == now.clock_id;
        let first = now;
        let seen = self
            .seen
            .filter(is_same)
            .unwrap_or(Seen { published, first });
        self.seen = Some(seen);
        seen.first.timestamp
    }

    /// An item that has not been read yet: the newest, or on an `every` input the oldest.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "the item borrows the input")]
    pub fn next(&mut self) -> Option<Lease<'_, T>> {
        match self.reader.next() {
            Some(stamped) => Some(lease(stamped)),
            None => Aside::next(self.aside.as_deref_mut()?, self.info.policy).map(lease),
        }
    }

    /// Whether there is an item that has not been read yet: whether [`next`](Self::next) would give one now.
    #[must_use]
    pub fn has_new(&self) -> bool {
        match &self.aside {
            None => self.reader.has_new(),
            Some(aside) => Aside::now(aside).has_new(),
        }
    }

    /// Whether an output feeds it.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        match &self.aside {
            None => self.reader.is_of_a_ring(),
            Some(aside) => Aside::now(aside).reader.is_some(),
        }
    }

    /// Whether the actor that feeds it has ended, so that nothing will come on later ticks.
    ///
    /// That holds from the tick after the one on which it ended, and on every later one. On the tick itself, on which
    /// what it published last arrives, it has not ended yet, whether or not it is closed already while this
    /// actor works: so a virtual clock gives the same answers on every run. Who reads it on ticks of another clock
    /// hears of the end as soon as it has come. Behind a `delay` the end comes as late as the last item.
    ///
    /// What the actor published last may still be unread: [`has_new`](Self::has_new) says.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        match &self.aside {
            None => is_over(&self.reader),
            Some(aside) => Aside::now(aside).has_ended(),
        }
    }

    /// How many items were overwritten before they were read.
    #[must_use]
    pub fn overwritten(&self) -> u64 {
        match &self.aside {
            None => self.reader.overwritten(),
            Some(aside) => Aside::now(aside).overwritten(),
        }
    }

    fn aside(&mut self) -> &mut Aside<T> {
        let aside = self.aside.get_or_insert_default();
        let aside = aside.get_mut().unwrap_or_else(PoisonError::into_inner);
        if self.reader.is_of_a_ring() {
            aside.reader = Some(mem::replace(&mut self.reader, Reader::of_nothing()));
        }
        aside
    }

    fn control(&mut self) -> &Arc<InputControl<T>> {
        self.aside()
            .control
            .get_or_insert_with(|| OwnControl::new(Arc::default()))
    }

    fn delay(&mut self, delay: Option<Delayed<T>>) {
        if let Some(delay) = delay {
            self.aside().delay = Some(Delay::new(delay));
        }
    }

    /// What is fixed about it, its reader, and what feeds that from outside.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(super) fn ends(&mut self) -> (&'static PortInfo, &mut Reader<Stamped<T>>, &mut Far<T>) {
        (self.info, &mut self.reader, &mut self.far)
    }

    /// One of several inputs, connected at run time.
    pub(super) fn of(info: &'static PortInfo, wire: Arc<Wire<T>>) -> Self {
        let mut input = Self::one_of(info, wire.take(), None, None);
        input.wire = Some(wire);
        input
    }

    /// Whether it is one of several, and was disconnected.
    pub(super) fn is_cut(&self) -> bool {
        self.wire.as_ref().is_some_and(|wire| wire.is_cut())
    }

    /// One of several inputs, connected now or later.
    pub(super) fn one_of(
        info: &'static PortInfo,
        reader: Option<Reader<Stamped<T>>>,
        control: Option<Arc<InputControl<T>>>,
        delay: Option<Delayed<T>>,
    ) -> Self {
        let mut input = Self::declare(info);
        if let Some(reader) = reader {
            input.reader = reader;
        }
        if let Some(control) = control {
            input.aside().control = Some(OwnControl::new(control));
        }
        input.delay(delay);
        input
    }
}

impl<T: Message> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input<{}> {}", T::NAME, self.info.name)
    }
}

impl<T> Port for Input<T> {
    type Handle = InputHandle<T>;

    fn declare(info: &'static PortInfo) -> Self {
        Self {
            info,
            reader: Reader::of_nothing(),
            aside: None,
            seen: None,
            stale: 0,
            wire: None,
            #[cfg(all(feature = "process", target_os = "linux"))]
            far: Far::default(),
        }
    }

    fn handle(&mut self, actor: &ActorHandle) -> InputHandle<T> {
        InputHandle::new(self.info, self.control(), actor)
    }

    fn overwritten(&self) -> u64 {
        Self::overwritten(self)
    }

    fn stale(&self) -> u64 {
        self.stale
    }
}

impl<T> Accept<T> for Input<T> {
    fn info(&self) -> &'static PortInfo {
        self.info
    }

    fn accept(&mut self, reader: Reader<Stamped<T>>, delay: Option<Delayed<T>>) {
        self.reader = reader;
        if self.aside.is_some() {
            self.aside();
        }
        self.delay(delay);
    }

    fn later(&mut self, delay: Option<Delayed<T>>) -> Late<T> {
        let late = Late::new(self.info, self.control(), delay.as_ref());
        self.delay(delay);
        late
    }
}

#[cfg(test)]
mod tests {
    use super::super::set_moment;
    use super::*;
    use crate::actor::Output;
    use crate::message::DataMessage;
    use crate::time::ClockId;

    static PORT: PortInfo = PortInfo {
        name: "number",
        index: 0,
        payload: "",
        doc: "",
        required: false,
        policy: Policy::Latest,
        slots: 0,
    };

    #[test]
    fn how_old_an_item_of_another_clock_is_begins_anew_with_the_clock_of_the_actor() {
        let mut output = Output::<DataMessage<u64>>::declare(&PORT);
        let mut input = Input::declare(&PORT);
        for reader in output.open(&[(Policy::Latest, 0)], 0) {
            input.accept(reader, None);
        }
        let at = |clock_id, millis| TimedTick {
            timestamp: Timestamp::from_nanos(millis * 1_000_000),
            frame_number: millis,
            clock_id,
        };
        output.send(DataMessage::new(7), at(ClockId::new_unique(), 0));
        let mut is_young = |clock, millis| {
            set_moment(at(clock, millis));
            let age = Duration::from_millis(100);
            input.latest_within(age).is_some()
        };
        for begin in [1_000_000, 0, 500_000] {
            let clock = ClockId::new_unique();
            assert!(is_young(clock, begin) && is_young(clock, begin + 100));
            assert!(!is_young(clock, begin + 101));
        }
    }
}
