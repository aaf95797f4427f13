//! The reading end of an edge.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_queue::ArrayQueue;

use super::output::Stamped;
use super::{ActorHandle, Port, PortInfo};
use crate::message::Message;
use crate::ring::{Policy, Reader};
use crate::time::TimedTick;

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
pub struct Input<T: Message> {
    info: &'static PortInfo,
    reader: Option<Reader<Stamped<T>>>,
    control: Option<Arc<InputControl<T>>>,
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
fn lease<T>(stamped: &Stamped<T>) -> Option<Lease<'_, T>> {
    stamped.value.as_ref().map(|value| Lease {
        value,
        tick: stamped.tick,
    })
}

impl<T: Message> Input<T> {
    /// The newest item, also when it has been read before; `None` before the first.
    #[inline]
    pub fn latest(&mut self) -> Option<Lease<'_, T>> {
        self.rewire();
        self.reader.as_mut()?.latest().and_then(lease)
    }

    /// An item that has not been read yet: the newest, or on an `every` input the oldest.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "the item borrows the input")]
    pub fn next(&mut self) -> Option<Lease<'_, T>> {
        self.rewire();
        self.reader.as_mut()?.next().and_then(lease)
    }

    /// Whether there is an item that has not been read yet.
    #[must_use]
    pub fn has_new(&self) -> bool {
        self.reader.as_ref().is_some_and(Reader::has_new)
    }

    /// Whether an output feeds it.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.reader.is_some()
    }

    /// Whether the actor that feeds it has ended, so that nothing new will come.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.reader.as_ref().is_some_and(Reader::is_closed)
    }

    /// How many items were overwritten before they were read.
    #[must_use]
    pub fn overwritten(&self) -> u64 {
        self.reader.as_ref().map_or(0, Reader::overwritten)
    }

    #[inline]
    fn rewire(&mut self) {
        if let Some(control) = &self.control
            // Acquire: pairs with the Release store in `InputControl::set`.
            && control.changed.swap(false, Ordering::Acquire)
        {
            self.change();
        }
    }

    /// Out of line: it drops readers, and a read is to be compiled into the actor.
    #[cold]
    #[inline(never)]
    fn change(&mut self) {
        while let Some(reader) = self
            .control
            .as_ref()
            .and_then(|control| control.incoming.pop())
        {
            self.reader = reader;
        }
    }
}

impl<T: Message> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input<{}> {}", T::NAME, self.info.name)
    }
}

impl<T: Message> Port for Input<T> {
    const PAYLOAD: &'static str = T::NAME;
    type Handle = InputHandle<T>;

    fn declare(info: &'static PortInfo) -> Self {
        Self {
            info,
            reader: None,
            control: None,
        }
    }

    fn handle(&mut self, actor: &ActorHandle) -> InputHandle<T> {
        let control = self.control.get_or_insert_with(|| {
            Arc::new(InputControl {
                changed: AtomicBool::new(false),
                incoming: ArrayQueue::new(8),
            })
        });
        InputHandle {
            info: self.info,
            control: Arc::clone(control),
            actor: actor.clone(),
        }
    }

    fn overwritten(&self) -> u64 {
        Self::overwritten(self)
    }
}

/// Any number of inputs of one kind, in the order in which they were connected.
pub struct Inputs<T: Message> {
    info: &'static PortInfo,
    inputs: Vec<Input<T>>,
    control: Option<Arc<InputControl<T>>>,
}

impl<T: Message> Inputs<T> {
    /// How many are connected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether none is connected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// The inputs, in the order in which they were connected.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Input<T>> {
        self.rewire();
        self.inputs.iter_mut()
    }

    /// The input that was connected as number `index`, from 0.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Input<T>> {
        self.inputs.get_mut(index)
    }

    fn push(&mut self, reader: Reader<Stamped<T>>) {
        self.inputs.push(Input {
            info: self.info,
            reader: Some(reader),
            control: None,
        });
    }

    fn rewire(&mut self) {
        if let Some(control) = self.control.clone()
            // Acquire: pairs with the Release store in `InputControl::set`.
            && control.changed.swap(false, Ordering::Acquire)
        {
            while let Some(change) = control.incoming.pop() {
                match change {
                    Some(reader) => self.push(reader),
                    None => self.inputs.retain(|input| !input.has_ended()),
                }
            }
        }
    }
}

impl<'a, T: Message> IntoIterator for &'a mut Inputs<T> {
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

impl<T: Message> Port for Inputs<T> {
    const PAYLOAD: &'static str = T::NAME;
    type Handle = InputHandle<T>;

    fn declare(info: &'static PortInfo) -> Self {
        Self {
            info,
            inputs: Vec::new(),
            control: None,
        }
    }

    fn handle(&mut self, actor: &ActorHandle) -> InputHandle<T> {
        let control = self.control.get_or_insert_with(|| {
            Arc::new(InputControl {
                changed: AtomicBool::new(false),
                incoming: ArrayQueue::new(8),
            })
        });
        InputHandle {
            info: self.info,
            control: Arc::clone(control),
            actor: actor.clone(),
        }
    }

    fn overwritten(&self) -> u64 {
        self.inputs.iter().map(Input::overwritten).sum()
    }
}

/// An input of either kind, to be connected.
#[doc(hidden)]
pub trait Accept<T> {
    /// What is fixed about it.
    fn info(&self) -> &'static PortInfo;
    /// Connects it.
    fn accept(&mut self, wire: Wire<T>);
}

impl<T: Message> Accept<T> for Input<T> {
    fn info(&self) -> &'static PortInfo {
        self.info
    }

    fn accept(&mut self, wire: Wire<T>) {
        self.reader = Some(wire.reader);
    }
}

impl<T: Message> Accept<T> for Inputs<T> {
    fn info(&self) -> &'static PortInfo {
        self.info
    }

    fn accept(&mut self, wire: Wire<T>) {
        self.push(wire.reader);
    }
}

/// One reader of a ring, on its way to an input.
#[doc(hidden)]
pub struct Wire<T> {
    pub(crate) reader: Reader<Stamped<T>>,
    pub(crate) from: &'static PortInfo,
}

/// How a running actor's input is given a reader.
pub(crate) struct InputControl<T> {
    changed: AtomicBool,
    incoming: ArrayQueue<Option<Reader<Stamped<T>>>>,
}

impl<T> InputControl<T> {
    pub(crate) fn set(&self, reader: Option<Reader<Stamped<T>>>) {
        // Whoever changes an input eight times within a tick means the last of it.
        self.incoming.force_push(reader);
        // Release: pairs with the Acquire swap in `rewire`.
        self.changed.store(true, Ordering::Release);
    }
}

/// An input of an actor that runs, to be connected: `(&output >> &input)?`.
pub struct InputHandle<T: Message> {
    pub(crate) info: &'static PortInfo,
    pub(crate) control: Arc<InputControl<T>>,
    pub(crate) actor: ActorHandle,
}

impl<T: Message> InputHandle<T> {
    pub(crate) fn policy(&self) -> Policy {
        self.info.policy
    }
}

impl<T: Message> fmt::Debug for InputHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InputHandle<{}> {}", T::NAME, self.info.name)
    }
}
