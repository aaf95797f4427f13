//! Where a display's pictures go, on a thread of its own: a window, else the terminal, else nowhere.
//!
//! The actor and the thread share a place for the newest picture, which a newer one replaces, and two
//! queues of events. Neither waits for the other.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;

use super::xlib::Fate;
use super::{nowhere, terminal, window};
use crate::message::{KeyEvent, MouseEvent, VideoFrame};
use crate::{Error, Result};

/// Events that wait for the actor; beyond these the oldest is given up.
const EVENTS: usize = 256;
/// How long the end of a display waits for its thread: longer only if the X server hangs.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a display was asked to be.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) title: String,
    /// Width and height of the window; as large as the first picture if not given.
    pub(super) size: Option<(u32, u32)>,
    pub(super) fullscreen: bool,
}

/// Where the pictures go.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Window {
        display: String,
        screen: (usize, usize),
    },
    Terminal {
        columns: usize,
        rows: usize,
    },
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window {
                display,
                screen: (width, height),
            } => write!(
                f,
                "in a window on {display} ({width}×{height}); Esc closes it, F is fullscreen, I tells the rate",
            ),
            Self::Terminal { columns, rows } => {
                let rate = terminal::RATE;
                write!(
                    f,
                    "in the terminal ({columns}×{rows} cells, at most {rate} fps); Ctrl-C ends"
                )
            }
            Self::Nowhere => f.write_str("nowhere: frames are counted, a line a second on stderr"),
        }
    }
}

/// What the actor and the thread share.
pub(super) struct Shared {
    newest: ArrayQueue<VideoFrame>,
    shown: AtomicU64,
    keys: ArrayQueue<KeyEvent>,
    mouse: ArrayQueue<MouseEvent>,
    /// The actor wants the thread to end.
    stop: AtomicBool,
    /// The thread has ended: the window was closed.
    ended: AtomicBool,
    fate: Arc<Fate>,
}

impl Shared {
    fn new() -> Self {
        Self {
            newest: ArrayQueue::new(1),
            shown: AtomicU64::new(0),
            keys: ArrayQueue::new(EVENTS),
            mouse: ArrayQueue::new(EVENTS),
            stop: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            fate: Arc::default(),
        }
    }

    /// The newest picture, if it has not been taken yet.
    pub(super) fn take_frame(&self) -> Option<VideoFrame> {
        self.newest.pop()
    }

    /// Whether [`take_frame`](Self::take_frame) has one to give.
    pub(super) fn has_frame(&self) -> bool {
        !self.newest.is_empty()
    }

    /// How many pictures were handed over, also those that were replaced before they were taken.
    pub(super) fn shown(&self) -> u64 {
        // Relaxed: a count, read on its own.
        self.shown.load(Ordering::Relaxed)
    }

    pub(super) fn tell_key(&self, event: KeyEvent) {
        self.keys.force_push(event);
    }

    pub(super) fn tell_mouse(&self, event: MouseEvent) {
        self.mouse.force_push(event);
    }

    pub(super) fn is_stopping(&self) -> bool {
        // Relaxed: only the flag itself counts.
        self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn fate(&self) -> &Arc<Fate> {
        &self.fate
    }

    /// Sleeps until a picture comes or the actor stops, at most for `time`.
    pub(super) fn wait(&self, time: Duration) {
        if !self.has_frame() && !self.is_stopping() {
            std::thread::park_timeout(time);
        }
    }
}

/// A display's thread, as its actor sees it.
pub(super) struct Screen {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    place: Place,
}

impl Screen {
    /// Starts the thread and waits until it knows where the pictures go.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if no thread can be started.
    pub(super) fn open(settings: Settings) -> Result<Self> {
        let shared = Arc::new(Shared::new());
        let (placed, place) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("display".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let _end = SayEnded(Arc::clone(&shared));
                    run(&shared, &settings, &placed);
                }
            })?;
        let place = place
            .recv()
            .map_err(|_| Error::other("the display's thread has ended before it had started"))?;
        Ok(Self {
            shared,
            thread: Some(thread),
            place,
        })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Hands a picture over, in place of one that has not been taken yet.
    pub(super) fn show(&self, frame: VideoFrame) {
        self.shared.newest.force_push(frame);
        // Relaxed: a count, read on its own.
        self.shared.shown.fetch_add(1, Ordering::Relaxed);
        self.wake();
    }

    /// The oldest key event that has not been taken yet.
    pub(super) fn next_key(&self) -> Option<KeyEvent> {
        self.shared.keys.pop()
    }

    /// The oldest mouse event that has not been taken yet.
    pub(super) fn next_mouse(&self) -> Option<MouseEvent> {
        self.shared.mouse.pop()
    }

    /// Whether no more is shown: the window was closed, or its server has gone.
    pub(super) fn has_ended(&self) -> bool {
        // Acquire: pairs with the Release store in `SayEnded`, so that the last events are seen.
        self.shared.ended.load(Ordering::Acquire) || self.shared.fate.server_gone()
    }

    /// Whether what ended it is the end of the X server.
    pub(super) fn has_lost_server(&self) -> bool {
        self.shared.fate.server_gone()
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Relaxed: only the flag itself counts.
        self.shared.stop.store(true, Ordering::Relaxed);
        self.wake();
        let Some(thread) = self.thread.take() else {
            return;
        };
        // Not a join: a thread whose X server has died sleeps for ever.
        let start = Instant::now();
        while !thread.is_finished() {
            if self.shared.fate.server_gone() || start.elapsed() > PATIENCE {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Notes the end of the thread, also when it panics.
struct SayEnded(Arc<Shared>);

impl Drop for SayEnded {
    fn drop(&mut self) {
        // Release: pairs with the Acquire load in `Screen::has_ended`.
        self.0.ended.store(true, Ordering::Release);
    }
}

fn run(shared: &Shared, settings: &Settings, placed: &mpsc::Sender<Place>) {
    let reason = match window::run(shared, settings, placed) {
        Ok(()) => return,
        Err(reason) => reason,
    };
    if std::io::stdout().is_terminal() {
        say(format_args!(
            "no window ({reason}): the picture is shown in the terminal"
        ));
        let (columns, rows) = terminal::size();
        let _ = placed.send(Place::Terminal { columns, rows });
        terminal::run(shared);
    } else {
        say(format_args!(
            "no window ({reason}) and no terminal: frames are counted"
        ));
        let _ = placed.send(Place::Nowhere);
        nowhere::run(shared);
    }
}

/// A line on standard error. That it cannot be written, when nobody listens, is no reason to end.
pub(super) fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "streamlib: {line}");
}
