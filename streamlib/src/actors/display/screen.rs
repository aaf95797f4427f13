//! Where a display's pictures go, on a thread of its own: a window, else the terminal, else nowhere.
//!
//! The actor and the thread share a place for the newest picture, which a newer one replaces, and two
//! queues of events. Neither waits for the other.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::net::Shutdown;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;

use super::bell::Bell;
use super::counts::DisplayCounts;
use super::fit::Scaling;
use super::{nowhere, terminal, window};
use crate::clock::Precision;
use crate::clock::precision::{follow, of_this_thread};
use crate::message::{KeyEvent, MouseEvent, VideoFrame};
use crate::{Error, Result};

/// Events that wait for the actor; beyond these the oldest is given up.
const EVENTS: usize = 256;
/// How long the end of a display waits for its thread before it cuts the connection to an X server that hangs, and
/// how long after that.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long the display server may take to answer at first.
const ANSWER: Duration = Duration::from_secs(10);

/// What a display was asked to be.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) title: String,
    /// Width and height of the window; as large as the first picture if not given.
    pub(super) size: Option<(u32, u32)>,
    pub(super) fullscreen: bool,
    pub(super) scaling: Scaling,
    pub(super) overlay: bool,
    /// Whether keys do something in the window.
    pub(super) shortcuts: bool,
    /// The folder for pictures of what the window shows.
    #[cfg(feature = "images")]
    pub(super) snapshots: std::path::PathBuf,
}

const KEYS: &str =
    "; Esc closes it, F is fullscreen, S is scaling, I tells rate, drops and latency";

/// Where the pictures go.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Window {
        display: String,
        screen: (usize, usize),
        shortcuts: bool,
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
                shortcuts,
            } => {
                let keys = if *shortcuts { KEYS } else { "" };
                write!(f, "in a window on {display} ({width}×{height}){keys}")
            }
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

/// A picture, and how soon the thread that hands it over gets a core: the screen's thread is part of its way.
struct Handed {
    frame: VideoFrame,
    precision: Option<Precision>,
}

/// What the actor and the thread share.
pub(super) struct Shared {
    newest: ArrayQueue<Handed>,
    counts: DisplayCounts,
    keys: ArrayQueue<KeyEvent>,
    mouse: ArrayQueue<MouseEvent>,
    /// Rung for every picture, and when the display stops.
    bell: Bell,
    /// The actor wants the thread to end.
    stop: AtomicBool,
    /// The thread has ended: the window was closed.
    ended: AtomicBool,
    /// What ended it is the end of the X server.
    lost_server: AtomicBool,
    /// The connection to the X server, by which a thread that waits for it is freed.
    server: OnceLock<UnixStream>,
}

impl Shared {
    fn new(counts: DisplayCounts) -> Result<Self> {
        Ok(Self {
            newest: ArrayQueue::new(1),
            counts,
            keys: ArrayQueue::new(EVENTS),
            mouse: ArrayQueue::new(EVENTS),
            bell: Bell::new()?,
            stop: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            lost_server: AtomicBool::new(false),
            server: OnceLock::new(),
        })
    }

    /// The newest picture, if it has not been taken yet. The calling thread is from now on as soon at work as the actor.
    pub(super) fn take_frame(&self) -> Option<VideoFrame> {
        let Handed { frame, precision } = self.newest.pop()?;
        follow(precision);
        Some(frame)
    }

    pub(super) fn counts(&self) -> &DisplayCounts {
        &self.counts
    }

    pub(super) fn tell_key(&self, event: KeyEvent) {
        self.keys.force_push(event);
    }

    pub(super) fn tell_mouse(&self, event: MouseEvent) {
        self.mouse.force_push(event);
    }

    pub(super) fn tell_lost_server(&self) {
        // Relaxed: read after `ended`, which is stored with Release after this.
        self.lost_server.store(true, Ordering::Relaxed);
    }

    /// The socket to the X server: when the display stops while the server hangs, it is cut.
    pub(super) fn tell_server(&self, socket: BorrowedFd<'_>) {
        // Err: no more files can be opened; the end of the display is then waited for in vain, and not for long.
        if let Ok(socket) = socket.try_clone_to_owned() {
            let _ = self.server.set(socket.into());
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        // Relaxed: only the flag itself counts.
        self.stop.load(Ordering::Relaxed)
    }

    /// Sleeps until a picture comes, the actor stops, or `other` has something to read; at most for `time`.
    pub(super) fn wait(&self, other: Option<BorrowedFd<'_>>, time: Duration) {
        self.bell.wait(other, time);
    }
}

/// A display's thread, as its actor sees it.
pub(super) struct Screen {
    shared: Arc<Shared>,
    /// Hears nothing but that the thread has let go of its end.
    thread: mpsc::Receiver<()>,
    place: Place,
}

impl Screen {
    /// Starts the thread and waits until it knows where the pictures go.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if no thread can be started.
    pub(super) fn open(settings: Settings, counts: DisplayCounts) -> Result<Self> {
        let shared = Arc::new(Shared::new(counts)?);
        let (placed, place) = mpsc::channel();
        let (end, thread) = mpsc::channel();
        std::thread::Builder::new()
            .name("display".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let _end = end;
                    let _said = SayEnded(Arc::clone(&shared));
                    run(&shared, &settings, &placed);
                }
            })?;
        let place = place.recv_timeout(ANSWER).map_err(|error| {
            // Relaxed: the thread looks at it when it gets on, whenever that is.
            shared.stop.store(true, Ordering::Relaxed);
            Error::other(match error {
                RecvTimeoutError::Timeout => "the display server does not answer",
                RecvTimeoutError::Disconnected => {
                    "the display's thread has ended before it had started"
                }
            })
        })?;
        Ok(Self {
            shared,
            thread,
            place,
        })
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Hands a picture over, in place of one that has not been taken yet.
    pub(super) fn show(&self, frame: VideoFrame) {
        let precision = of_this_thread();
        let handed = Handed { frame, precision };
        if self.shared.newest.force_push(handed).is_some() {
            self.shared.counts.add_replaced();
        }
        self.shared.bell.ring();
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
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Whether what ended it is the end of the X server.
    pub(super) fn has_lost_server(&self) -> bool {
        // Relaxed: asked after `has_ended`, whose load is the Acquire.
        self.shared.lost_server.load(Ordering::Relaxed)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Relaxed: only the flag itself counts.
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.bell.ring();
        // Not a join: the X server may hang, or the terminal, and the thread with it.
        let is_there = || self.thread.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if is_there()
            && let Some(server) = self.shared.server.get()
        {
            // Err: it is cut already.
            let _ = server.shutdown(Shutdown::Both);
            is_there();
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
