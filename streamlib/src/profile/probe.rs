//! What hangs on an actor that is measured: looks at the time around its `process`, and at its threads.

use std::sync::{Arc, TryLockError};

use tracing::Span;

use super::board::Note;
use super::measured::{Feed, Measured, MeasuredActor, What};
#[cfg(feature = "metrics")]
use super::metrics::{Meter, is_recorded};
use super::trace::{Event, EventKind, Trace, thread};
use crate::actor::Stats;
use crate::clock::{Clock, monotonic};
use crate::time::TimedTick;

/// Times that are kept while somebody looks at those that were found so far.
const KEPT: usize = 512;

/// What hangs on an actor whose ticks somebody wants told: in a profile, in spans, or in metrics.
pub(crate) struct Probe {
    /// What the actor's work is in.
    pub(crate) span: Span,
    place: Option<Place>,
    tick: TimedTick,
    /// Nanoseconds of the monotonic clock: when `process` began, when its thread took it up last, and
    /// when that left it.
    first: Option<u64>,
    /// The thread that began it.
    thread: u64,
    begin: u64,
    end: u64,
    /// How long before `first` the tick was due.
    overdue: Option<u64>,
    #[cfg(feature = "metrics")]
    meter: Option<Meter>,
}

/// The actor's place in a graph that is measured.
struct Place {
    graph: Arc<Measured>,
    actor: usize,
    /// For each edge the newest tick that was seen on it, plus one.
    seen: Vec<u64>,
    /// What could not be recorded yet.
    times: Vec<(What, u64)>,
}

impl Probe {
    /// What hangs on this actor from its start on; `None` if nobody wants its ticks told.
    pub(crate) fn new(stats: &Arc<Stats>, graph: Option<&Arc<Measured>>) -> Option<Box<Self>> {
        let span = tracing::info_span!(
            target: "streamlib::actor",
            parent: None,
            "actor",
            name = stats.name(),
            kind = stats.actor()
        );
        let place = graph.and_then(|graph| {
            let actor = graph.place(stats)?;
            Some(Place {
                seen: vec![0; graph.actors.get(actor)?.feeds.len()],
                graph: Arc::clone(graph),
                actor,
                times: Vec::with_capacity(KEPT),
            })
        });
        #[cfg(feature = "metrics")]
        let meter = is_recorded().then(|| Meter::new(stats));
        #[cfg(not(feature = "metrics"))]
        let meter = None::<()>;
        let is_wanted = meter.is_some() || place.is_some() || !span.is_disabled();
        is_wanted.then(|| {
            Box::new(Self {
                span,
                place,
                tick: TimedTick::default(),
                first: None,
                thread: 0,
                begin: 0,
                end: 0,
                overdue: None,
                #[cfg(feature = "metrics")]
                meter,
            })
        })
    }

    /// `process` is about to work on `tick`.
    pub(crate) fn begin(&mut self, tick: TimedTick) {
        self.tick = tick;
        self.first = None;
    }

    /// The tick that it works on.
    pub(crate) fn tick(&self) -> TimedTick {
        self.tick
    }

    /// Whether no thread has taken it up since `begin`.
    pub(crate) fn is_new(&self) -> bool {
        self.first.is_none()
    }

    /// A thread takes it up.
    pub(crate) fn enter(&mut self) {
        self.begin = monotonic::now().as_nanos();
        if self.first.is_none() {
            self.first = Some(self.begin);
            self.thread = thread();
            let clock = self.place.as_ref().and_then(Place::due_by);
            self.overdue = clock.map(|clock| (clock.now() - self.tick.timestamp).as_nanos() as u64);
        }
    }

    /// The thread leaves it, because it waits or is done.
    pub(crate) fn leave(&mut self) {
        self.end = monotonic::now().as_nanos();
        let Some(place) = &self.place else { return };
        if let (Some(trace), Some(actor)) = (place.trace(), place.actor()) {
            trace.push(Event {
                name: actor.name,
                clock: self.tick.clock_id.as_u32(),
                frame_number: self.tick.frame_number,
                begin: self.begin,
                end: self.end,
                kind: EventKind::Slice,
            });
        }
    }

