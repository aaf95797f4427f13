//! What `#[actor]` asks of the fields that are no ports: that each can move to another thread.

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

/// Compiles for what can move.
pub fn moves<T: Moves + ?Sized>() {}

/// An actor's fields that are no ports.
pub trait Fields {
    /// Compiles if each of them can move with it.
    fn move_with_it();
}
