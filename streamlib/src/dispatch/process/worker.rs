//! A worker as its program sees it: a process that runs actors, and the thread that looks after it.
//!
//! That thread starts it, reads what it says and prints, and finds out how it ended. It lives as long as the worker: the
//! kernel ends a worker when the *thread* that started it is no more.

use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};

use super::death::Death;
use super::letters::{LONGEST, Letter, NAME, Seat};
use super::relay::{self, Lines};
use super::segment::{Segment, Side};
use super::socket::{self, Wait};
use crate::{Error, Result};

/// How long a worker may take until it is there, and an actor until it has started.
pub(super) const START: Duration = Duration::from_secs(20);
/// How long it is waited for what was printed.
const FLUSH: Duration = Duration::from_secs(2);
/// How often the memory of one that has a limit is looked at.
const LOOK: Duration = Duration::from_millis(10);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that runs actors.
pub(super) struct Worker {
    control: OwnedFd,
    process: OnceLock<(u32, OwnedFd)>,
    memory: Option<u64>,
    /// Why it is being ended.
    sentence: Mutex<Option<Death>>,
    life: Mutex<Life>,
    flushed: Condvar,
}

#[derive(Default)]
struct Life {
    /// The actors in it, and what they listen to.
    seats: Vec<(String, Arc<Segment>)>,
    death: Option<Arc<str>>,
    /// How often all that was printed has been printed here.
    flushes: u64,
}

/// A hold on a worker. When the last is dropped, the worker ends.
pub(super) struct Employed(Arc<Worker>);

impl Drop for Employed {
    fn drop(&mut self) {
        // Err: it is gone. The worker sees the end of its socket, and ends.
        let _ = rustix::net::shutdown(&self.0.control, rustix::net::Shutdown::Both);
    }
}

impl Employed {
    /// Starts a worker, and returns when it is there.
    ///
    /// # Errors
    /// When it could not be started.
    pub fn hire(memory: Option<u64>) -> Result<Self> {
        let (control, theirs) = socket::pair()?;
        let worker = Arc::new(Worker {
            control,
            process: OnceLock::new(),
            memory,
            sentence: Mutex::default(),
            life: Mutex::default(),
            flushed: Condvar::new(),
        });
        let (ready, is_ready) = mpsc::channel();
        let looked_after = Arc::clone(&worker);
        std::thread::Builder::new()
            .name("streamlib worker".to_owned())
            .spawn(move || looked_after.look_after(theirs, &ready))?;
        let employed = Self(worker);
        match is_ready.recv_timeout(START) {
            Ok(()) => Ok(employed),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let why = format!("it was not there within {START:?}");
                employed.0.end(Death::Unborn(why.clone()));
                Err(Error::other(format!(
                    "a worker process could not be started: {why}"
                )))
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(Error::other(employed.0.obituary())),
        }
    }

    /// Has it run an actor.
    pub fn seat(
        &self,
        seat: &Seat,
        segment: &Arc<Segment>,
        socket: OwnedFd,
        configuration: OwnedFd,
    ) -> Result<()> {
        {
            let mut life = lock(&self.0.life);
            if let Some(death) = &life.death {
                return Err(Error::other(death.to_string()));
            }
            life.seats.push((seat.name.clone(), Arc::clone(segment)));
        }
        let mut letter = Vec::new();
        crate::message::encode(seat, &mut letter)?;
        socket::send(
            &self.0.control,
            &letter,
            &[segment.as_fd(), socket.as_fd(), configuration.as_fd()],
        )
    }

    /// The actor that listens to this segment is no longer in it.
    pub fn leave(&self, segment: &Arc<Segment>) {
        let mut life = lock(&self.0.life);
        life.seats.retain(|(_, other)| !Arc::ptr_eq(other, segment));
    }

    pub fn is_dead(&self) -> bool {
        lock(&self.0.life).death.is_some()
    }

    /// Whether actors may still be put into it: it is not dead, and has not been told to end.
    pub fn takes_actors(&self) -> bool {
        lock(&self.0.life).death.is_none() && lock(&self.0.sentence).is_none()
    }

    /// Ends it, for a reason.
    pub fn end(&self, why: Death) {
        self.0.end(why);
    }

    /// How it ended, in words; waits until that is known.
    pub fn obituary(&self) -> String {
        self.0.obituary()
    }

    /// How often all that it printed has been printed here.
    pub fn flushes(&self) -> u64 {
        lock(&self.0.life).flushes
    }

    /// Waits until that was once more than `before`; not for long.
    pub fn wait_for_flush(&self, before: u64) {
        let is_waited_for = |life: &mut Life| life.flushes == before && life.death.is_none();
        // Err: the others' panic is told by them.
        let _ = (self.0.flushed).wait_timeout_while(lock(&self.0.life), FLUSH, is_waited_for);
    }

