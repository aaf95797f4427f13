//! What happened, as it is noted on a tick and as it is written down.

use std::fmt::Write;

/// What happened, small enough to be noted in no time. Times are nanoseconds of the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(in crate::profile) struct Event {
    /// The place of the actor's or the edge's name.
    pub(in crate::profile) name: u32,
    pub(in crate::profile) clock: u32,
    pub(in crate::profile) frame_number: u64,
    pub(in crate::profile) begin: u64,
    pub(in crate::profile) end: u64,
    pub(in crate::profile) kind: EventKind,
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug)]
pub(in crate::profile) enum EventKind {
    /// A thread worked on a tick from `begin` to `end`.
    Slice,
    /// An item that was published at `begin` by the first of the threads was taken up at `end` by the
    /// other, under a number of its own.
    Flow { id: u64, threads: [u64; 2] },
}

/// The process and its threads, whose names are events too.
pub(super) fn write_name(text: &mut String, what: &str, pid: u32, thread: u64, name: &str) {
    // Writing to a String does not fail.
    let _ = write!(
        text,
        r#"{{"name":"{what}","ph":"M","pid":{pid},"tid":{thread},"args":{{"name":""#
    );
    escape(text, name);
    text.push_str("\"}}");
}

impl Event {
    /// How many events of the format it is.
    pub(super) fn count(&self) -> u64 {
        match self.kind {
            EventKind::Slice => 1,
            EventKind::Flow { .. } => 2,
        }
    }

    /// Writes it as it is in the file, `own` being the thread that noted it.
    pub(super) fn write(&self, text: &mut String, pid: u32, own: u64, name: &str) {
        let Self {
            clock,
            frame_number,
            begin,
            end,
            ..
        } = *self;
        match self.kind {
            EventKind::Slice => {
                text.push_str(r#"{"name":""#);
                escape(text, name);
                let (ts, dur) = (Micros(begin), Micros(end.saturating_sub(begin)));
                let _ = write!(
                    text,
                    r#"","cat":"actor","ph":"X","ts":{ts},"dur":{dur},"pid":{pid},"tid":{own},"args":{{"tick":{frame_number},"clock":{clock}}}}}"#
                );
            }
            EventKind::Flow {
                id,
                threads: [from, to],
            } => {
                let ends = [("s", "", begin, from), ("f", r#","bp":"e""#, end, to)];
                for (place, (ph, bp, ts, tid)) in ends.into_iter().enumerate() {
                    text.push_str(if place == 0 {
                        r#"{"name":""#
                    } else {
                        ",\n{\"name\":\""
                    });
                    escape(text, name);
                    let ts = Micros(ts);
                    let _ = write!(
                        text,
                        r#"","cat":"edge","ph":"{ph}"{bp},"id":"{id:#x}","ts":{ts},"pid":{pid},"tid":{tid},"args":{{"tick":{frame_number}}}}}"#
                    );
                }
            }
        }
    }
}

/// Nanoseconds, written as the microseconds of the format.
struct Micros(u64);

impl std::fmt::Display for Micros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

fn escape(text: &mut String, name: &str) {
    for letter in name.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            control if control < ' ' => {
                let _ = write!(text, "\\u{:04x}", control as u32);
            }
            other => text.push(other),
        }
    }
}
