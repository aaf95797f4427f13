//! The actor that stands in a graph for one that runs in another process.
//!
//! It has the other's ports: what they have to read goes over in one message a tick, and what the answer brings is published
//! to its rings. All that is lent is counted here, so that nothing has to be mended when the worker is gone.

use std::os::fd::{AsFd, OwnedFd};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::death::Death;
use super::letters::Seat;
use super::line::Line;
use super::pool;
use super::rests::Rests;
use super::segment::{Segment, Side, Silence};
use super::word::Process;
use super::worker::{Employed, START};
use super::{image, socket};
use crate::actor::{Actor, ActorHandle, ActorInfo, Hosting, Ports, Stats};
use crate::clock::AnyClock;
use crate::memory::{Access, MOST_BYTES, Mapping};
use crate::message::{Reading, Writing};
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result};

/// What the worker is asked to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// `on_start`.
    Open,
    /// `process`.
    Tick(TimedTick),
    /// `on_stop`.
    Close,
    /// Forget the actor. There is no answer.
    Leave,
}

/// How it went. Words follow where there are any.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Outcome {
    Done,
    Ended,
    Failed,
    Panicked,
    /// It is done, and what it has published cannot be sent. Nothing comes after the words.
    Unsent,
}

/// What every answer says.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub outcome: Outcome,
    pub overwritten: u64,
    pub stale: u64,
    pub copied: u64,
}

/// An actor that runs in another process.
pub struct Remote<A> {
    actor: A,
    hosting: Option<Hosting<A>>,
    stats: Arc<Stats>,
    configuration: Option<Mapping>,
    len: u64,
    seat: Option<Place>,
    /// Whether its `on_start` went well there.
    is_open: bool,
    summary: String,
    told: Answer,
    /// What was counted by workers that are gone.
    before: Answer,
    rests: Rests,
    /// The tick that it is on, or was on last.
    now: Timestamp,
}

/// Where it runs.
struct Place {
    worker: Arc<Employed>,
    segment: Arc<Segment>,
    line: Line,
}

const NOTHING: Answer = Answer {
    outcome: Outcome::Done,
    overwritten: 0,
    stale: 0,
    copied: 0,
};

