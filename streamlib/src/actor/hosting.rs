//! How an actor gets into another process: what is to be known of its type there and here.

#[cfg(all(feature = "process", target_os = "linux"))]
use std::any::Any;

#[cfg(all(feature = "process", target_os = "linux"))]
use super::EachPort;
#[cfg(all(feature = "process", target_os = "linux"))]
use crate::Result;

/// What stands for `K` where an actor does go to another process.
#[cfg(all(feature = "process", target_os = "linux"))]
#[derive(Debug)]
pub struct Elsewhere;

/// How an actor gets into another process.
#[cfg(all(feature = "process", target_os = "linux"))]
pub struct Hosting<A> {
    /// Writes down its configuration.
    pub(crate) pack: fn(&A, &mut Vec<u8>) -> Result<()>,
    /// Goes through its ports.
    pub(crate) each_port: fn(&mut A, EachPort<'_, A, Elsewhere>) -> Result<()>,
    /// Runs it there, with what the process gives it.
    pub(crate) entry: fn(Box<dyn Any + Send>),
    /// Whether it has a process to itself.
    pub(crate) is_alone: bool,
    /// The most bytes of that process that may be in memory.
    pub(crate) memory: Option<u64>,
}

#[cfg(all(feature = "process", target_os = "linux"))]
impl<A> Clone for Hosting<A> {
    fn clone(&self) -> Self {
        *self
    }
}

#[cfg(all(feature = "process", target_os = "linux"))]
impl<A> Copy for Hosting<A> {}

/// How an actor gets into another process: not at all, without the feature `process`.
#[cfg(not(all(feature = "process", target_os = "linux")))]
#[derive(Clone, Copy, Debug)]
pub struct Hosting<A>(std::convert::Infallible, std::marker::PhantomData<A>);
