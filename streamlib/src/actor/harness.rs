//! Ticks one actor with no runtime, no clock and no threads: what an actor's own tests use.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use super::{Accept, Actor, Input, Lease, OnError, Output, Port, PortInfo, set_moment};
use crate::Result;
use crate::message::Message;
use crate::ring::Policy;
use crate::time::{ClockId, Rate, TimedTick, Timestamp};

static PORT: PortInfo = PortInfo {
    name: "harness",
    index: 0,
    payload: "",
    doc: "",
    required: false,
    policy: Policy::Latest,
    slots: 0,
};

/// One actor, ticked by hand.
///
/// ```
/// use streamlib::prelude::*;
/// use streamlib::actor::Harness;
///
/// let mut harness = Harness::new(TestPattern::new(Pattern::White).size(8, 8))?;
/// let mut video = harness.probe(|pattern| &mut pattern.video);
///
/// harness.tick()?;
/// let frame = video.latest().expect("a pattern sends a frame on every tick");
/// assert!(frame.pixels().iter().all(|&byte| byte == 255));
/// # Ok::<(), streamlib::Error>(())
/// ```
#[derive(Debug)]
pub struct Harness<A> {
    actor: A,
    rate: Rate,
    clock_id: ClockId,
    next: Arc<AtomicU64>,
    started: bool,
}

/// Feeds an input of an actor in a [`Harness`].
#[derive(Debug)]
pub struct Source<T: Message> {
    output: Output<T>,
    next: Arc<AtomicU64>,
    rate: Rate,
    clock_id: ClockId,
}

/// Reads an output of an actor in a [`Harness`].
#[derive(Debug)]
pub struct Probe<T: Message>(Input<T>);

impl<A: Actor + 'static> Harness<A> {
    /// Takes `actor`, and ticks it at 60 fps of its own time. `on_start` runs before the first tick.
    ///
    /// # Errors
    ///
    /// What the actor's `check` finds.
    pub fn new(actor: A) -> Result<Self> {
        actor.check()?;
        Ok(Self {
            actor,
            rate: Rate::fps(60),
            clock_id: ClockId::new_unique(),
            next: Arc::default(),
            started: false,
        })
    }

    /// Connects an input: `harness.feed(|actor| &mut actor.video)`.
    pub fn feed<T: Message, I: Accept<T>>(
        &mut self,
        port: impl FnOnce(&mut A) -> &mut I,
    ) -> Source<T> {
        let port = port(&mut self.actor);
        let mut output = Output::<T>::declare(&PORT);
        let spec = (port.info().policy, port.info().slots);
        for reader in output.open(&[spec], 0) {
            port.accept(reader, None);
        }
        let Self { rate, clock_id, .. } = *self;
        Source {
            output,
            next: Arc::clone(&self.next),
            rate,
            clock_id,
        }
    }

    /// Reads an output: `harness.probe(|actor| &mut actor.video)`.
    pub fn probe<T: Message>(&mut self, port: impl FnOnce(&mut A) -> &mut Output<T>) -> Probe<T> {
        let mut input = Input::declare(&PORT);
        for reader in port(&mut self.actor).open(&[(Policy::Latest, 0)], 0) {
            input.accept(reader, None);
        }
        Probe(input)
    }

    /// Ticks the actor once, and waits on this thread until it is done.
    ///
    /// # Errors
    ///
    /// What `on_start` or `process` returns.
    pub fn tick(&mut self) -> Result<()> {
        if !self.started {
            block_on(self.actor.on_start())?;
            self.started = true;
        }
        // Relaxed: this thread is the only one that writes it.
        let frame_number = self.next.load(Ordering::Relaxed);
        self.next.store(frame_number + 1, Ordering::Relaxed);
        let tick = tick(self.rate, self.clock_id, frame_number);
        set_moment(tick);
        block_on(self.actor.process(tick))
    }

    /// Ticks the actor `ticks` times.
    ///
    /// # Errors
    ///
    /// The first that `tick` returns.
    pub fn run(&mut self, ticks: u64) -> Result<()> {
        (0..ticks).try_for_each(|_| self.tick())
    }

    /// Runs `on_stop` and gives the actor back.
    ///
    /// # Errors
    ///
    /// What `on_stop` returns.
    pub fn stop(mut self) -> Result<A> {
        block_on(self.actor.on_stop())?;
        Ok(self.actor)
    }

    /// What happens after an error in `process`, in a graph; here `tick` returns it.
    #[must_use]
    pub fn on_error(&self) -> OnError {
        A::INFO.on_error
    }
}

impl<A> std::ops::Deref for Harness<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.actor
    }
}

impl<A> std::ops::DerefMut for Harness<A> {
    fn deref_mut(&mut self) -> &mut A {
        &mut self.actor
    }
}

fn tick(rate: Rate, clock_id: ClockId, frame_number: u64) -> TimedTick {
    let timestamp = Timestamp::default() + rate.time_of(frame_number);
    TimedTick {
        timestamp,
        frame_number,
        clock_id,
    }
}

impl<T: Message> Source<T> {
    /// Publishes `value`, to be read on the next tick.
    pub fn send(&mut self, value: T) {
        // Relaxed: one number, read on its own.
        let frame_number = self.next.load(Ordering::Relaxed);
        self.output
            .send(value, tick(self.rate, self.clock_id, frame_number));
    }
}

impl<T: Message> Probe<T> {
    /// The newest item that the actor has published.
    pub fn latest(&mut self) -> Option<Lease<'_, T>> {
        self.0.latest()
    }

    /// The newest item, if it has not been looked at yet.
    pub fn fresh(&mut self) -> Option<Lease<'_, T>> {
        self.0.next()
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread, which sleeps while the future waits.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