impl<A: Actor + 'static> Remote<A> {
    pub(super) fn new(actor: A, hosting: Option<Hosting<A>>, stats: &Arc<Stats>) -> Self {
        Self {
            actor,
            hosting,
            stats: Arc::clone(stats),
            configuration: None,
            len: 0,
            seat: None,
            is_open: false,
            summary: String::new(),
            told: NOTHING,
            before: NOTHING,
            rests: Rests::default(),
            now: Timestamp::ZERO,
        }
    }

    fn hosting(&self) -> Result<Hosting<A>> {
        self.hosting.ok_or_else(|| {
            Error::graph(
                "`process` was reached by a way that does not say how the actor gets there",
            )
        })
    }

    /// Puts the actor into a worker.
    fn sit_down(&mut self) -> Result<()> {
        let Hosting {
            is_alone,
            memory,
            pack,
            entry,
            ..
        } = self.hosting()?;
        super::inside::is_prepared()?;
        if self.configuration.is_none() {
            let mut packed = Vec::new();
            pack(&self.actor, &mut packed)?;
            self.len = packed.len() as u64;
            self.configuration = Some(written(&packed)?);
        }
        let Some(configuration) = &self.configuration else {
            return Err(Error::other("a configuration that is not there"));
        };
        let segment = Arc::new(Segment::new()?);
        let (ours, theirs) = socket::pair()?;
        let worker = if is_alone {
            Arc::new(Employed::hire(memory)?)
        } else {
            pool::hire()?
        };
        let seat = Seat {
            entry: image::offset_of(entry)?,
            name: self.stats.name().to_owned(),
            kind: std::any::type_name::<A>().to_owned(),
            len: self.len,
            memory,
            level: super::level(),
            metrics: cfg!(feature = "metrics"),
        };
        let file: OwnedFd = configuration.as_fd().try_clone_to_owned()?;
        worker.seat(&seat, &segment, theirs, file)?;
        // What it lends is in its own memory too.
        let most = memory.unwrap_or(MOST_BYTES);
        let line = Line::new(Side::Here, Arc::clone(&segment), ours, most);
        self.seat = Some(Place {
            worker,
            segment,
            line,
        });
        Ok(())
    }

    /// Asks the worker for something, and waits for the answer, which `read` reads on.
    fn ask(
        &mut self,
        request: Request,
        time: Duration,
        read: impl FnOnce(&mut A, &mut Reading<'_>) -> Result<()>,
    ) -> Result<()> {
        let each_port = self.hosting()?.each_port;
        let Some(place) = &mut self.seat else {
            return Err(Error::other("it has no worker process"));
        };
        let actor = &mut self.actor;
        let write = |to: &mut Writing<'_>| {
            to.value(&request)?;
            match request {
                Request::Tick(tick) => {
                    each_port(actor, &mut |port| port.gather(to))?;
                    to.shown.show(tick);
                    Ok(())
                }
                _ => Ok(()),
            }
        };
        let until = Instant::now().checked_add(time);
        let said = place.line.say(write);
        if matches!(request, Request::Tick(_)) {
            // What could not be sent has been read all the same.
            place.line.is_fresh = said.is_err();
        }
        if let Err(error) = said {
            if place.line.is_broken {
                return Err(self.lost(Some(Death::of(&error))));
            }
            return Err(error);
        }
        match place.line.listen(until) {
            Ok(()) => {}
            Err(Silence::Late) => return Err(self.lost(Some(Death::Late(time)))),
            Err(Silence::Gone) => return Err(self.lost(None)),
        }
        let copied = place.line.lender.copied();
        let understood = || {
            let mut reading = place.line.hear()?;
            let answer: Answer = reading.value()?;
            let words = match answer.outcome {
                Outcome::Failed | Outcome::Panicked | Outcome::Unsent => {
                    reading.value::<String>()?
                }
                _ => String::new(),
            };
            if answer.outcome != Outcome::Unsent {
                read(&mut self.actor, &mut reading)?;
            }
            Ok::<_, Error>((answer, words))
        };
        let (answer, words) = match understood() {
            Ok(understood) => understood,
            Err(error) => return Err(self.lost(Some(Death::of(&error)))),
        };
        self.told = Answer {
            copied: answer.copied.saturating_add(copied),
            ..answer
        };
        self.stats
            .copied(self.before.copied.saturating_add(self.told.copied));
        match answer.outcome {
            Outcome::Done => Ok(()),
            Outcome::Ended => Err(Error::EndOfStream),
            Outcome::Failed | Outcome::Unsent => Err(Error::other(words)),
            // It was shown there; here it is only counted.
            Outcome::Panicked => resume_unwind(Box::new(words)),
        }
    }

    /// The worker is gone, or is to go for a reason.
    #[cold]
    fn lost(&mut self, why: Option<Death>) -> Error {
        let Some(place) = self.seat.take() else {
            return Error::other("it has no worker process");
        };
        // One that says of itself that it is gone, and is not, lies.
        if let Some(why) = why.or_else(|| {
            (!place.worker.is_dead())
                .then(|| Death::Garbled("it said that it had ended".to_owned()))
        }) {
            place.worker.end(why, self.stats.name());
        }
        let told = place.worker.obituary();
        self.before = Answer {
            outcome: Outcome::Done,
            overwritten: self
                .before
                .overwritten
                .saturating_add(self.told.overwritten),
            stale: self.before.stale.saturating_add(self.told.stale),
            copied: self.before.copied.saturating_add(self.told.copied),
        };
        self.told = NOTHING;
        self.rests.lost(self.now);
        Error::other(told)
    }

    /// Opens the actor in a worker that is there.
    fn open(&mut self) -> Result<()> {
        let mut summary = String::new();
        self.is_open = false;
        let opened = self.ask(Request::Open, START, |_, from| {
            summary = from.value()?;
            Ok(())
        });
        self.summary = summary;
        self.is_open = opened.is_ok();
        opened
    }

    /// Under `skip`, nobody else opens it again.
    fn again(&mut self) -> Result<bool> {
        if !self.rests.is_over() {
            return Ok(false);
        }
        self.seat = None; // of one that did not open
        if let Err(error) = self.sit_down() {
            self.rests.lost(self.now);
            return Err(error);
        }
        self.stats.restarted();
        // If it fails, in whatever way.
        self.rests.lost(self.now);
        self.open()?;
        self.rests.was_none();
        Ok(true)
    }
}

