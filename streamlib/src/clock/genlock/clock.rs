//! The clock that follows a train of pulses.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::time::Duration;

use super::phase_lock::PhaseLock;
use super::ratio::Pulses;
use super::source::PulseSource;
use super::train::{Train, lock};
use crate::clock::{
    Clock, ClockState, ClockStatus, Precision, Subscriber, Subscription, Ticker, Timeline,
    monotonic, precision,
};
use crate::error::message_of;
use crate::time::{ClockId, IntoRate, Rate, Timestamp};
use crate::{Error, Result};

/// How long the rate is waited for when it was not said.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the listener waits for an edge before it looks whether the clock is still there.
const WAIT: Duration = Duration::from_millis(250);
/// How long a source that failed is left alone.
const RECOVER: Duration = Duration::from_secs(1);

/// Ticks in phase with a train of pulses from outside: a house reference, the pulse of a GPS receiver,
/// a camera, a display, another clock.
///
/// A phase-locked loop finds the rate of the pulses and follows them. Frame 0 begins with the first
/// pulse after that; before it there are no ticks. When the pulses stop, the ticks go on at the rate that
/// they had (holdover). When they are back, the ticks approach their phase by no more than half a
/// thousandth of a period a tick: numbers never repeat, and no tick comes early by more than a
/// thousandth of a period.
///
/// Normally there is a pulse for each frame, at a broadcast rate, which is found. Other trains:
///
/// ```
/// use std::time::Duration;
/// use streamlib::clock::{ClockPulses, GenlockClock};
/// use streamlib::prelude::*;
///
/// // A pulse for each field of an interlaced picture.
/// let fields = ClockPulses::new(&SoftwareClock::fps(50))?;
/// let house = GenlockClock::new(fields).pulses_per_frame(2).fps(25);
/// assert_eq!(house.rate(), Rate::fps(25));
///
/// // A pulse a second, and frames in phase with the second.
/// let seconds = ClockPulses::new(&SoftwareClock::fps(1))?;
/// let house = GenlockClock::new(seconds).every(Duration::from_secs(1)).fps(50);
/// assert_eq!(house.rate(), Rate::fps(50));
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// Say the rate with [`fps`](Self::fps) where you know it: the graph can then start without pulses. Say it before the clock is asked
/// for it, as a graph does, and before it has found one: what would change it after that is not taken, and a warning and the status tell.
///
/// # What holds
///
/// | | |
/// | --- | --- |
/// | lock | under 2 s at 24 fps and faster with edges that jitter by 200 µs; with slow pulses, of up to four a second, at the third where their rate was said, and at the eighth otherwise |
/// | jitter of 200 µs | ticks within 60 µs of the train's beat at 50 fps and faster, 110 µs at 24 |
/// | drift of the train | followed up to 300 millionths from its rate; a sudden change of 100 costs 150 µs for a while |
/// | missing and extra edges | one in ten of each is passed over, and the lock is still under 2 s |
/// | loss | within two periods: 1½ after the first edge that is missing was due, which is 2½ after the last that came; one alone may be missing |
/// | another rate | told, and not followed: a graph runs at one rate |
/// | holdover | `Lost` after 60 s, and the ticks still go on |
///
/// The timestamps of its ticks begin at the monotonic clock's time of frame 0, and are exact from there
/// in the train's own time. Each change of its state is a line of `tracing`, soon after. Clones are the same clock.
#[derive(Clone)]
pub struct GenlockClock(Arc<Inner>);

struct Inner {
    ticker: Ticker<Train>,
    source: Mutex<Option<Box<dyn PulseSource>>>,
    listening: Once,
}

impl GenlockClock {
    /// A clock that ticks with each pulse of `source`. It begins to listen when it is first asked
    /// something, as a rule by the graph that uses it.
    #[must_use]
    pub fn new(source: impl PulseSource) -> Self {
        let train = Train::new(source.describe());
        Self(Arc::new(Inner {
            // The train knows the rate, some time.
            ticker: Ticker::new(Rate::fps(1), train),
            source: Mutex::new(Some(Box::new(source))),
            listening: Once::new(),
        }))
    }

