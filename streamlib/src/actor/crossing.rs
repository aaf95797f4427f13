//! A port of an actor that runs in another process: its rings are here, and what crosses are their items.
//!
//! On this side of the border an input is read as its policy says, and what it has to give is written into the message of
//! the tick; an output publishes what the answer brings. On the other side the same port has a small ring of its own,
//! through which the actor reads and writes as it would anywhere.

use super::output::ring;
use super::stamped::Stamped;
use super::{Input, Inputs, Output};
use crate::message::{Crosses, Reading, Writing};
use crate::ring::{Policy, Reader, Writer};
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
    /// Here, before the start: whether it can cross at all.
    ///
    /// # Errors
    /// What keeps it from that.
    fn check(&self) -> Result<()> {
        Ok(())
    }
    /// Here, before anything is wired to it while it runs: refuses from now on what could not cross.
    fn guard(&mut self) {}
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
            to.tick(item.tick())?;
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
                if reader.is_of_a_ring() {
                    *reader = Reader::of_nothing();
                }
                *far = Far::Nothing;
            }
            (_, Far::Writer(_)) | (ENDED, Far::Ended) => {}
            _ => {
                let (writer, readers) = ring(&[(info.policy, info.slots)], 0);
                readers.into_iter().for_each(|made| *reader = made);
                *far = Far::Writer(writer);
            }
        }
        while from.value()? {
            let tick: TimedTick = from.value()?;
            let value = T::read(from)?;
            if let Far::Writer(writer) = far {
                let mut slot = writer.slot();
                slot.put(value, tick);
                slot.publish();
                // What was read before is not kept from its owner any longer.
                writer.slot().clear();
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

fn few_enough(inputs: usize) -> Result<()> {
    if inputs > MOST_INPUTS {
        return Err(Error::graph(format!(
            "{inputs} edges lead to one port of an actor on process, and {MOST_INPUTS} are the most there; join some \
             before, or run the actor on `threads`"
        )));
    }
    Ok(())
}

impl<T: Crosses<A, K>, A, K> Crossing<A, K> for Inputs<T> {
    fn check(&self) -> Result<()> {
        few_enough(self.len())
    }

    fn guard(&mut self) {
        self.refuse(few_enough);
    }

    fn gather(&mut self, to: &mut Writing<'_>) -> Result<()> {
        let inputs = self.iter_mut();
        few_enough(inputs.len())?;
        to.value(&(inputs.len() as u32))?;
        inputs
            .into_iter()
            .try_for_each(|input| Crossing::<A, K>::gather(input, to))
    }

    fn feed(&mut self, from: &mut Reading<'_>) -> Result<()> {
        let len = from.value::<u32>()? as usize;
        few_enough(len)?;
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
                if let Some(value) = item.item() {
                    to.value(&true)?;
                    to.value(&item.tick())?;
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
            let tick = from.tick()?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::{Elsewhere, Port, PortInfo};
    use crate::memory::Lender;
    use crate::message::{KeyEvent, Shown};

    static PORT: PortInfo = PortInfo {
        name: "keys",
        index: 0,
        payload: "KeyEvent",
        doc: "",
        required: false,
        policy: Policy::Latest,
        slots: 0,
    };

    #[test]
    fn more_edges_than_cross_are_refused_here_and_not_by_the_worker() {
        let mut keys = Inputs::<KeyEvent>::declare(&PORT);
        let (mut bytes, mut lender) = (Vec::new(), Lender::new());
        let mut shown = Shown::default();
        let mut tries = |keys: &mut Inputs<KeyEvent>| {
            let mut to = Writing {
                bytes: &mut bytes,
                lender: &mut lender,
                shown: &mut shown,
                is_fresh: false,
            };
            let gathered = Crossing::<(), Elsewhere>::gather(keys, &mut to);
            (Crossing::<(), Elsewhere>::check(keys), gathered)
        };
        keys.resize(MOST_INPUTS);
        assert!(matches!(tries(&mut keys), (Ok(()), Ok(()))));
        keys.resize(MOST_INPUTS + 1);
        let (before, meanwhile) = tries(&mut keys);
        for refused in [before, meanwhile] {
            let error = refused.unwrap_err().to_string();
            assert!(
                error.starts_with("257 edges lead to one port of an actor on process"),
                "{error}"
            );
        }
    }
}
