//! A port of an actor that runs in another process: its rings are here, and what crosses are their items.
//!
//! On this side of the border an input is read as its policy says, and what it has to give is written into the message of
//! the tick; an output publishes what the answer brings. On the other side the same port has a small ring of its own,
//! through which the actor reads and writes as it would anywhere.

use super::output::{Stamped, ring};
use super::{Input, Inputs, Output};
use crate::message::{Crosses, Reading, Writing};
use crate::ring::{Policy, Writer};
use crate::time::TimedTick;
use crate::{Error, Result};

/// The most items that an actor may send from one output on one tick before the oldest are overwritten.
const BURST: usize = 4;
/// The most inputs that one port may have.
const MOST_INPUTS: usize = 256;

/// What feeds the input of an actor that is in a process of its own.
#[derive(Default)]
pub(super) enum Far<T> {
    /// Nothing does.
    #[default]
    Nothing,
    /// Its source is outside.
    Writer(Writer<Stamped<T>>),
    /// Its source has ended.
    Ended,
}

/// A port whose items cross.
pub trait Crossing<Actor, K> {
    /// Here, on a tick: writes down what there is to read.
    fn gather(&mut self, to: &mut Writing<'_>) -> Result<()>;
    /// There, on a tick: makes it readable.
    fn feed(&mut self, from: &mut Reading<'_>) -> Result<()>;
    /// There, after a tick: writes down what was published.
    fn collect(&mut self, to: &mut Writing<'_>) -> Result<()>;
    /// Here, after a tick: publishes it.
    fn publish(&mut self, from: &mut Reading<'_>) -> Result<()>;
}

const UNCONNECTED: u8 = 0;
const CONNECTED: u8 = 1;
const ENDED: u8 = 2;

impl<T: Crosses<A, K>, A, K> Crossing<A, K> for Input<T> {
    fn gather(&mut self, to: &mut Writing<'_>) -> Result<()> {
        let place = to.bytes.len();
        to.value(&UNCONNECTED)?;
        let depth = self.ends().0.policy.depth();
        for _ in 0..depth {
            let item = match to.is_fresh && depth == 1 {
                true => self.latest(),
                false => self.next(),
            };
            let Some(item) = item else { break };
            to.value(&true)?;
            to.value(&item.tick())?;
            item.write(to)?;
        }
        to.value(&false)?;
        // Known only after it was read, which is when an input is wired anew.
        let state = match (self.is_connected(), self.has_ended()) {
            (false, _) => UNCONNECTED,
            (true, false) => CONNECTED,
            (true, true) => ENDED,
        };
        if let Some(written) = to.bytes.get_mut(place) {
            *written = state;
        }
        Ok(())
    }

    fn feed(&mut self, from: &mut Reading<'_>) -> Result<()> {
        let state: u8 = from.value()?;
        let (info, reader, far) = self.ends();
        match (state, &far) {
            (UNCONNECTED, _) => {
                *reader = None;
                *far = Far::Nothing;
            }
            (_, Far::Writer(_)) | (ENDED, Far::Ended) => {}
            _ => {
                let (writer, mut readers) = ring(&[(info.policy, info.slots)], 0);
                *reader = readers.pop();
                *far = Far::Writer(writer);
            }
        }
        while from.value()? {
            let tick: TimedTick = from.value()?;
            let value = T::read(from)?;
            if let Far::Writer(writer) = far {
                let mut slot = writer.slot();
                slot.tick = tick;
                slot.value = Some(value);
                slot.publish();
                // What was read before is not kept from its owner any longer.
                writer.slot().value = None;
            }
        }
        if state == ENDED {
            *far = Far::Ended;
        }
        Ok(())
    }

    fn collect(&mut self, _to: &mut Writing<'_>) -> Result<()> {
        Ok(())
    }

    fn publish(&mut self, _from: &mut Reading<'_>) -> Result<()> {
        Ok(())
    }
}

impl<T: Crosses<A, K>, A, K> Crossing<A, K> for Inputs<T> {
    fn gather(&mut self, to: &mut Writing<'_>) -> Result<()> {
        let inputs = self.iter_mut();
        to.value(&(inputs.len() as u32))?;
        inputs
            .into_iter()
            .try_for_each(|input| Crossing::<A, K>::gather(input, to))
    }

    fn feed(&mut self, from: &mut Reading<'_>) -> Result<()> {
        let len = from.value::<u32>()? as usize;
        if len > MOST_INPUTS {
            return Err(Error::other(format!(
                "{len} inputs at one port; {MOST_INPUTS} are the most in a process of its own"
            )));
        }
        self.resize(len);
        self.iter_mut()
            .try_for_each(|input| Crossing::<A, K>::feed(input, from))
    }

    fn collect(&mut self, _to: &mut Writing<'_>) -> Result<()> {
        Ok(())
    }

    fn publish(&mut self, _from: &mut Reading<'_>) -> Result<()> {
        Ok(())
    }
}

impl<T: Crosses<A, K>, A, K> Crossing<A, K> for Output<T> {
    fn gather(&mut self, _to: &mut Writing<'_>) -> Result<()> {
        Ok(())
    }

    fn feed(&mut self, _from: &mut Reading<'_>) -> Result<()> {
        // Before the actor's first tick, so that its first item has a reader.
        self.near(Policy::Every { depth: BURST });
        Ok(())
    }

    fn collect(&mut self, to: &mut Writing<'_>) -> Result<()> {
        if let Some(near) = self.near(Policy::Every { depth: BURST }) {
            while let Some(item) = near.next() {
                if let Some(value) = &item.value {
                    to.value(&true)?;
                    to.value(&item.tick)?;
                    value.write(to)?;
                }
            }
        }
        to.value(&false)
    }

    fn publish(&mut self, from: &mut Reading<'_>) -> Result<()> {
        for _ in 0..BURST {
            if !from.value::<bool>()? {
                return Ok(());
            }
            let tick: TimedTick = from.value()?;
            let value = T::read(from)?;
            self.send_stamped(value, tick);
        }
        if from.value()? {
            return Err(Error::other(format!(
                "more than {BURST} items of one output on one tick"
            )));
        }
        Ok(())
    }
}