    /// `process` is done, and has published to these outputs.
    pub(crate) fn done(&mut self, published: u64) {
        let Some(first) = self.first.take() else {
            return;
        };
        #[cfg(feature = "metrics")]
        if let Some(meter) = &self.meter {
            meter.took(self.end - first);
        }
        let Some(place) = &mut self.place else { return };
        let (begin, end, tick) = (self.begin, self.end, self.tick);
        let due = self.overdue.map(|overdue| first.saturating_sub(overdue));
        let (brought, handled) = place.look(tick, first, self.thread);
        let origin = brought.map(|brought| brought.origin).or(due);
        let origin = origin.unwrap_or(first);
        let Some(actor) = place.graph.actors.get(place.actor) else {
            return;
        };
        actor.board.write(Note {
            frame_number: tick.frame_number,
            published,
            origin,
            begin,
            end,
            thread: thread(),
        });
        place.times.push((What::Process, end.saturating_sub(first)));
        place.times.push((What::Age, end.saturating_sub(origin)));
        let ready = match (actor.is_clocked, actor.waits) {
            (true, false) => due,
            (true, true) => due.max(handled),
            (false, _) => brought.map(|brought| brought.ready),
        };
        if let Some(ready) = ready {
            place
                .times
                .push((What::WakeUp, first.saturating_sub(ready)));
        }
        place.record();
    }
}

/// What came along the edges of an actor for a tick.
#[derive(Clone, Copy)]
struct Brought {
    /// When the oldest source's tick was due.
    origin: u64,
    /// When the last of it was there.
    ready: u64,
}

impl Place {
    fn actor(&self) -> Option<&MeasuredActor> {
        self.graph.actors.get(self.actor)
    }

    fn trace(&self) -> Option<&Trace> {
        self.graph.settings.trace.as_deref()
    }

    fn due_by(&self) -> Option<&crate::clock::AnyClock> {
        self.actor()?.due_by.as_ref()
    }

    /// Looks along every edge for what was there when `tick` was begun, and when the last of those that feed it on its
    /// own clock was done with that tick, whatever it brought.
    fn look(&mut self, tick: TimedTick, first: u64, thread: u64) -> (Option<Brought>, Option<u64>) {
        let graph = Arc::clone(&self.graph);
        let (mut brought, mut handled): (Option<Brought>, Option<u64>) = (None, None);
        let Some(actor) = graph.actors.get(self.actor) else {
            return (brought, handled);
        };
        for (place, (feed, seen)) in actor.feeds.iter().zip(&mut self.seen).enumerate() {
            let own = tick.frame_number;
            let note = match feed.delay {
                // Whatever its tick is: another clock has other numbers, and what was not waited for comes with a later one.
                None if feed.is_foreign => feed.from.found(u64::MAX, *seen, feed.mask, first),
                None => {
                    let ended = feed.from.read(own).map(|note| note.end);
                    handled = handled.max(ended.filter(|&end| end <= first));
                    feed.from.found(own, *seen, feed.mask, first)
                }
                Some(delay) => {
                    let due = own.checked_sub(delay as u64);
                    let note = due.and_then(|due| feed.from.read(due));
                    note.filter(|note| note.is_new(*seen, feed.mask, first))
                }
            };
            let Some(note) = note else {
                continue;
            };
            *seen = note.frame_number + 1;
            let place = place as u32;
            let waited = first.saturating_sub(note.end);
            self.times.push((What::FeedWakeUp(place), waited));
            let age = first.saturating_sub(note.origin);
            self.times.push((What::FeedAge(place), age));
            if let Some(trace) = graph.settings.trace.as_deref() {
                trace.push(flow(feed, &note, first, thread));
            }
            // What goes round a circle has no age that means anything.
            if feed.delay.is_none() {
                let before = brought.unwrap_or(Brought {
                    origin: note.origin,
                    ready: note.end,
                });
                brought = Some(Brought {
                    origin: before.origin.min(note.origin),
                    ready: before.ready.max(note.end),
                });
            }
        }
        (brought, handled)
    }

    /// Records the times, later if somebody is looking at those that were found so far.
    fn record(&mut self) {
        let Some(actor) = self.graph.actors.get(self.actor) else {
            return;
        };
        let mut found = match actor.found.try_lock() {
            Ok(found) => found,
            Err(TryLockError::Poisoned(found)) => found.into_inner(),
            Err(TryLockError::WouldBlock) if self.times.len() < KEPT => return,
            Err(TryLockError::WouldBlock) => actor.found(),
        };
        for (what, nanos) in self.times.drain(..) {
            found.record(what, nanos);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.record();
    }
}

/// The way of an item along an edge, from within the tick that published it to the beginning of this one.
fn flow(feed: &Feed, note: &Note, first: u64, thread: u64) -> Event {
    /// The ticks of an edge that have numbers of their own.
    const TICKS: u64 = 1 << 40;
    Event {
        name: feed.name,
        clock: 0,
        frame_number: note.frame_number,
        begin: note.end.saturating_sub(1).max(note.begin),
        end: first,
        kind: EventKind::Flow {
            id: feed.number.wrapping_mul(TICKS) | (note.frame_number % TICKS),
            threads: [note.thread, thread],
        },
    }
}
