//! What `#[actor]` asks of its fields: that each can move to another thread.

use std::marker::PhantomData;

use super::Port;

/// A field that can move to the thread on which its actor runs.
#[diagnostic::on_unimplemented(
    message = "an actor cannot hold `{Self}`: it cannot move to another thread",
    label = "this is not `Send`, and an actor moves to the thread that it runs on",
    note = "hold an `Arc` in place of an `Rc`, `Box<dyn … + Send>` in place of `Box<dyn …>`; wrap a raw pointer in a type \
            of its own with an `unsafe impl Send` that says why it may move"
)]
pub trait Moves {}

#[diagnostic::do_not_recommend]
impl<T: Send + ?Sized> Moves for T {}

/// The type of a field.
pub fn field<T: ?Sized>(_field: &T) -> PhantomData<T> {
    PhantomData
}

/// Compiles for what can move.
pub fn moves<T: Moves + ?Sized>(_field: PhantomData<T>) {}

/// Compiles for a port: that moves if what flows through it is a message, which is asked elsewhere.
pub fn port_moves<P: Port>(_port: PhantomData<P>) {}

/// The fields of an actor.
pub trait Fields {
    /// Compiles if each of them can move with it.
    fn move_with_it(&self);
}
