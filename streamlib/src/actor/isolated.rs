//! What `#[actor]` writes so that an actor can be made anew in another process.
//!
//! All of it has a parameter `K`, which stands for nothing: it keeps rustc from asking whether an actor's fields can be
//! carried over before the actor is put somewhere where they have to be.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Crossing, Ports};
use crate::message::encode;
use crate::{Error, Result};

/// A field of `Actor` that goes with it to another process.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross to another process",
    label = "`{Actor}` holds it, and is to run in another process",
    note = "write `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}`; or make it where it is used: in a field \
            `Local<…>`, filled by `on_start`; or run `{Actor}` on `threads`"
)]
pub trait Carried<Actor, K>: Sized {
    /// Writes it down.
    fn pack(&self, to: &mut Vec<u8>) -> Result<()>;
    /// Reads it.
    fn unpack(from: &mut &[u8]) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned, A, K> Carried<A, K> for T {
    fn pack(&self, to: &mut Vec<u8>) -> Result<()> {
        encode(self, to)
    }

    fn unpack(from: &mut &[u8]) -> Result<Self> {
        let (value, rest) = postcard::take_from_bytes(from).map_err(|error| {
            Error::other(format!("the actor's configuration cannot be read: {error}"))
        })?;
        *from = rest;
        Ok(value)
    }
}

/// What is done with one port after the other.
pub type EachPort<'a, A, K> = &'a mut dyn FnMut(&mut dyn Crossing<A, K>) -> Result<()>;

/// An actor that can run in another process.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run in another process",
    label = "it cannot be made anew there",
    note = "an actor with a `#[cfg]` on a field cannot: put the condition on the struct, or run it on `threads`"
)]
pub trait Isolated<K>: Ports {
    /// Writes down its configuration: the fields that are no ports.
    fn pack(&self, to: &mut Vec<u8>) -> Result<()>;
    /// Makes one of what was written down, with nothing connected to it.
    fn unpack(from: &mut &[u8]) -> Result<Self>;
    /// Its ports, one after the other.
    fn each_port(&mut self, each: EachPort<'_, Self, K>) -> Result<()>;
}
