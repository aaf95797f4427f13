//! The end of what was put into a stream: told by the card, and looked for beside it, since a card that has failed tells nothing.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::Stream;
use crate::{Error, Result};

/// How often it is looked whether a card has failed.
const LOOK: Duration = Duration::from_millis(20);
/// As long a card is waited for that hangs already, in another stream.
const LAST: Duration = Duration::from_millis(100);
/// After so many looks at nothing, nobody looks until there is something.
const IDLE_LOOKS: u32 = 50;

/// How it ended; the error is told once.
type Outcome = Result<(), Option<Error>>;

#[derive(Debug, Default)]
struct Bell {
    state: Mutex<BellState>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct BellState {
    outcome: Option<Outcome>,
    waker: Option<Waker>,
}

impl Bell {
    fn state(&self) -> MutexGuard<'_, BellState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the wait; the first one says how.
    fn ring(&self, outcome: Result<()>) {
        let mut state = self.state();
        if state.outcome.is_none() {
            state.outcome = Some(outcome.map_err(Some));
        }
        let waker = state.waker.take();
        drop(state);
        self.rung.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl BellState {
    fn told(&mut self) -> Option<Result<()>> {
        self.outcome.as_mut().map(|outcome| match outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(error.take().unwrap_or_else(unanswered)),
        })
    }
}

fn unanswered() -> Error {
    Error::graph("the card does not say when it is done")
}

/// The end of what was in a stream: [`Stream::finished`].
#[must_use = "it is waited for by `.await`"]
pub struct Finished {
    bell: Arc<Bell>,
    /// What is looked at, by its number.
    watched: Option<u64>,
}

impl Finished {
    pub(super) fn of(stream: &Stream, patience: Duration) -> Self {
        let bell = Arc::<Bell>::default();
        let patience = match stream.device().hangs() {
            true => patience.min(LAST),
            false => patience,
        };
        let watched = match ask(stream, &bell) {
            Ok(()) => Some(Watch::look_at(stream, &bell, patience)),
            Err(error) => {
                bell.ring(Err(error));
                None
            }
        };
        Self { bell, watched }
    }

    /// Waits on this thread, as [`Stream::finished`] does without it.
    ///
    /// # Errors
    /// As there.
    pub fn wait(&mut self) -> Result<()> {
        let state = self.bell.state();
        let is_out = |state: &mut BellState| state.outcome.is_none();
        let waited = self.bell.rung.wait_while(state, is_out);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.told().unwrap_or(Ok(()))
    }
}

/// Lets the card ring when it is done; one that has been waited for in vain is not asked again before it is.
fn ask(stream: &Stream, bell: &Arc<Bell>) -> Result<()> {
    if stream.is_given_up() {
        if !stream.is_idle()? {
            return Err(Error::graph(
                "the card still does what it was given before, and was waited for in vain",
            ));
        }
        stream.give_up(false);
    }
    let ringing = Arc::clone(bell);
    let call = Box::new(move || ringing.ring(Ok(())));
    stream.device().driver().notify(stream.handle(), call)
}

impl Future for Finished {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let mut state = self.bell.state();
        if let Some(told) = state.told() {
            return Poll::Ready(told);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        if let Some(number) = self.watched {
            Watch::look_away(number);
        }
    }
}

impl fmt::Debug for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Finished").field(&self.bell.state()).finish()
    }
}

/// Who waits for a card, and until when.
struct Waiting {
    number: u64,
    stream: Stream,
    bell: Arc<Bell>,
    until: Option<Instant>,
    patience: Duration,
}

impl Waiting {
    /// How the wait is over, if the card has failed, is done, or has had its time.
    fn look(&self, now: Instant) -> Option<Result<()>> {
        if self.bell.state().outcome.is_some() {
            return None;
        }
        match self.stream.is_idle() {
            Ok(false) if self.until.is_none_or(|until| now < until) => None,
            Ok(false) => {
                self.stream.give_up(true);
                Some(Err(Error::graph(format_args!(
                    "the card had {:?} and is not done with what it was asked for (`Gpu::patience` says how long it has)",
                    self.patience
                ))))
            }
            Ok(true) => Some(Ok(())),
            Err(error) => Some(Err(error)),
        }
    }
}

/// All who wait for a card; one thread of the program looks after them.
struct Watch {
    waiting: Vec<Waiting>,
    last: u64,
    has_thread: bool,
    is_asleep: bool,
}

static WATCH: Mutex<Watch> = Mutex::new(Watch {
    waiting: Vec::new(),
    last: 0,
    has_thread: false,
    is_asleep: false,
});
static CHANGED: Condvar = Condvar::new();

fn watch() -> MutexGuard<'static, Watch> {
    WATCH.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    fn look_at(stream: &Stream, bell: &Arc<Bell>, patience: Duration) -> u64 {
        let now = Instant::now();
        let mut watch = watch();
        watch.last += 1;
        let number = watch.last;
        watch.waiting.push(Waiting {
            number,
            stream: stream.clone(),
            bell: Arc::clone(bell),
            until: now.checked_add(patience),
            patience,
        });
        if !watch.has_thread {
            let thread = std::thread::Builder::new().name("card watch".into());
            match thread.spawn(look) {
                Ok(_) => watch.has_thread = true,
                Err(error) => bell.ring(Err(Error::Io(error))), // who would end the wait?
            }
        } else if watch.is_asleep {
            CHANGED.notify_one();
        }
        number
    }

    fn look_away(number: u64) {
        let mut watch = watch();
        let place = watch
            .waiting
            .iter()
            .position(|waiting| waiting.number == number);
        let waiting = place.map(|place| watch.waiting.swap_remove(place));
        // The last hold on a card may go with it, which is closed then: not under the lock.
        drop(watch);
        drop(waiting);
    }
}

/// Looks after them, as long as the program runs.
fn look() {
    let mut idle = 0;
    let mut watch = watch();
    loop {
        let now = Instant::now();
        let over: Vec<_> = (watch.waiting.iter())
            .filter_map(|waiting| Some((Arc::clone(&waiting.bell), waiting.look(now)?)))
            .collect();
        if !over.is_empty() {
            // Who is woken may look away at once.
            drop(watch);
            over.into_iter()
                .for_each(|(bell, outcome)| bell.ring(outcome));
            watch = self::watch();
            continue;
        }
        idle = if watch.waiting.is_empty() {
            idle + 1
        } else {
            0
        };
        if idle < IDLE_LOOKS {
            let waited = CHANGED.wait_timeout(watch, LOOK);
            (watch, _) = waited.unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        watch.is_asleep = true;
        watch = CHANGED.wait(watch).unwrap_or_else(PoisonError::into_inner);
        watch.is_asleep = false;
    }
}
