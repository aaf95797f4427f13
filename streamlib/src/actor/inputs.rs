//! The reading ends of any number of edges, in order.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connect::{Accept, InputControl, InputHandle, Late, OwnControl};
use super::delay::Delayed;
use super::input::Input;
use super::moment::moment;
use super::stamped::Stamped;
use super::{ActorHandle, Port, PortInfo};
use crate::message::Message;
use crate::ring::Reader;
use crate::time::TimedTick;

/// Any number of inputs of one kind, in the order in which they were connected.
pub struct Inputs<T> {
    info: &'static PortInfo,
    /// Locked by who only asks about them, which takes in what came; nobody ever waits for it, as the port has one owner.
    held: Mutex<Held<T>>,
    /// The number of each in the order typed, where that is not the order in which they are connected.
    ranks: Vec<usize>,
    next_rank: usize,
    control: Option<OwnControl<T>>,
}

/// The inputs that there are on this tick.
struct Held<T> {
    inputs: Vec<Input<T>>,
    /// The tick on which changes were taken in last.
    rewired: Option<TimedTick>,
    /// What those had counted that are no more.
    before: Counts,
}

/// What is counted about inputs.
#[derive(Clone, Copy, Default)]
struct Counts {
    overwritten: u64,
    stale: u64,
}

impl Counts {
    fn add<T>(&mut self, input: &Input<T>) {
        self.overwritten += input.overwritten();
        self.stale += input.stale();
    }
}

impl<T> Held<T> {
    /// Takes in what came, once on a tick: who has asked how many there are finds as many.
    fn rewire(&mut self, info: &'static PortInfo, control: Option<&InputControl<T>>) {
        let Some(control) = control.filter(|control| control.may_have_changed()) else {
            return;
        };
        let now = moment();
        if (now.is_none() || now != self.rewired) && control.has_changed() {
            self.rewired = now;
            while let Some(wire) = control.next() {
                self.inputs.push(Input::of(info, wire));
            }
            let before = &mut self.before;
            self.inputs.retain(|input| {
                if input.is_cut() {
                    before.add(input);
                }
                !input.is_cut()
            });
        }
    }

    fn counts(&self) -> Counts {
        let mut counts = self.before;
        self.inputs.iter().for_each(|input| counts.add(input));
        counts
    }
}

impl<T> Inputs<T> {
    /// How many are connected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.now().inputs.len()
    }

    /// Whether none is connected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.now().inputs.is_empty()
    }

    /// The inputs, in the order in which they were connected.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Input<T>> {
        self.inputs().iter_mut()
    }

    /// The input that was connected as number `index`, from 0.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Input<T>> {
        self.inputs().get_mut(index)
    }

    /// Those that there are now, to be asked.
    fn now(&self) -> MutexGuard<'_, Held<T>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.rewire(self.info, self.control.as_deref().map(Arc::as_ref));
        held
    }

    /// The same, to be read.
    fn inputs(&mut self) -> &mut Vec<Input<T>> {
        let held = (self.held.get_mut()).unwrap_or_else(PoisonError::into_inner);
        held.rewire(self.info, self.control.as_deref().map(Arc::as_ref));
        &mut held.inputs
    }

    fn control(&mut self) -> &Arc<InputControl<T>> {
        (self.control).get_or_insert_with(|| OwnControl::new(Arc::new(InputControl::many())))
    }

    /// Has `refuses` say how many edges are too many for a handle of it.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(super) fn refuse(&mut self, refuses: fn(usize) -> crate::Result<()>) {
        self.control().refuse(refuses);
    }

    /// Puts an input behind those that were typed before it.
    fn insert(&mut self, input: Input<T>) {
        let place = self.ranks.partition_point(|&rank| rank <= self.next_rank);
        self.ranks.insert(place, self.next_rank);
        self.inputs().insert(place, input);
    }

    /// Has so many inputs from now on, of which those that there were stay.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub(super) fn resize(&mut self, len: usize) {
        let info = self.info;
        self.inputs();
        let held = (self.held.get_mut()).unwrap_or_else(PoisonError::into_inner);
        let gone = held.inputs.get(len..).unwrap_or_default();
        gone.iter().for_each(|input| held.before.add(input));
        (held.inputs).resize_with(len, || Input::one_of(info, None, None, None));
    }
}

impl<'a, T> IntoIterator for &'a mut Inputs<T> {
    type Item = &'a mut Input<T>;
    type IntoIter = std::slice::IterMut<'a, Input<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: Message> fmt::Debug for Inputs<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inputs<{}> {} ({})", T::NAME, self.info.name, self.len())
    }
}

impl<T> Port for Inputs<T> {
    type Handle = InputHandle<T>;

    fn declare(info: &'static PortInfo) -> Self {
        Self {
            info,
            held: Mutex::new(Held {
                inputs: Vec::new(),
                rewired: None,
                before: Counts::default(),
            }),
            ranks: Vec::new(),
            next_rank: 0,
            control: None,
        }
    }

    fn handle(&mut self, actor: &ActorHandle) -> InputHandle<T> {
        InputHandle::new(self.info, self.control(), actor)
    }

    fn overwritten(&self) -> u64 {
        self.now().counts().overwritten
    }

    fn stale(&self) -> u64 {
        self.now().counts().stale
    }
}

impl<T> Accept<T> for Inputs<T> {
    fn info(&self) -> &'static PortInfo {
        self.info
    }

    fn rank(&mut self, rank: usize) {
        self.next_rank = rank;
    }

    fn accept(&mut self, reader: Reader<Stamped<T>>, delay: Option<Delayed<T>>) {
        self.insert(Input::one_of(self.info, Some(reader), None, delay));
    }

    fn later(&mut self, delay: Option<Delayed<T>>) -> Late<T> {
        // Its place among the others is settled now.
        let control = Arc::default();
        let late = Late::new(self.info, &control, delay.as_ref());
        self.insert(Input::one_of(self.info, None, Some(control), delay));
        late
    }
}
