//! Which of the streams of the simulated card works next: any that the events allow, by lot.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::gpu::Handle;
use crate::{Error, Result};

/// In so many pieces a kernel or a copy is done, so that others come between.
const PIECES: usize = 4;

/// One of the pieces of a piece of work.
#[derive(Clone, Copy, Debug)]
pub(in crate::gpu) struct Piece(usize);

impl Piece {
    /// Where it begins and ends in work on `len` things.
    pub fn of(self, len: usize) -> (usize, usize) {
        (len * self.0 / PIECES, len * (self.0 + 1) / PIECES)
    }
}

/// What a kernel or a copy does.
#[derive(Clone)]
pub(in crate::gpu) struct Work(Arc<dyn Fn(Piece) + Send + Sync>);

impl Work {
    pub fn new(work: impl Fn(Piece) + Send + Sync + 'static) -> Self {
        Self(Arc::new(work))
    }
}

/// What is put into a stream.
enum Step {
    Work(Work, usize),
    Record(Arc<Times>, u64),
    Wait(Arc<Times>, u64),
    Notify(Box<dyn FnOnce() + Send>),
}

/// How often an event was recorded, and up to which of these it is done. Changed and read under the schedule's lock.
#[derive(Default)]
struct Times {
    recorded: AtomicU64,
    done: AtomicU64,
}

impl Times {
    fn is_done(&self, time: u64) -> bool {
        // Relaxed: under the lock.
        self.done.load(Ordering::Relaxed) >= time
    }

