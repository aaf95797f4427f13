//! `process`: actors in processes of their own, with what they read and write in shared memory.
//!
//! # A worker
//! A *worker* is the program, started again ([`worker`]). It is told which function runs the actor, by how far that is from
//! another one (`image.rs`), and the actor's configuration; it makes the actor anew and runs it on a thread of its own
//! (`inside/`). Two workers are shared by all actors `on process` that do not ask for one of their own (`pool.rs`).
//!
//! # A tick
//! In the graph stands a [`Remote`](remote::Remote) for the actor. On a tick it reads the inputs, writes what it finds into a
//! *segment* of shared memory (`segment.rs`), and wakes the worker; the worker feeds rings of its own with it, lets the actor
//! work, and answers in the same way. Pixels and samples stay where they are: they lie in sealed files in memory, of
//! which the message has the numbers (`memory/lend.rs`). Each side sees the other's for reading only.
//!
//! # What is believed
//! Nothing of what a worker says: all of it is copied first and then checked (`line.rs`). A worker that says what cannot
//! be is ended. One that ends, however it does, holds nothing: what was lent to it is counted by its [`Remote`](remote::Remote) alone.
//! What it can still do is to change pictures that it has sent while somebody looks at them; those are bytes, of which any
//! value is a picture.

#[cfg(any(fuzzing, test))]
pub mod fuzzing;

mod death;
mod image;
mod inside;
mod letters;
mod line;
mod local;
mod metered;
mod pool;
mod relay;
mod remote;
mod rests;
mod segment;
mod socket;
mod watch;
mod word;
mod worker;

pub use inside::worker;
pub use local::Local;
pub use word::Process;
#[doc(hidden)]
pub use word::hosting;

/// How much is told of what happens, as a number: 0 for nothing, to 5 for everything.
fn level() -> u8 {
    use tracing::level_filters::LevelFilter;
    match LevelFilter::current() {
        LevelFilter::OFF => 0,
        LevelFilter::ERROR => 1,
        LevelFilter::WARN => 2,
        LevelFilter::INFO => 3,
        LevelFilter::DEBUG => 4,
        _ => 5,
    }
}