/// Bytes that another process may read.
fn written(bytes: &[u8]) -> Result<Mapping> {
    let mapping = Mapping::new(bytes.len(), Access::OneWrites)?;
    // SAFETY: the mapping is at least as long as the bytes, and nobody else has it yet.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), mapping.start().as_ptr(), bytes.len());
    }
    Ok(mapping)
}

impl<A: Actor + 'static> Actor for Remote<A> {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        self.now = tick.timestamp;
        let is_ready = self.is_open && self.seat.is_some();
        if !is_ready && !self.again()? {
            return Ok(());
        }
        let each_port = self.hosting()?.each_port;
        let deadline = self.stats.deadline();
        self.ask(Request::Tick(tick), deadline, |actor, from| {
            each_port(actor, &mut |port| port.publish(from))
        })
    }

    fn check(&self) -> Result<()> {
        self.actor.check()?;
        image::offset_of(self.hosting()?.entry)?;
        super::inside::is_prepared()
    }

    async fn on_start(&mut self) -> Result<()> {
        let each_port = self.hosting()?.each_port;
        each_port(&mut self.actor, &mut |port| port.check())?;
        if self
            .seat
            .as_ref()
            .is_none_or(|place| place.worker.is_dead())
        {
            self.seat = None;
            self.sit_down()?;
        }
        self.open()
    }

    async fn on_stop(&mut self) -> Result<()> {
        let Some(place) = &self.seat else {
            return Ok(());
        };
        let worker = Arc::clone(&place.worker);
        let before = worker.flushes();
        self.ask(Request::Close, START, |_, _| Ok(()))?;
        // What it has printed comes before the end.
        worker.wait_for_flush(before);
        Ok(())
    }

    fn summary(&self) -> String {
        self.summary.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.worker.leave(&self.segment);
        // Err: the worker is gone.
        let _ = self.line.say(|to| to.value(&Request::Leave));
    }
}

/// Those of the actor that it stands for.
#[diagnostic::do_not_recommend]
impl<A: Actor + 'static> Ports for Remote<A> {
    const INFO: ActorInfo = ActorInfo {
        name: A::INFO.name,
        doc: A::INFO.doc,
        inputs: A::INFO.inputs,
        outputs: A::INFO.outputs,
        on_error: A::INFO.on_error,
        deadline: A::INFO.deadline,
    };
    type Itself = Self;
    type Dispatcher = Process;
    type Clock = A::Clock;
    type Unwired = A::Unwired;
    type Handle = A::Handle;

    fn own_clock(&self) -> Option<AnyClock> {
        self.actor.own_clock()
    }

    fn unwired() -> A::Unwired {
        A::unwired()
    }

    fn handle(&mut self, actor: ActorHandle) -> A::Handle {
        if let Some(hosting) = self.hosting {
            // Err: it never is, for nothing is asked of the ports.
            let _ = (hosting.each_port)(&mut self.actor, &mut |port| {
                port.guard();
                Ok(())
            });
        }
        self.actor.handle(actor)
    }

    fn published(&mut self) -> u64 {
        self.actor.published()
    }

    fn overwritten(&self) -> u64 {
        let there = self
            .before
            .overwritten
            .saturating_add(self.told.overwritten);
        self.actor.overwritten().saturating_add(there)
    }

    fn stale(&self) -> u64 {
        self.before.stale.saturating_add(self.told.stale)
    }
}
