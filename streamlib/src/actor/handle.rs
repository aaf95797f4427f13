//! A hold on an actor that runs: its status, its end, and what its ports need to be wired.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::ops::Shr;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{ActorStatus, InputHandle, OutputHandle, PortInfo};
use crate::message::Message;
use crate::{Error, Result};

/// What runs an actor that can be wired while it runs.
#[doc(hidden)]
pub trait Running: Send + Sync {
    fn status(&self) -> ActorStatus;
    /// Asks the actor to end.
    fn stop(&self);
    /// Whether it has.
    fn poll_stopped(&self, cx: &mut Context<'_>) -> Poll<()>;
    /// Ticks `downstream` whenever this actor publishes to `output`, until what is returned is called.
    fn link(
        self: Arc<Self>,
        output: &'static PortInfo,
        downstream: Arc<dyn Running>,
    ) -> Result<Unlink>;
    fn as_any(&self) -> &dyn Any;
}

/// Undoes what `Running::link` did.
#[doc(hidden)]
pub type Unlink = Box<dyn FnOnce() + Send>;

/// A hold on a running actor. When the last one is dropped, the actor stops.
#[derive(Clone)]
pub struct ActorHandle(Arc<Hold>);

struct Hold(Arc<dyn Running>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.stop();
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

    /// Ends the actor and returns when it has ended; what it had begun is finished.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] with its last error, if the actor had failed.
    pub async fn stop(&self) -> Result<()> {
        self.0.0.stop();
        poll_fn(|cx| self.0.0.poll_stopped(cx)).await;
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
    unlink: Option<Unlink>,
}

impl Link {
    /// Takes this connection away and no other, also when another has taken its place. The reader keeps nothing; the
    /// writer does not notice.
    pub fn disconnect(mut self) {
        if let Some(unlink) = self.unlink.take() {
            unlink();
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

impl<T: Message> Shr<&InputHandle<T>> for &OutputHandle<T> {
    type Output = Result<Link>;

    /// Connects an output to an input while both run. The reader takes on the writer's clock unless
    /// it has one of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] if the output has no room for another reader, or the input takes no further edge: into one port of an
    /// actor on `process`, 256 may lead.
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
            let reader = self.attach.attach(input.policy()).map_err(refused)?;
            let unlink =
                Arc::clone(&self.actor.0.0).link(self.info, Arc::clone(&input.actor.0.0))?;
            Ok::<_, Error>((reader, unlink))
        };
        let (reader, unlink) = connect().inspect_err(|_| input.control.left(1))?;
        let wire = input.control.connect(reader);
        let control = Arc::clone(&input.control);
        Ok(Link {
            unlink: Some(Box::new(move || {
                control.disconnect(&wire);
                // After that: the input's actor is woken, and lets go of its reader also when nothing ticks it any more.
                unlink();
            })),
        })
    }
}
