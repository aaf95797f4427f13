//! What a worker prints and tells, said again in the program, with the names of those who said it.
//!
//! It is said on a thread of its own: standard output may be stalled, and who collects events may be slow. What waits for
//! it is counted, and while there is too much the worker is not listened to.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use super::letters::Letter;
use super::metered;

/// From so many bytes on that wait to be said, no more are taken in.
const FULL: usize = 1 << 20;
/// What each thing takes that waits, beside its own bytes.
const ITEM: usize = 100;
/// The most bytes of a line that are kept together.
const LONGEST: usize = 64 << 10;
/// The most bytes of the last line that are told of a worker that has ended.
const LAST_WORDS: usize = 500;

/// Something to be said again.
pub(super) enum Said {
    /// A line of standard output, with the names of who may have printed it.
    Out(String, Vec<u8>),
    /// One of standard error.
    Err(String, Vec<u8>),
    /// An event or a metric, and how many bytes it had.
    Told(Letter, usize),
    /// All that was said before has been said again, and somebody waits to hear that.
    Flushed,
}

impl Said {
    fn len(&self) -> usize {
        match self {
            Self::Out(names, line) | Self::Err(names, line) => ITEM + names.len() + line.len(),
            Self::Told(_, len) => ITEM + len,
            Self::Flushed => 0,
        }
    }
}

/// The way to the thread that says it. When it is dropped, the thread ends after all that is on the way.
pub(super) struct Relay {
    way: mpsc::Sender<Said>,
    /// Bytes that wait.
    waits: Arc<AtomicUsize>,
}

impl Relay {
    /// Starts the thread; it calls `flushed` whenever it comes to [`Said::Flushed`].
    pub fn new(flushed: impl Fn() + Send + 'static) -> Self {
        let (way, said) = mpsc::channel::<Said>();
        let waits = Arc::new(AtomicUsize::new(0));
        let done = Arc::clone(&waits);
        let thread = std::thread::Builder::new().name("streamlib relay".to_owned());
        let started = thread.spawn(move || {
            for said in said {
                let len = said.len();
                // A collector of events that panics is no reason to be silent.
                let _ = catch_unwind(AssertUnwindSafe(|| say(said, &flushed)));
                // Relaxed: a count, which guards nothing.
                done.fetch_sub(len, Ordering::Relaxed);
            }
        });
        if let Err(error) = started {
            tracing::warn!(%error, "what a worker prints is lost: there is no thread to print it");
        }
        Self { way, waits }
    }

    /// Has it said, whenever that is. What comes though there is no room for it, which is what a worker leaves that has ended, is
    /// lost.
    pub fn say(&self, said: Said) {
        let len = said.len();
        // Relaxed: as above.
        if len > 0 && self.waits.load(Ordering::Relaxed) > 4 * FULL {
            return;
        }
        // Relaxed: as above.
        self.waits.fetch_add(len, Ordering::Relaxed);
        if self.way.send(said).is_err() {
            self.waits.fetch_sub(len, Ordering::Relaxed);
        }
    }

    /// Whether nothing more is to be taken in.
    pub fn is_full(&self) -> bool {
        // Relaxed: as above.
        self.waits.load(Ordering::Relaxed) > FULL
    }
}

fn say(said: Said, flushed: &impl Fn()) {
    match said {
        Said::Out(names, line) => print(&mut std::io::stdout().lock(), &names, &line),
        Said::Err(names, line) => print(&mut std::io::stderr().lock(), &names, &line),
        Said::Told(
            Letter::Event {
                actor,
                level,
                target,
                text,
            },
            _,
        ) => event(&actor, level, &target, &text),
        Said::Told(
            Letter::Metric {
                actor,
                name,
                labels,
                told,
            },
            _,
        ) => metered::tell(actor, name, labels, told),
        Said::Told(Letter::Ready | Letter::Flushed, _) => {}
        Said::Flushed => flushed(),
    }
}

/// Lines of standard output and standard error that are not complete yet.
#[derive(Default)]
pub(super) struct Lines {
    out: Vec<u8>,
    err: Vec<u8>,
    last: Option<String>,
}