    /// Ticks at `fps`: a train of that rate is followed, and no other. An impossible rate is an error of
    /// the graph that uses the clock.
    #[must_use]
    pub fn fps(self, fps: impl IntoRate) -> Self {
        let fps = Rate::fps(fps);
        self.set(format_args!("{fps}"), |lock| lock.set_frames(fps))
    }

    /// So many pulses make a frame: 2 for a pulse a field. Frames begin with every second pulse, then;
    /// which of the two fields that is, no pulse tells.
    #[must_use]
    pub fn pulses_per_frame(self, pulses: u32) -> Self {
        self.set(format_args!("pulses_per_frame of {pulses}"), |lock| {
            lock.set_pulses(Pulses::PerFrame(pulses))
        })
    }

    /// A pulse comes every `period`, whatever the frames do: a second for PPS. With
    /// [`fps`](Self::fps), a whole number of frames a pulse begin with each pulse; of another number,
    /// frame 0 does. Without, there is a frame for each pulse.
    #[must_use]
    pub fn every(self, period: Duration) -> Self {
        self.set(format_args!("a pulse every {period:?}"), |lock| {
            lock.set_pulses(Pulses::Every(period))
        })
    }

    /// Says something of the rates, if it is time for that.
    fn set(self, said: fmt::Arguments<'_>, set: impl FnOnce(&mut PhaseLock) -> bool) -> Self {
        let mut state = lock(&self.train().state);
        if !set(&mut state.lock)
            && let Some(rates) = state.lock.rates()
        {
            let refused = format!("{said} was said too late: {} stays", rates.frames);
            state.refused = Some(refused.clone());
            drop(state);
            tracing::warn!(clock = %self.id(), "{refused}; say it before the clock is asked for its rate or has found one");
        } else {
            drop(state);
        }
        self
    }

    /// Ticks as exactly as `precision` says: also its clones, from the next graph on that starts while none runs on it.
    #[must_use]
    pub fn precision(self, precision: Precision) -> Self {
        // A clone is the same ticker.
        let _ = self.0.ticker.clone().precision(precision);
        self
    }

    fn train(&self) -> &Train {
        self.0.ticker.timeline()
    }

    fn listen(&self) {
        self.0.listening.call_once(|| {
            let Some(source) = lock(&self.0.source).take() else {
                return;
            };
            lock(&self.train().state).patience = Some(monotonic::now() + PATIENCE);
            let (weak, id) = (Arc::downgrade(&self.0), self.id());
            let thread = std::thread::Builder::new().name(format!("pulses {}", id.as_u32()));
            if let Err(error) = thread.spawn(move || listen(weak, source)) {
                tracing::error!(%error, clock = %id, "the thread that listens to the pulses can't be started");
                lock(&self.train().state).trouble = Some(error.to_string());
            }
        });
    }
}

/// Gives the loop the edges of the source while the clock is there.
fn listen(clock: Weak<Inner>, mut source: Box<dyn PulseSource>) {
    let mut told = ClockState::Acquiring;
    loop {
        let heard = hear(source.as_mut());
        let Some(inner) = clock.upgrade() else {
            return;
        };
        let train = inner.ticker.timeline();
        // The ticking thread waits for this one where that holds the lock of the loop: nothing that is behind the clock may put it
        // off its core then.
        precision::follow(Some(inner.ticker.asked()));
        // Before what has come now, for a gap that is over is one all the same.
        tell(&inner, &mut told);
        match heard {
            Heard::Edge(edge) => {
                let (had_time, first_refused) = train.edge(edge);
                if !had_time {
                    inner.ticker.look_again();
                }
                if first_refused {
                    tracing::warn!(clock = %inner.ticker.id(), "an edge is refused: {}", train.status());
                }
            }
            Heard::Nothing => {}
            Heard::End => {
                train.trouble("its source has ended".to_owned());
                tracing::warn!(clock = %inner.ticker.id(), source = train.describe, "the pulses have ended");
                return;
            }
            Heard::Trouble(error) => {
                if train.trouble(error.clone()) {
                    tracing::warn!(clock = %inner.ticker.id(), source = train.describe, %error, "no pulses");
                }
                drop(inner);
                std::thread::sleep(RECOVER);
                continue;
            }
        }
        tell(&inner, &mut told);
    }
}

