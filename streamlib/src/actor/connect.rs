//! How an input is given the ring that it reads: when the graph is built, after that, or while it runs.

use std::fmt;
use std::mem;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crossbeam_queue::{ArrayQueue, SegQueue};

use super::delay::Delayed;
use super::stamped::Stamped;
use super::{ActorHandle, PortInfo, Stats, Unlink};
use crate::Result;
use crate::message::Message;
use crate::ring::{Policy, Reader};

/// An input of either kind, to be connected.
#[doc(hidden)]
pub trait Accept<T> {
    /// What is fixed about it.
    fn info(&self) -> &'static PortInfo;
    /// Of those that are connected to it, the next one is number `rank` in the order in which they were typed.
    /// Says nothing to an input that takes one connection.
    fn rank(&mut self, _rank: usize) {}
    /// Connects it.
    fn accept(&mut self, reader: Reader<Stamped<T>>, delay: Option<Delayed<T>>);
    /// Keeps a place for a connection that is made before the actor starts, but not here.
    fn later(&mut self, delay: Option<Delayed<T>>) -> Late<T>;
}

/// An input that is connected after its actor has gone into a task: what comes in at an open end of
/// its graph.
#[doc(hidden)]
pub struct Late<T> {
    pub(crate) info: &'static PortInfo,
    pub(crate) policy: Policy,
    /// How many ticks late it reads.
    pub(crate) delay: Option<usize>,
    control: Arc<InputControl<T>>,
    /// Its actor, known once that is a stage.
    pub(crate) actor: Arc<OnceLock<Arc<Stats>>>,
}

impl<T> Late<T> {
    pub(super) fn new(
        info: &'static PortInfo,
        control: &Arc<InputControl<T>>,
        delay: Option<&Delayed<T>>,
    ) -> Self {
        Self {
            info,
            policy: delay.map_or(info.policy, |delay| delay.policy(info.policy)),
            delay: delay.map(Delayed::ticks),
            control: Arc::clone(control),
            actor: Arc::default(),
        }
    }

    /// Connects it.
    pub(crate) fn accept(&self, reader: Reader<Stamped<T>>) {
        self.control.connect(reader);
    }
}

impl<T> Clone for Late<T> {
    fn clone(&self) -> Self {
        Self {
            info: self.info,
            policy: self.policy,
            delay: self.delay,
            control: Arc::clone(&self.control),
            actor: Arc::clone(&self.actor),
        }
    }
}

/// A connection that was made from elsewhere; what both ends know it by.
pub(crate) struct Wire<T> {
    /// Its reader, until the input takes it in.
    reader: ArrayQueue<Reader<Stamped<T>>>,
    is_cut: AtomicBool,
}

impl<T> Wire<T> {
    /// Its reader, unless it was cut meanwhile.
    pub(super) fn take(&self) -> Option<Reader<Stamped<T>>> {
        self.reader.pop()
    }

    /// Whether it was disconnected.
    pub(super) fn is_cut(&self) -> bool {
        // Relaxed: stored before the `changed` that led here.
        self.is_cut.load(Ordering::Relaxed)
    }
}

/// A connection that was made by handles, for as long as it is one.
pub(crate) struct Connection<T> {
    wire: Arc<Wire<T>>,
    /// Until it is undone.
    unlink: Mutex<Option<Box<dyn Unlink>>>,
}

impl<T> Connection<T> {
    fn unlink(&self) -> MutexGuard<'_, Option<Box<dyn Unlink>>> {
        self.unlink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those that there are: of an input with one edge no more than one.
struct Connections<T> {
    made: Vec<Arc<Connection<T>>>,
    /// Whether the input is gone.
    is_over: bool,
}

/// How many connections of an input with one edge are kept until it is read.
const KEPT: usize = 8;

/// How an actor's input is given a reader from elsewhere.
pub(crate) struct InputControl<T> {
    changed: AtomicBool,
    incoming: SegQueue<Arc<Wire<T>>>,
    /// Whether each connection counts, and not the last alone.
    is_many: bool,
    /// How many edges there are, those that are still to be taken in included; of an input with many.
    edges: AtomicUsize,
    /// What refuses so many.
    refuses: OnceLock<fn(usize) -> Result<()>>,
    connections: Mutex<Connections<T>>,
}

impl<T> Default for InputControl<T> {
    fn default() -> Self {
        Self {
            changed: AtomicBool::new(false),
            incoming: SegQueue::new(),
            is_many: false,
            edges: AtomicUsize::new(0),
            refuses: OnceLock::new(),
            connections: Mutex::new(Connections {
                made: Vec::new(),
                is_over: false,
            }),
        }
    }
}

impl<T> InputControl<T> {
    /// Of an input that takes any number of edges.
    pub(super) fn many() -> Self {
        Self {
            is_many: true,
            ..Self::default()
        }
    }

