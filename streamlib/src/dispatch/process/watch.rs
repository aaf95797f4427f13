//! The thread that looks after a worker: it starts it, reads what it says and prints, and finds out how it ended.
//!
//! It waits for nothing else, so what is to be printed goes to a thread of its own (`relay.rs`). It lives as long as the
//! worker: the kernel ends a worker when the *thread* that started it is no more.

use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

use super::death::Death;
use super::letters::{LONGEST, Letter, Told};
use super::metered::{self, Kept};
use super::relay::{Lines, Relay, Said};
use super::segment::Side;
use super::socket::{self, Wait};
use super::worker::{Worker, lock};

/// How often it is looked whether one that has a limit has too much memory, and whether there is room for what is printed.
const LOOK: Duration = Duration::from_millis(10);
/// The most bytes that are read of what one has printed before it ended.
const LAST_BYTES: usize = 1 << 20;

impl Worker {
    /// Starts it, and looks after it until it has ended and that has been told.
    pub(super) fn look_after(self: &Arc<Self>, theirs: OwnedFd, ready: &mpsc::Sender<()>) {
        let mut lines = Lines::default();
        let worker = Arc::clone(self);
        let relay = Relay::new(move || worker.has_flushed());
        let (death, actor) = match self.start(theirs) {
            Ok(mut child) => {
                let status = self.attend(&mut child, ready, &mut lines, &relay);
                let sentence = lock(&self.sentence).take();
                sentence.unwrap_or_else(|| (death_of(status), None))
            }
            Err(error) => (Death::Unborn(error.to_string()), None),
        };
        let number = self.process.get().map_or(0, |(number, _)| *number);
        let (names, suspects) = (self.names(), self.suspects(actor.as_deref()));
        let mut told = format!("worker process {number} ({names}) {death}{suspects}");
        if let Some(words) = lines.last_words() {
            told.push_str(&format!("; its last words: {words}"));
        }
        let mut life = lock(&self.life);
        life.death = Some(told.into());
        self.flushed.notify_all();
        for (_, segment) in life.seats.drain(..) {
            // Nobody else writes there any more.
            segment.end(Side::There);
        }
    }

    /// Watches it until it has ended, and reads what it says and prints. Nothing is printed here: who reads that may be slow.
    fn attend(
        &self,
        child: &mut Child,
        ready: &mpsc::Sender<()>,
        lines: &mut Lines,
        relay: &Relay,
    ) -> std::io::Result<ExitStatus> {
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let mut control = Some(&self.control);
        let mut letter = vec![0; LONGEST];
        let mut chunk = [0; 4096];
        let Some((number, process)) = self.process.get() else {
            return child.wait();
        };
        // Since it has ended: what may still be read. Programs that it has started may print for ever.
        let mut left: Option<usize> = None;
        let mut flushes = false;
        loop {
            let is_full = relay.is_full();
            let (mut is_there, mut polled) = ([None; 4], Vec::with_capacity(4));
            // What is not taken from it, it keeps, and waits.
            let is_heard = left.is_some() || !is_full;
            let files = [
                left.is_none().then(|| process.as_fd()),
                control.map(AsFd::as_fd).filter(|_| is_heard),
                out.as_ref().map(AsFd::as_fd).filter(|_| is_heard),
                err.as_ref().map(AsFd::as_fd).filter(|_| is_heard),
            ];
            for (place, file) in is_there.iter_mut().zip(&files) {
                if let Some(file) = file {
                    *place = Some(polled.len());
                    polled.push(PollFd::from_borrowed_fd(*file, PollFlags::IN));
                }
            }
            let may_be_done = left.is_some() || (flushes && is_heard);
            let pause = match (may_be_done, self.memory.is_some() || is_full) {
                (true, _) => Some(Duration::ZERO),
                (false, true) => Some(LOOK),
                (false, false) => None,
            };
            let pause = pause.map(|pause| Timespec {
                tv_sec: 0,
                tv_nsec: pause.subsec_nanos().into(),
            });
            // Err: a signal came.
            let _ = rustix::event::poll(&mut polled, pause.as_ref());
            let has = |place: usize| {
                let polled = is_there[place].and_then(|at: usize| polled.get(at));
                polled.is_some_and(|file| !file.revents().is_empty())
            };
            let has = [has(0), has(1), has(2), has(3)];
            let mut read_now = 0;
            if has[1] {
                match self.hear(&mut letter, ready, relay) {
                    Some((len, is_flush)) => {
                        read_now += len;
                        flushes |= is_flush;
                    }
                    None => control = None,
                }
            }
            let names = || self.names();
            if has[2] {
                let bytes = read(&mut out, &mut chunk);
                read_now += bytes.len();
                if !lines.out(bytes, names, relay) {
                    out = None;
                }
            }
            if has[3] {
                let bytes = read(&mut err, &mut chunk);
                read_now += bytes.len();
                if !lines.err(bytes, names, relay) {
                    err = None;
                }
            }
            if flushes && is_heard && !has.contains(&true) {
                relay.say(Said::Flushed);
                flushes = false;
            }
            if let Some(left) = &mut left {
                *left = left.saturating_sub(read_now);
                if *left == 0 || !has.contains(&true) {
                    lines.flush(&self.names(), relay);
                    return child.wait();
                }
            }
            if has[0] {
                left = Some(LAST_BYTES);
            }
            if let (Some(limit), None) = (self.memory, left) {
                let has = resident(*number);
                if has > limit {
                    self.end(Death::Memory { limit, has }, None);
                }
            }
        }
    }