impl Lines {
    /// Some bytes of standard output; false at their end.
    pub fn out(&mut self, bytes: Vec<u8>, names: impl Fn() -> String, relay: &Relay) -> bool {
        complete(&mut self.out, &bytes, |line| {
            relay.say(Said::Out(names(), line.to_vec()));
        });
        !bytes.is_empty()
    }

    /// Some bytes of standard error; false at their end.
    pub fn err(&mut self, bytes: Vec<u8>, names: impl Fn() -> String, relay: &Relay) -> bool {
        let last = &mut self.last;
        complete(&mut self.err, &bytes, |line| {
            relay.say(Said::Err(names(), line.to_vec()));
            let text = String::from_utf8_lossy(line);
            let text = text.trim();
            // What the panic hook and the runtime add is of no use by itself.
            if !text.is_empty() && !text.starts_with("note: ") {
                *last = Some(text.chars().take(LAST_WORDS).collect());
            }
        });
        !bytes.is_empty()
    }

    /// Takes what has no end of its line for a line.
    pub fn flush(&mut self, names: &str, relay: &Relay) {
        if !self.out.is_empty() {
            self.out(b"\n".to_vec(), || names.to_owned(), relay);
        }
        if !self.err.is_empty() {
            self.err(b"\n".to_vec(), || names.to_owned(), relay);
        }
    }

    /// The last line of standard error.
    pub fn last_words(&self) -> Option<&str> {
        self.last.as_deref()
    }
}

/// Hands on each line that is complete, and keeps the rest.
fn complete(kept: &mut Vec<u8>, bytes: &[u8], mut line: impl FnMut(&[u8])) {
    kept.extend_from_slice(bytes);
    let mut from = 0;
    while let Some(len) = kept[from..].iter().position(|&byte| byte == b'\n') {
        line(&kept[from..from + len]);
        from += len + 1;
    }
    kept.drain(..from);
    if kept.len() > LONGEST {
        line(kept);
        kept.clear();
    }
}

fn print(to: &mut impl Write, names: &str, line: &[u8]) {
    // Err: nobody reads it.
    let _ = to
        .write_all(format!("[{names}] ").as_bytes())
        .and_then(|()| to.write_all(line))
        .and_then(|()| to.write_all(b"\n"));
}

/// An event, as if it had happened here.
fn event(actor: &str, level: u8, target: &str, text: &str) {
    // The level of an event is fixed where it is written.
    match level {
        1 => tracing::error!(target: "streamlib::process", actor, from = target, "{text}"),
        2 => tracing::warn!(target: "streamlib::process", actor, from = target, "{text}"),
        3 => tracing::info!(target: "streamlib::process", actor, from = target, "{text}"),
        4 => tracing::debug!(target: "streamlib::process", actor, from = target, "{text}"),
        _ => tracing::trace!(target: "streamlib::process", actor, from = target, "{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_handed_on_whole() {
        let (mut kept, mut lines) = (Vec::new(), Vec::new());
        for bytes in ["ba", "rs\nto", "ne\n\nre", "st"] {
            complete(&mut kept, bytes.as_bytes(), |line| {
                lines.push(String::from_utf8_lossy(line).into_owned());
            });
        }
        assert_eq!(
            (lines, &kept[..]),
            (
                vec!["bars".into(), "tone".into(), String::new()],
                &b"rest"[..]
            )
        );
        let mut cut = 0;
        complete(&mut kept, &[b'x'; LONGEST], |line| cut = line.len());
        assert_eq!((cut, kept.len()), (LONGEST + 4, 0));
    }

    #[test]
    fn the_last_words_are_those_that_say_something() {
        let mut lines = Lines::default();
        lines.err(
            b"panicked at x\nnote: run with RUST_BACKTRACE=1\n\n".to_vec(),
            String::new,
            &Relay::new(|| {}),
        );
        assert_eq!(lines.last_words(), Some("panicked at x"));
    }
}
