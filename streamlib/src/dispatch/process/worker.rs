//! A worker as its program sees it: a process that runs actors, and what is known of it.

use std::collections::BTreeSet;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, Signal};

use super::death::Death;
use super::letters::{LONGEST, NAME, Seat, VARIABLE};
use super::segment::Segment;
use super::socket;
use crate::{Error, Result};

/// How long a worker may take until it is there, and an actor until it has started.
pub(super) const START: Duration = Duration::from_secs(20);
/// How long it is waited for what was printed.
const FLUSH: Duration = Duration::from_secs(2);

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that runs actors.
pub(super) struct Worker {
    pub(super) control: OwnedFd,
    pub(super) process: OnceLock<(u32, OwnedFd)>,
    pub(super) memory: Option<u64>,
    /// Why it is being ended, and because of which actor, if it is because of one.
    pub(super) sentence: Mutex<Option<(Death, Option<String>)>>,
    pub(super) life: Mutex<Life>,
    pub(super) flushed: Condvar,
}

#[derive(Default)]
pub(super) struct Life {
    /// The actors in it, and what they listen to.
    pub(super) seats: Vec<(String, Arc<Segment>)>,
    /// The names of all that have ever been in it.
    pub(super) known: BTreeSet<String>,
    pub(super) death: Option<Arc<str>>,
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
        let worker = Arc::new(Worker::new(control, memory));
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
                employed.0.end(Death::Unborn(why.clone()), None);
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
        let mut letter = Vec::new();
        crate::message::encode(seat, &mut letter)?;
        if letter.len() > LONGEST {
            return Err(Error::other(format!(
                "the names of the actor and of its type have {} bytes; {LONGEST} are the most that reach another process",
                letter.len()
            )));
        }
        {
            let mut life = lock(&self.0.life);
            if let Some(death) = &life.death {
                return Err(Error::other(death.to_string()));
            }
            // Before it is told, so that the actor hears of an end that comes at once.
            life.sit(&seat.name, segment);
        }
        let files = [segment.as_fd(), socket.as_fd(), configuration.as_fd()];
        let sent = socket::send(&self.0.control, &letter, &files);
        if sent.is_err() {
            self.leave(segment);
        }
        sent
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

    /// Ends it, for a reason, which is what the actor of this name did.
    pub fn end(&self, why: Death, actor: &str) {
        self.0.end(why, Some(actor.to_owned()));
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

impl Life {
    pub(super) fn sit(&mut self, name: &str, segment: &Arc<Segment>) {
        self.known.insert(name.to_owned());
        self.seats.push((name.to_owned(), Arc::clone(segment)));
    }
}

impl Worker {
    /// One that is still to be started, and is spoken to by `control`.
    pub(super) fn new(control: OwnedFd, memory: Option<u64>) -> Self {
        Self {
            control,
            process: OnceLock::new(),
            memory,
            sentence: Mutex::default(),
            life: Mutex::default(),
            flushed: Condvar::new(),
        }
    }

    pub(super) fn end(&self, why: Death, actor: Option<String>) {
        lock(&self.sentence).get_or_insert((why, actor));
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

    pub(super) fn start(&self, theirs: OwnedFd) -> Result<Child> {
        let mut child = Command::new("/proc/self/exe")
            .arg0(NAME)
            .env(VARIABLE, std::process::id().to_string())
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

    pub(super) fn has_flushed(&self) {
        lock(&self.life).flushes += 1;
        self.flushed.notify_all();
    }

    pub(super) fn names(&self) -> String {
        let life = lock(&self.life);
        let names: Vec<&str> = life.seats.iter().map(|(name, _)| &name[..]).collect();
        if names.is_empty() {
            return "worker".to_owned();
        }
        names.join(", ")
    }

    /// Who told something: the actor that it says, if that is or was in this worker; else any of those that are.
    pub(super) fn speaker(&self, said: String) -> String {
        if lock(&self.life).known.contains(&said) {
            return said;
        }
        self.names()
    }

    /// Where several actors are in it: the one because of which it is ended, or else those that were at work when it ended.
    pub(super) fn suspects(&self, actor: Option<&str>) -> String {
        let life = lock(&self.life);
        if life.seats.len() < 2 {
            return String::new();
        }
        if let Some(actor) = actor {
            return format!("; because of {actor}");
        }
        let at_work = life.seats.iter().filter(|(_, segment)| segment.is_asked());
        match &at_work.map(|(name, _)| &name[..]).collect::<Vec<_>>()[..] {
            [] => "; none of them was at work".to_owned(),
            names => format!("; at work: {}", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::segment::{Envelope, Side};
    use super::*;
    use crate::memory::{Access, Mapping};

    #[test]
    fn an_actor_that_could_not_be_put_there_is_not_there() -> Result<()> {
        let (control, theirs) = socket::pair()?;
        let worker = Employed(Arc::new(Worker::new(control, None)));
        let sit = |name: String| {
            let seat = Seat {
                entry: 0,
                name,
                kind: String::new(),
                len: 0,
                memory: None,
                level: 0,
                metrics: false,
            };
            let configuration = Mapping::new(1, Access::OneWrites)?;
            let configuration = configuration.as_fd().try_clone_to_owned()?;
            worker.seat(
                &seat,
                &Arc::new(Segment::new()?),
                socket::pair()?.0,
                configuration,
            )
        };
        sit("bars".to_owned())?;
        assert_eq!(worker.seats(), 1);
        let error = sit("x".repeat(LONGEST)).unwrap_err().to_string();
        assert!(error.contains("65536 are the most"), "{error}");
        drop(theirs); // nobody listens
        assert!(sit("tone".to_owned()).is_err());
        assert_eq!((worker.seats(), worker.0.names()), (1, "bars".to_owned()));
        Ok(())
    }

    #[test]
    fn who_spoke_and_who_was_at_work_is_known_as_far_as_it_can_be() -> Result<()> {
        let worker = Worker::new(socket::pair()?.0, None);
        let [bars, tone] = [Arc::new(Segment::new()?), Arc::new(Segment::new()?)];
        lock(&worker.life).sit("bars", &bars);
        assert_eq!(worker.speaker(String::new()), "bars", "it is alone");
        assert_eq!(worker.suspects(None), "");
        lock(&worker.life).sit("tone", &tone);
        assert_eq!(worker.speaker("tone".to_owned()), "tone");
        assert_eq!(worker.speaker("program".to_owned()), "bars, tone");
        assert_eq!(worker.suspects(None), "; none of them was at work");
        tone.say(Side::Here, 1, Envelope::default(), &[]);
        assert_eq!(worker.suspects(None), "; at work: tone");
        assert_eq!(worker.suspects(Some("bars")), "; because of bars");
        lock(&worker.life).seats.clear();
        assert_eq!(worker.speaker("tone".to_owned()), "tone", "it was there");
        Ok(())
    }
}