    /// Takes the next letter into `room`: how long it was, and whether it waits for all that was printed. None: no more come.
    pub(super) fn hear(
        &self,
        room: &mut [u8],
        ready: &mpsc::Sender<()>,
        relay: &Relay,
    ) -> Option<(usize, bool)> {
        match socket::receive(&self.control, room, Wait::No) {
            // Descriptors that came with it are closed.
            Ok((len @ 1.., _)) => Some((len, self.letter(&room[..len], ready, relay))),
            _ => None,
        }
    }

    /// Reads a letter; says whether it waits for all that was printed.
    fn letter(&self, bytes: &[u8], ready: &mpsc::Sender<()>, relay: &Relay) -> bool {
        match postcard::from_bytes(bytes) {
            Ok(Letter::Ready) => {
                // Err: nobody waits for it any longer.
                let _ = ready.send(());
            }
            Ok(Letter::Flushed) => return true,
            Ok(Letter::Event {
                actor,
                level,
                target,
                text,
            }) => {
                let actor = self.speaker(actor);
                let len = actor.len() + bytes.len();
                let told = Letter::Event {
                    actor,
                    level,
                    target,
                    text,
                };
                relay.say(Said::Told(told, len));
            }
            Ok(Letter::Metric {
                actor,
                name,
                labels,
                told,
            }) => self.metric(actor, name, labels, told, relay),
            Err(error) => {
                let what = format!("a letter of {} bytes: {error}", bytes.len());
                self.end(Death::Garbled(what), None);
            }
        }
        false
    }
}

impl Worker {
    /// Has a metric told, unless there have been too many of its actor.
    fn metric(
        &self,
        actor: String,
        name: String,
        labels: Vec<(String, String)>,
        told: Told,
        relay: &Relay,
    ) {
        // What it calls its actors is not believed, or there would be no end of those either.
        let actor = self.speaker(actor);
        let len = name.len();
        let letter = match metered::keep(&actor, &name, &labels) {
            Kept::Yes => Letter::Metric {
                actor,
                name,
                labels,
                told,
            },
            Kept::NoMore => Letter::Event {
                actor,
                level: 2,
                target: "metrics".to_owned(),
                text: format!(
                    "more than {} metrics, or {} KiB of their names and labels, of one actor on process: of the others, \
                     `{name}` first, none is handed on; is there a label that differs each time?",
                    metered::MOST,
                    metered::MOST_BYTES >> 10,
                ),
            },
            Kept::No => return,
        };
        relay.say(Said::Told(letter, len));
    }
}

fn read(from: &mut Option<impl Read>, into: &mut [u8; 4096]) -> Vec<u8> {
    let len = from.as_mut().and_then(|from| from.read(into).ok());
    into[..len.unwrap_or(0)].to_vec()
}

fn death_of(status: std::io::Result<ExitStatus>) -> Death {
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => Death::Exited(code),
            (None, Some(signal)) => Death::Signal(signal),
            (None, None) => Death::Unborn(status.to_string()),
        },
        Err(error) => Death::Unborn(error.to_string()),
    }
}

/// How many bytes of a process are in memory.
fn resident(number: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{number}/statm")).unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_u64) * rustix::param::page_size() as u64
}