    fn connections(&self) -> MutexGuard<'_, Connections<T>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects it by handles, with what undoes the rest of that. An input with one edge lets go of the one that it had. To one
    /// that is gone nothing is connected.
    pub(crate) fn join(
        &self,
        reader: Reader<Stamped<T>>,
        unlink: Box<dyn Unlink>,
    ) -> Option<Arc<Connection<T>>> {
        let mut connections = self.connections();
        if connections.is_over {
            drop(connections);
            self.left(1);
            unlink.unlink();
            return None;
        }
        let connection = Arc::new(Connection {
            wire: self.connect(reader),
            unlink: Mutex::new(Some(unlink)),
        });
        let before = if self.is_many {
            Vec::new()
        } else {
            mem::take(&mut connections.made)
        };
        connections.made.push(Arc::clone(&connection));
        drop(connections);
        before.iter().for_each(|before| self.undo(before));
        Some(connection)
    }

    /// Takes away what was connected by handles, unless something else has taken its place.
    pub(crate) fn part(&self, connection: &Arc<Connection<T>>) {
        (self.connections().made).retain(|made| !Arc::ptr_eq(made, connection));
        self.undo(connection);
    }

    /// Once.
    fn undo(&self, connection: &Connection<T>) {
        let unlink = connection.unlink().take();
        if let Some(unlink) = unlink {
            self.disconnect(&connection.wire);
            // After that: the input's actor is woken, and lets go of its reader also when nothing ticks it any more.
            unlink.unlink();
        }
    }

    /// The input is gone, and reads nothing any more.
    fn end(&self) {
        let mut connections = self.connections();
        connections.is_over = true;
        let made = mem::take(&mut connections.made);
        drop(connections);
        for connection in made {
            if let Some(unlink) = &mut *connection.unlink() {
                unlink.reads_no_more();
            }
        }
        while let Some(wire) = self.next() {
            drop(wire.take());
        }
    }

    pub(crate) fn connect(&self, reader: Reader<Stamped<T>>) -> Arc<Wire<T>> {
        let wire = Arc::new(Wire {
            reader: ArrayQueue::new(1),
            is_cut: AtomicBool::new(false),
        });
        let _ = wire.reader.push(reader); // it has room for one
        self.incoming.push(Arc::clone(&wire));
        // Whoever connects an input eight times within a tick means the last of it: each takes the place of those before.
        while !self.is_many && self.incoming.len() > KEPT {
            self.incoming.pop();
        }
        self.change();
        wire
    }

    /// Takes one connection away, whichever came after it. If it was not taken in yet, its place on the ring is free at once.
    fn disconnect(&self, wire: &Wire<T>) {
        // Relaxed: `changed` is stored after it.
        wire.is_cut.store(true, Ordering::Relaxed);
        drop(wire.take());
        self.left(1);
        self.change();
    }

    fn change(&self) {
        // Release: pairs with the Acquire swap in `has_changed`.
        self.changed.store(true, Ordering::Release);
    }

    /// Asks `refuses` from now on whether one more edge may come; it is given how many there then are.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(super) fn refuse(&self, refuses: fn(usize) -> Result<()>) {
        self.refuses.get_or_init(|| refuses);
    }

    /// Makes room for one more edge.
    ///
    /// # Errors
    /// When that would be too many.
    pub(crate) fn admit(&self) -> Result<()> {
        if !self.is_many {
            return Ok(());
        }
        // Relaxed, as below: a count, which guards nothing.
        let edges = self.edges.fetch_add(1, Ordering::Relaxed) + 1;
        let admitted = self.refuses.get().map_or(Ok(()), |refuses| refuses(edges));
        if admitted.is_err() {
            self.left(1);
        }
        admitted
    }

    /// So many edges are no more.
    pub(crate) fn left(&self, edges: usize) {
        if self.is_many {
            // Those that were there before the graph ran were never let in.
            let fewer = |count: usize| Some(count.saturating_sub(edges));
            let _ = (self.edges).fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
        }
    }

    /// Whether something came, to decide whether to ask.
    #[inline]
    pub(super) fn may_have_changed(&self) -> bool {
        // Relaxed: what is seen late is seen at the next read.
        self.changed.load(Ordering::Relaxed)
    }

    /// Whether something came since this was asked last.
    #[inline]
    pub(super) fn has_changed(&self) -> bool {
        // Acquire: pairs with the Release in `change`.
        self.may_have_changed() && self.changed.swap(false, Ordering::Acquire)
    }

    /// The connection that came first of those that were not taken in.
    pub(super) fn next(&self) -> Option<Arc<Wire<T>>> {
        self.incoming.pop()
    }
}

/// The input's own hold on it, with which that goes.
pub(super) struct OwnControl<T>(Arc<InputControl<T>>);

impl<T> OwnControl<T> {
    pub(super) fn new(control: Arc<InputControl<T>>) -> Self {
        Self(control)
    }
}

impl<T> Deref for OwnControl<T> {
    type Target = Arc<InputControl<T>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> Drop for OwnControl<T> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// An input of an actor that runs, to be connected: `(&output >> &input)?`.
pub struct InputHandle<T> {
    pub(crate) info: &'static PortInfo,
    pub(crate) control: Arc<InputControl<T>>,
    pub(crate) actor: ActorHandle,
}

impl<T> InputHandle<T> {
    pub(super) fn new(
        info: &'static PortInfo,
        control: &Arc<InputControl<T>>,
        actor: &ActorHandle,
    ) -> Self {
        Self {
            info,
            control: Arc::clone(control),
            actor: actor.clone(),
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        self.info.policy
    }
}

impl<T: Message> fmt::Debug for InputHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InputHandle<{}> {}", T::NAME, self.info.name)
    }
}
