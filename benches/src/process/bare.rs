//! What is written without a graph: a thread that sleeps until a tick is due, sends, and waits for the answer.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use streamlib::prelude::Result;

use super::Cargo;
use super::turns::Turn;
use crate::journey::Times;

/// A way to another process that runs already.
pub trait Bare: Sized {
    /// Starts the process, and waits until it is there.
    fn open(cargo: Cargo, name: &str) -> Result<Self>;

    /// There and back once.
    fn go(&mut self, number: u64, times: &Times) -> Result<()>;

    /// Ends the process.
    fn end(self) -> Result<()>;
}

/// Its thread, and what is dropped to let it begin.
pub struct Journeys {
    thread: JoinHandle<Result<()>>,
    not_yet: mpsc::Sender<()>,
}

impl Journeys {
    /// Opens the way, which is gone on each of its turns until there is no more room for times.
    pub fn open<B: Bare>(cargo: Cargo, name: &str, turn: Turn, times: Times) -> Self {
        let (is_opening, opened) = mpsc::channel::<()>();
        let (not_yet, begin) = mpsc::channel::<()>();
        let name = name.to_owned();
        let thread = std::thread::spawn(move || {
            let mut bare = B::open(cargo, &name)?;
            drop(is_opening);
            // Err, here and below: nothing is ever sent, and what ends the wait is that nothing can be.
            let _ = begin.recv();
            for number in 0..times.count() {
                turn.sleep()?;
                bare.go(number, &times)?;
            }
            bare.end()
        });
        let _ = opened.recv();
        Self { thread, not_yet }
    }

    /// Lets it begin.
    pub fn begin(self) -> JoinHandle<Result<()>> {
        drop(self.not_yet);
        self.thread
    }
}

/// This program again, to answer.
pub fn peer(words: [&str; 3], input: Stdio) -> Result<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(words)
        .stdin(input)
        .spawn();
    Ok(child?)
}