    fn last(&self) -> u64 {
        // Relaxed: under the lock.
        self.recorded.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Queue {
    steps: VecDeque<Step>,
    captured: Option<Result<Vec<Work>>>,
    has_ended: bool,
}

struct State {
    streams: HashMap<u64, Queue>,
    events: HashMap<u64, Arc<Times>>,
    graphs: HashMap<u64, Vec<Work>>,
    handles: u64,
    random: u64,
    has_stopped: bool,
    has_failed: bool,
    refuses_records: bool,
}

/// The streams of a simulated card.
pub(in crate::gpu) struct Schedule {
    state: Mutex<State>,
    changed: Condvar,
    by_hand: bool,
}

impl Schedule {
    pub fn new(seed: u64, by_hand: bool) -> Self {
        Self {
            state: Mutex::new(State {
                streams: HashMap::new(),
                events: HashMap::new(),
                graphs: HashMap::new(),
                handles: 0,
                random: seed,
                has_stopped: false,
                has_failed: false,
                refuses_records: false,
            }),
            changed: Condvar::new(),
            by_hand,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn stream(&self) -> Handle {
        let mut state = self.state();
        let handle = state.handle();
        state.streams.insert(handle.0, Queue::default());
        handle
    }

    pub fn end_stream(&self, stream: Handle) {
        let mut state = self.state();
        let is_idle = match state.streams.get_mut(&stream.0) {
            Some(queue) => {
                queue.has_ended = true;
                queue.steps.is_empty()
            }
            None => false,
        };
        if is_idle {
            state.streams.remove(&stream.0);
        }
    }

    pub fn event(&self) -> Handle {
        let mut state = self.state();
        let handle = state.handle();
        state.events.insert(handle.0, Arc::default());
        handle
    }

    pub fn end_event(&self, event: Handle) {
        self.state().events.remove(&event.0);
    }

    pub fn record(&self, event: Handle, stream: Handle) -> Result<()> {
        let mut state = self.state();
        if state.refuses_records {
            return Err(Error::graph("the simulated card takes no note of events"));
        }
        let times = state.times(event)?;
        // Relaxed: under the lock.
        let time = times.recorded.fetch_add(1, Ordering::Relaxed) + 1;
        state.put(stream, Step::Record(times, time))?;
        self.changed.notify_all();
        Ok(())
    }

    pub fn wait(&self, stream: Handle, event: Handle) -> Result<()> {
        let mut state = self.state();
        let times = state.times(event)?;
        let time = times.last();
        state.put(stream, Step::Wait(times, time))?;
        self.changed.notify_all();
        Ok(())
    }

    pub fn is_done(&self, event: Handle) -> Result<bool> {
        let state = self.state();
        let times = state.times(event)?;
        Ok(times.is_done(times.last()))
    }

    pub fn synchronize(&self, event: Handle) -> Result<()> {
        let mut state = self.state();
        let times = state.times(event)?;
        let time = times.last();
        while !times.is_done(time) {
            if self.by_hand {
                drop(state);
                if !self.step() {
                    return Err(Error::graph(
                        "what is waited for on the simulated card cannot come",
                    ));
                }
                state = self.state();
            } else {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        Ok(())
    }

    pub fn is_idle(&self, stream: Handle) -> Result<bool> {
        Ok(self.state().queue(stream)?.steps.is_empty())
    }

    /// From now on all that is asked for fails and nothing goes on, as on a card whose context has ended with an error.
    #[cfg(test)]
    pub fn fail(&self) {
        self.state().has_failed = true;
        self.changed.notify_all();
    }

    /// Whether it takes no note of events.
    #[cfg(test)]
    pub fn refuse_records(&self, refuses: bool) {
        self.state().refuses_records = refuses;
    }

    pub fn notify(&self, stream: Handle, call: Box<dyn FnOnce() + Send>) -> Result<()> {
        self.state().put(stream, Step::Notify(call))?;
        self.changed.notify_all();
        Ok(())
    }

    pub fn put(&self, stream: Handle, work: Work) -> Result<()> {
        self.state().put(stream, Step::Work(work, 0))?;
        self.changed.notify_all();
        Ok(())
    }

    pub fn begin_capture(&self, stream: Handle) -> Result<()> {
        self.state().queue(stream)?.captured = Some(Ok(Vec::new()));
        Ok(())
    }

    pub fn end_capture(&self, stream: Handle) -> Result<Handle> {
        let mut state = self.state();
        let captured = state.queue(stream)?.captured.take();
        let Some(captured) = captured else {
            return Err(Error::graph("nothing is being captured"));
        };
        let captured = captured?;
        let handle = state.handle();
        state.graphs.insert(handle.0, captured);
        Ok(handle)
    }

    pub fn replay(&self, stream: Handle, graph: Handle) -> Result<()> {
        let mut state = self.state();
        let work = state.graphs.get(&graph.0).cloned();
        for work in work.unwrap_or_default() {
            state.put(stream, Step::Work(work, 0))?;
        }
        self.changed.notify_all();
        Ok(())
    }

    pub fn end_graph(&self, graph: Handle) {
        self.state().graphs.remove(&graph.0);
    }

    /// Lets a stream that can work do its next piece; says whether there was one.
    pub fn step(&self) -> bool {
        let mut state = self.state();
        let Some(stream) = state.choose() else {
            return false;
        };
        // Out of the lock: what is called may put something into a stream.
        let call = state.advance(stream);
        drop(state);
        if let Some(call) = call {
            call();
        }
        self.changed.notify_all();
        true
    }

    /// Lets the streams work until the card is closed: now and then they take their time.
    pub fn work(&self) {
        loop {
            while self.step() {
                let late = self.state().lot(64);
                if late < 4 {
                    std::thread::sleep(Duration::from_micros(10 * (late as u64 + 1)));
                }
            }
            let state = self.state();
            if state.choose_from().is_empty() {
                if state.has_stopped {
                    return;
                }
                drop(
                    self.changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner),
                );
            }
        }
    }

    pub fn stop(&self) {
        self.state().has_stopped = true;
        self.changed.notify_all();
    }
}

impl State {
    fn handle(&mut self) -> Handle {
        self.handles += 1;
        Handle(self.handles)
    }

    fn check(&self) -> Result<()> {
        if self.has_failed {
            return Err(Error::graph("the simulated card has failed"));
        }
        Ok(())
    }

    fn times(&self, event: Handle) -> Result<Arc<Times>> {
        self.check()?;
        let times = self.events.get(&event.0).cloned();
        times.ok_or_else(|| Error::graph("this event was taken back"))
    }

    fn queue(&mut self, stream: Handle) -> Result<&mut Queue> {
        self.check()?;
        let queue = self.streams.get_mut(&stream.0);
        queue.ok_or_else(|| Error::graph("this stream was taken back"))
    }

    fn put(&mut self, stream: Handle, step: Step) -> Result<()> {
        let queue = self.queue(stream)?;
        match (&mut queue.captured, step) {
            (None, step) => queue.steps.push_back(step),
            (Some(Ok(captured)), Step::Work(work, _)) => captured.push(work),
            (Some(captured), _) => {
                *captured = Err(Error::graph("only copies and kernels can be captured"));
            }
        }
        Ok(())
    }

    /// The streams that can go on.
    fn choose_from(&self) -> Vec<u64> {
        if self.has_failed {
            return Vec::new();
        }
        let can_go_on = |queue: &Queue| match queue.steps.front() {
            Some(Step::Wait(times, time)) => times.is_done(*time),
            Some(_) => true,
            None => false,
        };
        let streams = self.streams.iter();
        let mut streams: Vec<u64> = streams
            .filter(|(_, queue)| can_go_on(queue))
            .map(|(&handle, _)| handle)
            .collect();
        streams.sort_unstable(); // the map has no order that a seed could repeat
        streams
    }

    fn choose(&mut self) -> Option<u64> {
        let streams = self.choose_from();
        let lot = self.lot(streams.len().max(1));
        streams.get(lot).copied()
    }

    /// A number below `below`, which is not 0.
    fn lot(&mut self, below: usize) -> usize {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ self.random >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % below as u64) as usize
    }

    /// Does the next piece of a stream; what it calls is left to the caller.
    fn advance(&mut self, stream: u64) -> Option<Box<dyn FnOnce() + Send>> {
        let queue = self.streams.get_mut(&stream)?;
        let mut call = None;
        match queue.steps.pop_front()? {
            Step::Work(work, piece) => {
                (work.0)(Piece(piece));
                if piece + 1 < PIECES {
                    queue.steps.push_front(Step::Work(work, piece + 1));
                }
            }
            // Relaxed: under the lock.
            Step::Record(times, time) => drop(times.done.fetch_max(time, Ordering::Relaxed)),
            Step::Wait(..) => {}
            Step::Notify(notify) => call = Some(notify),
        }
        if queue.has_ended && queue.steps.is_empty() {
            self.streams.remove(&stream);
        }
        call
    }
}
