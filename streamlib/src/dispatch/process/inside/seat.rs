//! One actor in its worker: made anew, and run as it is asked.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::super::letters::Letter;
use super::super::line::Line;
use super::super::remote::{Answer, Outcome, Request};
use super::super::segment::{Segment, Side, Silence};
use super::{Given, flush, leave, tell};
use crate::actor::{Actor, Elsewhere, Isolated, set_moment};
use crate::dispatch::own_runtime;
use crate::error::message_of;
use crate::memory::{Access, MOST_BYTES, Mapping, share_what_this_thread_makes};
use crate::{Error, Result};

thread_local! {
    static NAME: RefCell<Arc<str>> = RefCell::new(Arc::from(""));
}

/// The name of the actor that runs on this thread; none on a thread that an actor has started.
pub(super) fn name() -> Arc<str> {
    NAME.try_with(|name| Arc::clone(&name.borrow()))
        .unwrap_or_else(|_| Arc::from(""))
}

/// Runs an actor of this type until it is asked to leave. What keeps it from that ends the worker.
pub fn run<A: Actor + Isolated<Elsewhere> + 'static>(given: Box<dyn Any + Send>) {
    let Ok(given) = given.downcast::<Given>() else {
        leave(1)
    };
    NAME.set(Arc::from(&given.seat.name[..]));
    let _shares = share_what_this_thread_makes();
    match catch_unwind(AssertUnwindSafe(|| attend::<A>(*given))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            eprintln!("{error}");
            leave(1);
        }
        Err(_) => leave(101),
    }
}

fn attend<A: Actor + Isolated<Elsewhere> + 'static>(given: Given) -> Result<()> {
    let kind = std::any::type_name::<A>();
    if given.seat.kind != kind {
        return Err(Error::other(format!(
            "asked to run `{}`, and the function runs `{kind}`",
            given.seat.kind
        )));
    }
    let segment = Arc::new(Segment::open(given.segment)?);
    let mut line = Line::new(Side::There, segment, given.socket, MOST_BYTES);
    // What it may not send is an error here and now; the program would end a worker that sent it.
    line.lender.limit(given.seat.memory.unwrap_or(MOST_BYTES));
    let mut actor = made::<A>(
        &Mapping::open(given.configuration, 1 << 30, Access::OneWrites)?,
        given.seat.len,
    );
    let runtime = own_runtime()?;
    let mut overwritten = 0;
    loop {
        match line.listen(None) {
            Ok(()) => {}
            Err(Silence::Gone | Silence::Late) => return Ok(()),
        }
        let mut asked = line.hear()?;
        let request: Request = asked.value()?;
        if let (Request::Tick(_), Ok(actor)) = (request, &mut actor) {
            actor.each_port(&mut |port| port.feed(&mut asked))?;
        }
        if matches!(request, Request::Leave) {
            return Ok(());
        }
        let worked = match &mut actor {
            Err(error) => Ok(Err(Error::other(error.to_string()))),
            Ok(actor) => catch_unwind(AssertUnwindSafe(|| match request {
                Request::Open => runtime.block_on(actor.on_start()),
                Request::Tick(tick) => {
                    set_moment(tick);
                    runtime.block_on(actor.process(tick))
                }
                Request::Close | Request::Leave => runtime.block_on(actor.on_stop()),
            })),
        };
        let (outcome, words) = match worked {
            Ok(Ok(())) => (Outcome::Done, None),
            Ok(Err(Error::EndOfStream)) => (Outcome::Ended, None),
            Ok(Err(error)) => (Outcome::Failed, Some(error.to_string())),
            Err(panic) => (Outcome::Panicked, Some(message_of(&*panic))),
        };
        let summary = match (&actor, request) {
            (Ok(actor), Request::Open) => {
                Some(catch_unwind(AssertUnwindSafe(|| actor.summary())).unwrap_or_default())
            }
            (Err(_), Request::Open) => Some(String::new()),
            _ => None,
        };
        let mut stale = 0;
        if let Ok(actor) = &actor {
            overwritten = actor.overwritten();
            stale = actor.stale();
        }
        if matches!(request, Request::Close) {
            flush();
            tell(&Letter::Flushed);
        }
        let answer = Answer {
            outcome,
            overwritten,
            stale,
            copied: line.lender.copied(),
        };
        let said = line.say(|to| {
            to.value(&answer)?;
            if let Some(words) = &words {
                to.value(words)?;
            }
            if let Some(summary) = &summary {
                to.value(summary)?;
            }
            match (&mut actor, request) {
                (Ok(actor), Request::Tick(_)) => actor.each_port(&mut |port| port.collect(to)),
                _ => Ok(()),
            }
        });
        match said {
            Err(error) if !line.is_broken => line.say(|to| {
                // What was published cannot be sent: that is an error of this tick.
                to.value(&Answer {
                    outcome: Outcome::Unsent,
                    ..answer
                })?;
                to.value(&error.to_string())
            })?,
            said => said?,
        }
    }
}

/// The actor, made of what was written down; or why it cannot be.
fn made<A: Actor + Isolated<Elsewhere> + 'static>(configuration: &Mapping, len: u64) -> Result<A> {
    let len = usize::try_from(len).map_or(0, |len| len.min(configuration.len()));
    // SAFETY: so many initialised bytes are mapped, which the program wrote before, and nobody writes again.
    let bytes = unsafe { std::slice::from_raw_parts(configuration.start().as_ptr(), len) };
    catch_unwind(AssertUnwindSafe(|| A::unpack(&mut &*bytes)))
        .unwrap_or_else(|panic| Err(Error::other(message_of(&*panic))))
}
