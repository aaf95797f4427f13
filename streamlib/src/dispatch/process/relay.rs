//! What a worker prints and tells, said again in the program, with the names of those who said it.

use std::io::Write;

use super::letters::Told;

/// The most bytes of a line that are kept together.
const LONGEST: usize = 64 << 10;
/// The most bytes of the last line that are told of a worker that has ended.
const LAST_WORDS: usize = 500;

/// Lines of standard output and standard error that are not complete yet.
#[derive(Default)]
pub(super) struct Lines {
    out: Vec<u8>,
    err: Vec<u8>,
    last: Option<String>,
}

impl Lines {
    /// Some bytes of standard output; false at their end.
    pub fn out(&mut self, bytes: Vec<u8>, names: impl Fn() -> String) -> bool {
        complete(&mut self.out, &bytes, |line| {
            print(&mut std::io::stdout().lock(), &names(), line);
        });
        !bytes.is_empty()
    }

    /// Some bytes of standard error; false at their end.
    pub fn err(&mut self, bytes: Vec<u8>, names: impl Fn() -> String) -> bool {
        let last = &mut self.last;
        complete(&mut self.err, &bytes, |line| {
            print(&mut std::io::stderr().lock(), &names(), line);
            let text = String::from_utf8_lossy(line);
            let text = text.trim();
            // What the panic hook and the runtime add is of no use by itself.
            if !text.is_empty() && !text.starts_with("note: ") {
                *last = Some(text.chars().take(LAST_WORDS).collect());
            }
        });
        !bytes.is_empty()
    }

    /// Prints what has no end of its line.
    pub fn flush(&mut self, names: &str) {
        if !self.out.is_empty() {
            print(&mut std::io::stdout().lock(), names, &self.out);
        }
        if !self.err.is_empty() {
            self.err(b"\n".to_vec(), || names.to_owned());
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
pub(super) fn event(actor: &str, level: u8, target: &str, text: &str) {
    // The level of an event is fixed where it is written.
    match level {
        1 => tracing::error!(target: "streamlib::process", actor, from = target, "{text}"),
        2 => tracing::warn!(target: "streamlib::process", actor, from = target, "{text}"),
        3 => tracing::info!(target: "streamlib::process", actor, from = target, "{text}"),
        4 => tracing::debug!(target: "streamlib::process", actor, from = target, "{text}"),
        _ => tracing::trace!(target: "streamlib::process", actor, from = target, "{text}"),
    }
}

/// A metric, as if it had been told here, with the actor's name as a label.
#[cfg(feature = "metrics")]
pub(super) fn metric(actor: String, name: String, labels: Vec<(String, String)>, told: Told) {
    let mut all: Vec<metrics::Label> = labels
        .into_iter()
        .map(|(name, value)| metrics::Label::new(name, value))
        .collect();
    all.push(metrics::Label::new("actor", actor));
    match told {
        Told::Counted(by) => metrics::counter!(name, all).increment(by),
        Told::Reached(value) => metrics::counter!(name, all).absolute(value),
        Told::Gauge(value) => metrics::gauge!(name, all).set(value),
        Told::Moved(by) => metrics::gauge!(name, all).increment(by),
        Told::Recorded(value) => metrics::histogram!(name, all).record(value),
    }
}

/// Nobody collects metrics.
#[cfg(not(feature = "metrics"))]
pub(super) fn metric(_actor: String, _name: String, _labels: Vec<(String, String)>, _told: Told) {}

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
        );
        assert_eq!(lines.last_words(), Some("panicked at x"));
    }
}
