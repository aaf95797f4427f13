//! Settings of an actor that are changed from outside while it runs, and that it takes over at a tick.
//!
//! They travel through a ring of one reader, so the tick neither waits nor allocates: it finds
//! the newest settings that are complete, or those it had. Whoever changes settings waits for
//! others who do, never for the tick.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Result;
use crate::ring::{Policy, Reader, Ring, Writer};

/// The actor's end of its settings: read on a tick, in place.
///
/// ```
/// use streamlib::actor::{Control, Controlled, Harness};
/// use streamlib::prelude::*;
///
/// /// Multiplies what it gets.
/// #[actor(new = assemble)]
/// struct Gain {
///     #[input]
///     value: Input<DataMessage<f64>>,
///     #[output]
///     louder: Output<DataMessage<f64>>,
///     factor: Controlled<f64>,
/// }
///
/// impl Gain {
///     fn new(factor: f64) -> Self {
///         Self::assemble(Controlled::new(factor))
///     }
///     fn control(&self) -> Control<f64> {
///         self.factor.control()
///     }
/// }
///
/// impl Actor for Gain {
///     async fn process(&mut self, tick: TimedTick) -> Result<()> {
///         let factor = *self.factor.get(); // stays the same for the whole tick
///         if let Some(value) = self.value.latest() {
///             self.louder.send(DataMessage::new(**value * factor), tick);
///         }
///         Ok(())
///     }
/// }
///
/// let gain = Gain::new(1.0);
/// let control = gain.control(); // before the actor goes into a graph
///
/// let mut harness = Harness::new(gain)?;
/// let mut value = harness.feed(|gain| &mut gain.value);
/// let mut louder = harness.probe(|gain| &mut gain.louder);
/// value.send(DataMessage::new(3.0));
/// harness.tick()?;
/// assert_eq!(**louder.latest().unwrap(), 3.0);
///
/// control.set(2.0);
/// harness.tick()?;
/// assert_eq!(**louder.latest().unwrap(), 6.0);
/// # Ok::<(), streamlib::Error>(())
/// ```
pub struct Controlled<T> {
    reader: Reader<T>,
    control: Control<T>,
}

impl<T: Clone> Controlled<T> {
    /// Settings that are `initial` until somebody changes them.
    #[must_use]
    pub fn new(initial: T) -> Self {
        let ring = Ring::builder()
            .reader(Policy::Latest)
            .build_with(|| initial.clone());
        let Ok((mut writer, mut readers)) = ring else {
            unreachable!("a ring of one reader is always possible")
        };
        writer.slot().publish(); // every slot holds a clone of them
        let Some(reader) = readers.pop() else {
            unreachable!("one reader was asked for")
        };
        let asked = Asked {
            settings: initial,
            writer,
        };
        Self {
            reader,
            control: Control(Arc::new(Mutex::new(asked))),
        }
    }

    /// A hold on these settings for whoever changes them.
    #[must_use]
    pub fn control(&self) -> Control<T> {
        self.control.clone()
    }

    /// The newest settings, which stay as they are until this is called again. Wait-free.
    #[inline]
    pub fn get(&mut self) -> &T {
        match self.reader.latest() {
            Some(settings) => settings,
            None => unreachable!("the first settings are published when this is made"),
        }
    }

    /// The settings, if they were set anew since they were last read.
    #[inline]
    pub fn changed(&mut self) -> Option<&T> {
        self.reader.next()
    }
}

impl<T: fmt::Debug> fmt::Debug for Controlled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Controlled").field(&self.control).finish()
    }
}

/// A hold on the settings of an actor, to change them while it runs. Clones hold the same settings.
///
/// What is set is taken over on the actor's next tick, whole: a tick never sees half of a change. If
/// there are several before a tick, the last one is.
pub struct Control<T>(Arc<Mutex<Asked<T>>>);

/// The settings as they were asked for last, and the way to the actor.
struct Asked<T> {
    settings: T,
    writer: Writer<T>,
}

impl<T: Clone> Control<T> {
    /// Sets all of them.
    pub fn set(&self, settings: T) {
        self.change(|asked| *asked = settings);
    }

    /// Changes some of them. A change that panics changes nothing. It must not use this control itself: others who
    /// change these settings wait until it is done.
    pub fn change(&self, change: impl FnOnce(&mut T)) {
        // It returns no error.
        let _ = self.try_change(|settings| {
            change(settings);
            Ok(())
        });
    }

    /// Changes some of them, if that is possible; see [`change`](Self::change).
    ///
    /// # Errors
    ///
    /// What `change` returns; the settings are then as they were.
    pub fn try_change<R>(&self, change: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = asked.settings.clone();
        let changed = change(&mut settings)?;
        let mut slot = asked.writer.slot();
        slot.clone_from(&settings); // in the memory of settings that nobody reads any more
        slot.publish();
        asked.settings = settings;
        Ok(changed)
    }

    /// The settings as they were asked for last.
    #[must_use]
    pub fn settings(&self) -> T {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.settings.clone()
    }
}

impl<T> Clone for Control<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for Control<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_tuple("Control").field(&asked.settings).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::Error;

    #[test]
    fn the_last_change_is_taken_over_once() {
        let mut settings = Controlled::new(vec![1]);
        let control = settings.control();
        assert_eq!(*settings.get(), [1]);
        assert_eq!(settings.changed(), None);
        control.change(|settings| settings.push(2));
        control.clone().change(|settings| settings.push(3));
        assert_eq!(settings.changed(), Some(&vec![1, 2, 3]));
        assert_eq!(settings.changed(), None);
        assert_eq!(*settings.get(), [1, 2, 3]);
        assert_eq!(control.settings(), [1, 2, 3]);
    }

    #[test]
    fn a_change_that_fails_or_panics_changes_nothing() {
        let mut settings = Controlled::new(1);
        let control = settings.control();
        let refused = control.try_change(|settings| {
            *settings = 2;
            Err::<(), _>(Error::EndOfStream)
        });
        assert!(refused.is_err());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            control.change(|settings| {
                *settings = 3;
                panic!("in the user's code");
            });
        }));
        assert!(panicked.is_err());
        assert_eq!((*settings.get(), control.settings()), (1, 1));
        control.set(4);
        assert_eq!(*settings.get(), 4);
    }

    #[test]
    fn a_tick_never_sees_half_of_a_change() {
        let mut settings = Controlled::new([0_u64; 64]);
        let control = settings.control();
        let writer = std::thread::spawn(move || {
            for number in 1..=10_000 {
                control.set([number; 64]);
            }
        });
        let mut last = 0;
        while last < 10_000 {
            let now = *settings.get();
            assert!(now.iter().all(|&number| number == now[0]) && now[0] >= last);
            last = now[0];
        }
        writer.join().expect("it only sets");
    }
}
