//! A clock of any kind, cheap to clone: what the nodes of a graph hold.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Clock;

/// A shared clock of any kind; cloning it is one reference count.
#[derive(Clone)]
pub struct AnyClock(Arc<dyn Clock>);

impl AnyClock {
    /// Shares `clock`.
    pub fn new(clock: impl Clock) -> Self {
        Self(Arc::new(clock))
    }
}

impl Deref for AnyClock {
    type Target = dyn Clock;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl Clock for AnyClock {
    fn id(&self) -> crate::time::ClockId {
        self.0.id()
    }
    fn name(&self) -> &str {
        self.0.name()
    }
    fn rate(&self) -> crate::time::Rate {
        self.0.rate()
    }
    fn known_rate(&self) -> Option<crate::time::Rate> {
        self.0.known_rate()
    }
    fn now(&self) -> crate::time::Timestamp {
        self.0.now()
    }
    fn subscribe(
        &self,
        subscribers: Vec<Box<dyn super::Subscriber>>,
    ) -> crate::Result<super::Subscription> {
        self.0.subscribe(subscribers)
    }
    fn lockstep(&self) -> Option<&super::Lockstep> {
        self.0.lockstep()
    }
    fn status(&self) -> super::ClockStatus {
        self.0.status()
    }
    fn timeline(&self) -> Option<Arc<dyn super::Timeline>> {
        self.0.timeline()
    }
}

impl fmt::Debug for AnyClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} at {}", self.name(), self.id(), self.rate())
    }
}
