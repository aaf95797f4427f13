//! The thread in the background that writes down what the lanes hold.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::event::{Event, write_name};
use super::file::ArrayFile;
use super::lane::{self, Lane};
use crate::profile::TraceStatus;
use crate::{Error, Result};

/// How often the lanes are emptied.
const PERIOD: Duration = Duration::from_millis(20);
/// About how much is written at once.
const CHUNK: usize = 1 << 18;
/// How long the end of a graph waits for what is not written yet.
const PATIENCE: Duration = Duration::from_secs(1);

/// A trace that is being written.
pub(in crate::profile) struct Trace {
    id: u64,
    path: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
    closed: AtomicBool,
    next_edge: AtomicU64,
    written: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Default)]
struct State {
    lanes: Vec<Arc<Lane>>,
    /// The lanes whose threads have not been named in the file.
    unnamed: Vec<Arc<Lane>>,
    names: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
    /// How often it was asked to write everything, and how often it has.
    asked: u64,
    done: u64,
    error: Option<String>,
}

impl Trace {
    /// A trace in the file `path`, which is overwritten.
    pub(in crate::profile) fn create(path: &Path) -> Result<Arc<Self>> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let file = ArrayFile::create(path).map_err(|error| {
            let message = format!("the trace {} can't be created: {error}", path.display());
            Error::Io(std::io::Error::new(error.kind(), message))
        })?;
        let trace = Arc::new(Self {
            // Relaxed: only the count has to be unique.
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            path: path.to_owned(),
            state: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
            next_edge: AtomicU64::new(0),
            written: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        });
        let writer = Arc::clone(&trace);
        std::thread::Builder::new()
            .name("streamlib trace".to_owned())
            .spawn(move || writer.run(file))?;
        Ok(trace)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a name that events have.
    pub(in crate::profile) fn name(&self, name: &str) -> u32 {
        let mut state = self.lock();
        if let Some(place) = state.places.get(name) {
            return *place;
        }
        let (place, name) = (state.names.len() as u32, Arc::<str>::from(name));
        state.names.push(Arc::clone(&name));
        state.places.insert(name, place);
        place
    }

    /// A number for an edge that no other of this trace has.
    pub(in crate::profile) fn edge(&self) -> u64 {
        self.next_edge.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes what happened on this thread.
    pub(in crate::profile) fn push(&self, event: Event) {
        // Relaxed: an event more or less at the end.
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        lane::push(self.id, event, |lane| {
            let mut state = self.lock();
            // Under the lock: the writer looks for lanes once more after it has been closed.
            let open = !self.closed.load(Ordering::Relaxed);
            if open {
                state.lanes.push(Arc::clone(&lane));
                state.unnamed.push(lane);
            }
            open
        });
    }

    /// Waits a while until all that has been noted is written.
    pub(in crate::profile) fn flush(&self) {
        let mut state = self.lock();
        state.asked += 1;
        let asked = state.asked;
        self.changed.notify_all();
        let until = Instant::now() + PATIENCE;
        while state.done < asked {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends the trace; nothing is noted any more.
    pub(in crate::profile) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.flush();
    }

    pub(in crate::profile) fn status(&self) -> TraceStatus {
        TraceStatus {
            path: self.path.clone(),
            written: self.written.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            error: self.lock().error.clone(),
        }
    }

    fn run(self: Arc<Self>, file: ArrayFile) {
        let pid = std::process::id();
        let mut text = String::with_capacity(CHUNK + 4_096);
        let program = std::env::args().next().unwrap_or_default();
        let program = Path::new(&program).file_name().unwrap_or_default();
        write_name(
            &mut text,
            "process_name",
            pid,
            0,
            &program.to_string_lossy(),
        );
        let mut pen = Pen {
            trace: &self,
            file: Some(file),
            text,
            names: Vec::new(),
            events: 1,
            pid,
        };
        loop {
            let mut state = self.lock();
            if state.done == state.asked && !self.closed.load(Ordering::Relaxed) {
                let waited = self.changed.wait_timeout(state, PERIOD);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            let (asked, closed) = (state.asked, self.closed.load(Ordering::Relaxed));
            let lanes = state.lanes.clone();
            let unnamed = std::mem::take(&mut state.unnamed);
            drop(state);
            for lane in &unnamed {
                pen.thread(lane);
            }
            drop(unnamed);
            lanes.iter().for_each(|lane| pen.lane(lane));
            pen.write();
            let nobody = |lane: &Arc<Lane>| Arc::strong_count(lane) == 2 && lane.len() == 0;
            let mut state = self.lock();
            // Of a thread that has ended, only `lanes` and the state hold the lane.
            state.lanes.retain(|lane| !nobody(lane));
            state.done = asked;
            if closed {
                state.lanes.clear();
            }
            drop(state);
            self.changed.notify_all();
            if closed {
                return;
            }
        }
    }
}

/// Writes events, many at a time.
struct Pen<'a> {
    trace: &'a Trace,
    file: Option<ArrayFile>,
    text: String,
    names: Vec<Arc<str>>,
    events: u64,
    pid: u32,
}

impl Pen<'_> {
    fn next(&mut self) {
        if self.text.len() >= CHUNK {
            self.write();
        }
        if !self.text.is_empty() {
            self.text.push_str(",\n");
        }
    }

    fn thread(&mut self, lane: &Lane) {
        self.next();
        write_name(
            &mut self.text,
            "thread_name",
            self.pid,
            lane.thread,
            &lane.name,
        );
        self.events += 1;
    }

    fn lane(&mut self, lane: &Lane) {
        // No more than there is now, or a busy thread would keep the others' events here.
        for _ in 0..lane.len() {
            let Some(event) = lane.pop() else { break };
            if event.name as usize >= self.names.len() {
                self.names = self.trace.lock().names.clone();
            }
            self.next();
            let name = self.names.get(event.name as usize).map_or("", |name| name);
            event.write(&mut self.text, self.pid, lane.thread, name);
            self.events += event.count();
        }
        self.dropped(lane.take_dropped());
    }

    fn dropped(&self, events: u64) {
        self.trace.dropped.fetch_add(events, Ordering::Relaxed);
    }

    fn write(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let events = std::mem::take(&mut self.events);
        let result = self.file.as_mut().map(|file| file.add(&self.text));
        self.text.clear();
        match result {
            Some(Ok(())) => {
                self.trace.written.fetch_add(events, Ordering::Relaxed);
            }
            Some(Err(error)) => {
                self.file = None;
                let path = self.trace.path.display();
                tracing::warn!(%error, "the trace {path} ends here");
                self.trace.lock().error = Some(error.to_string());
                self.dropped(events);
            }
            None => self.dropped(events),
        }
    }
}
