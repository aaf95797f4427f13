//! A hold on an actor that runs: its status, its end, and what its ports need to be wired.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::ops::Shr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::{ActorStatus, InputHandle, OutputHandle, PortInfo};
use crate::message::Message;
use crate::ring::NoRoom;
use crate::{Error, Result};

/// How long `stop` waits for actors that are at work.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What runs an actor that can be wired while it runs.
#[doc(hidden)]
pub trait Running: Send + Sync {
    fn status(&self) -> ActorStatus;
    /// Asks the actor to end.
    fn stop(&self);
    /// Waits until it has, for so long at most.
    fn stopped(&self, patience: Duration) -> Stopped<'_>;
    /// Ticks `downstream` whenever this actor publishes to `output`, until what is returned undoes it.
    fn link(
        self: Arc<Self>,
        output: &'static PortInfo,
        downstream: Arc<dyn Running>,
    ) -> Result<Box<dyn Unlink>>;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// Waits for the end of an actor.
#[doc(hidden)]
pub type Stopped<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Undoes what `Running::link` did.
#[doc(hidden)]
pub trait Unlink: Send {
    /// The input is gone, and with it a reader; the rest is as it was.
    fn reads_no_more(&mut self);
    fn unlink(self: Box<Self>);
}

/// A hold on a running actor. When the last one is dropped, the actor stops: so one that another actor holds ends with that, whose
/// `stop` waits for it too.
#[derive(Clone)]
pub struct ActorHandle(Arc<Hold>);

struct Hold(Arc<dyn Running>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.stop();
        // Err: as in `left_by`.
        let _ = LEFT.try_with(|left| {
            if let Some(left) = &mut *left.borrow_mut() {
                left.push(Arc::clone(&self.0));
            }
        });
    }
}

thread_local! {
    /// Whose last handle was dropped with the actor that is being dropped on this thread.
    static LEFT: RefCell<Option<Vec<Arc<dyn Running>>>> = const { RefCell::new(None) };
}

/// Drops an actor by `drops`, which does not panic; says whose last handles went with it.
pub(crate) fn left_by(drops: impl FnOnce()) -> Vec<Arc<dyn Running>> {
    // Err: the thread ends, and what it still had goes with it.
    let before = LEFT.try_with(|left| left.replace(Some(Vec::new())));
    drops();
    match before {
        Ok(before) => LEFT.replace(before).unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

impl ActorHandle {
    #[doc(hidden)]
    pub fn new(control: Arc<dyn Running>) -> Self {
        Self(Arc::new(Hold(control)))
    }

    /// How the actor is doing.
    #[must_use]
    pub fn status(&self) -> ActorStatus {
        self.0.0.status()
    }

    /// Ends the actor and returns when it has ended, and those that it has spawned and still held; what they had begun is
    /// finished.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] with its last error, if the actor had failed, or with the names of those that are still at work after
    /// ten seconds.
    pub async fn stop(&self) -> Result<()> {
        self.stop_within(PATIENCE).await
    }

    pub(crate) async fn stop_within(&self, patience: Duration) -> Result<()> {
        self.0.0.stop();
        self.0.0.stopped(patience).await?;
        self.status().failure()
    }
}

impl fmt::Debug for ActorHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorHandle({})", self.status().name)
    }
}

/// A connection that was made while the program runs. Dropping it leaves it as it is.
pub struct Link {
    /// Unless it led to an actor that had ended.
    undo: Option<Box<dyn FnOnce() + Send>>,
}

impl Link {
    /// Takes this connection away and no other: nothing, when another has taken its place. The reader keeps nothing; the
    /// writer does not notice.
    pub fn disconnect(mut self) {
        if let Some(undo) = self.undo.take() {
            undo();
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

/// Why an output has no room for a reader.
fn no_room(NoRoom { depth, free, total }: NoRoom) -> String {
    let keeps = match depth {
        1 => "it keeps one item, as every reader of the latest does".to_owned(),
        _ => format!("it keeps {depth} items (`every = {depth}`)"),
    };
    let instead = if depth > total {
        "connect an input with a smaller `every`"
    } else if depth > 1 {
        "disconnect another reader, or connect an input with a smaller `every`"
    } else {
        "disconnect another reader"
    };
    format!(
        "{keeps}, and of the {total} that the readers of an output of a spawned actor may keep together {free} are free; {instead}"
    )
}

impl<T: Message> Shr<&InputHandle<T>> for &OutputHandle<T> {
    type Output = Result<Link>;

    /// Connects an output to an input while both run. The reader takes on the writer's clock unless
    /// it has one of its own. From an actor that has ended nothing comes, and nobody waits for it.
    ///
    /// An [`Input`](super::Input) has one connection at a time: a new one takes the place of the one that it has, which is then
    /// disconnected. [`Inputs`](super::Inputs) take any number.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the output has no room for another reader (they may keep 64 items together: one for each reader of the
    /// latest, `n` for one with `every = n`), if the connection would close a circle, or if the input
    /// takes no further edge: into one port of an actor on `process`, 256 may lead.
    fn shr(self, input: &InputHandle<T>) -> Result<Link> {
        let refused = |error: Error| {
            Error::graph(format_args!(
                "`{}` of {} can't be connected to `{}` of {}: {error}",
                self.info.name,
                self.actor.status().name,
                input.info.name,
                input.actor.status().name,
            ))
        };
        input.control.admit().map_err(refused)?;
        let connect = || {
            let reader = (self.attach.attach_or(input.policy(), no_room)).map_err(refused)?;
            let unlink = Arc::clone(&self.actor.0.0)
                .link(self.info, Arc::clone(&input.actor.0.0))
                .map_err(refused)?;
            Ok::<_, Error>((reader, unlink))
        };
        let (reader, unlink) = connect().inspect_err(|_| input.control.left(1))?;
        let connection = input.control.join(reader, unlink);
        let control = Arc::clone(&input.control);
        let undo = |connection| Box::new(move || control.part(&connection)) as Box<_>;
        Ok(Link {
            undo: connection.map(undo),
        })
    }
}