/// What a source has said.
enum Heard {
    Edge(Timestamp),
    Nothing,
    End,
    Trouble(String),
}

/// Asks the source, whose code is the user's and may panic; also the words of its errors.
fn hear(source: &mut dyn PulseSource) -> Heard {
    let asked = catch_unwind(AssertUnwindSafe(|| match source.next(WAIT) {
        Ok(Some(edge)) => Heard::Edge(edge),
        Ok(None) => Heard::Nothing,
        Err(error) if error.is_end_of_stream() => Heard::End,
        Err(error) => Heard::Trouble(error.to_string()),
    }));
    asked.unwrap_or_else(|panic| {
        Heard::Trouble(format!("its source panicked: {}", message_of(&*panic)))
    })
}

/// Tells the clock's state if it is another than was told before. The thread that ticks tells nobody anything: it would be late.
fn tell(inner: &Inner, told: &mut ClockState) {
    let train = inner.ticker.timeline();
    let before = std::mem::replace(told, train.state());
    if before == *told {
        return;
    }
    let (clock, status) = (inner.ticker.id(), train.status());
    match told {
        ClockState::Holdover | ClockState::Lost => {
            tracing::warn!(%clock, %before, "the pulses have gone: {status}")
        }
        _ => tracing::info!(%clock, %before, "{status}"),
    }
}

impl Clock for GenlockClock {
    fn id(&self) -> ClockId {
        self.0.ticker.id()
    }

    fn name(&self) -> &str {
        "genlock"
    }

    /// The rate that was said. If none was, the rate that was found, which is waited for, three seconds
    /// at most from the first call on; a rate that cannot be, if none was found.
    fn rate(&self) -> Rate {
        self.listen();
        let train = self.train();
        let mut state = lock(&train.state);
        loop {
            if let Some(rates) = state.lock.settle() {
                return rates.frames;
            }
            let left = state
                .patience
                .map_or(Duration::ZERO, |until| until - monotonic::now());
            if left.is_zero() || state.trouble.is_some() || state.lock.check().is_err() {
                return Rate::fps(f32::NAN);
            }
            state = train
                .found
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn known_rate(&self) -> Option<Rate> {
        self.listen();
        let state = lock(&self.train().state);
        match state.lock.rates() {
            Some(rates) => Some(rates.frames),
            // What was said wrongly will not be found either.
            None => state.lock.check().is_err().then_some(Rate::fps(f32::NAN)),
        }
    }

    fn now(&self) -> Timestamp {
        self.listen();
        self.0.ticker.now()
    }

    fn subscribe(&self, subscribers: Vec<Box<dyn Subscriber>>) -> Result<Subscription> {
        lock(&self.train().state).lock.check()?;
        if self.rate().check().is_err() {
            return Err(Error::graph(format_args!(
                "the rate of the genlock clock is not known ({}); say it, so that the graph can start without the pulses: `GenlockClock::new(…).fps(50)`",
                self.train().status().detail,
            )));
        }
        self.0.ticker.subscribe_at(self.rate(), subscribers)
    }

    fn status(&self) -> ClockStatus {
        self.listen();
        self.0.ticker.status()
    }

    fn timeline(&self) -> Option<Arc<dyn Timeline>> {
        self.listen();
        Some(Arc::clone(self.0.ticker.timeline()) as Arc<dyn Timeline>)
    }
}

impl fmt::Debug for GenlockClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GenlockClock {} on {}", self.id(), self.train().describe)
    }
}