    /// How many actors are in it.
    pub fn seats(&self) -> usize {
        lock(&self.0.life).seats.len()
    }
}

impl Worker {
    fn end(&self, why: Death) {
        lock(&self.sentence).get_or_insert(why);
        if let Some((_, process)) = self.process.get() {
            // Err: it is gone already.
            let _ = rustix::process::pidfd_send_signal(process, Signal::KILL);
        }
    }

    fn obituary(&self) -> String {
        // It is being ended or it has ended: the thread that looks after it is about to say so.
        for _ in 0..5000 {
            if let Some(death) = &lock(&self.life).death {
                return death.to_string();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        "its worker process does not end".to_owned()
    }

    fn look_after(&self, theirs: OwnedFd, ready: &mpsc::Sender<()>) {
        let mut lines = Lines::default();
        let death = match self.start(theirs) {
            Ok(mut child) => {
                let status = self.attend(&mut child, ready, &mut lines);
                let sentence = lock(&self.sentence).take();
                sentence.unwrap_or_else(|| death_of(status))
            }
            Err(error) => Death::Unborn(error.to_string()),
        };
        let number = self.process.get().map_or(0, |(number, _)| *number);
        let mut told = format!("worker process {number} ({}) {death}", self.names());
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

    fn start(&self, theirs: OwnedFd) -> Result<Child> {
        let mut child = Command::new("/proc/self/exe")
            .arg0(NAME)
            .arg(std::process::id().to_string())
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let open = || {
            let number = Pid::from_raw(child.id() as i32).ok_or("it has no number")?;
            rustix::process::pidfd_open(number, PidfdFlags::empty())
                .map_err(|error| Error::Io(error.into()))
        };
        match open() {
            Ok(process) => {
                self.process.get_or_init(|| (child.id(), process));
                Ok(child)
            }
            Err(error) => {
                // Err: it has ended by itself.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Reads what it says and prints until it has ended.
    fn attend(
        &self,
        child: &mut Child,
        ready: &mpsc::Sender<()>,
        lines: &mut Lines,
    ) -> std::io::Result<ExitStatus> {
        let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
        let mut control = Some(&self.control);
        let mut letter = vec![0; LONGEST];
        let mut chunk = [0; 4096];
        let Some((number, process)) = self.process.get() else {
            return child.wait();
        };
        let (mut ended, mut flushes) = (false, false);
        loop {
            let (mut is_there, mut polled) = ([None; 4], Vec::with_capacity(4));
            let files = [
                (!ended).then(|| process.as_fd()),
                control.map(AsFd::as_fd),
                out.as_ref().map(AsFd::as_fd),
                err.as_ref().map(AsFd::as_fd),
            ];
            for (place, file) in is_there.iter_mut().zip(&files) {
                if let Some(file) = file {
                    *place = Some(polled.len());
                    polled.push(PollFd::from_borrowed_fd(*file, PollFlags::IN));
                }
            }
            let pause = match (ended || flushes, self.memory) {
                (true, _) => Some(Duration::ZERO),
                (false, Some(_)) => Some(LOOK),
                (false, None) => None,
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
            if has[1] {
                match socket::receive(&self.control, &mut letter, Wait::No) {
                    Ok((len @ 1.., _)) => flushes |= self.letter(&letter[..len], ready),
                    _ => control = None,
                }
            }
            let names = || self.names();
            if has[2] && !lines.out(read(&mut out, &mut chunk), names) {
                out = None;
            }
            if has[3] && !lines.err(read(&mut err, &mut chunk), names) {
                err = None;
            }
            if flushes && !has.contains(&true) {
                lock(&self.life).flushes += 1;
                self.flushed.notify_all();
                flushes = false;
            }
            if ended && !has.contains(&true) {
                lines.flush(&self.names());
                return child.wait();
            }
            ended |= has[0];
            if let (Some(limit), false) = (self.memory, ended) {
                let has = resident(*number);
                if has > limit {
                    self.end(Death::Memory { limit, has });
                }
            }
        }
    }

    /// Reads a letter; says whether it waits for all that was printed.
    fn letter(&self, bytes: &[u8], ready: &mpsc::Sender<()>) -> bool {
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
            }) => relay::event(&actor, level, &target, &text),
            Ok(Letter::Metric {
                actor,
                name,
                labels,
                told,
            }) => relay::metric(actor, name, labels, told),
            Err(error) => self.end(Death::Garbled(format!(
                "a letter of {} bytes: {error}",
                bytes.len()
            ))),
        }
        false
    }

    fn names(&self) -> String {
        let life = lock(&self.life);
        let names: Vec<&str> = life.seats.iter().map(|(name, _)| &name[..]).collect();
        if names.is_empty() {
            return "worker".to_owned();
        }
        names.join(", ")
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
