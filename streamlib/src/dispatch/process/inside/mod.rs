//! The worker's own side: the program that was started again, as it runs actors.

mod events;
#[cfg(feature = "metrics")]
mod metering;
mod seat;

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;

use super::image::function_at;
use super::letters::{LONGEST, Letter, NAME, Seat};
use super::socket::{self, Wait};
use crate::{Error, Result};

pub use seat::run;

/// Whether the program's `main` has asked whether it is a worker, so that one may be started.
static IS_PREPARED: AtomicBool = AtomicBool::new(false);

/// Where the program is written to, of which this is a worker.
static CONTROL: OnceLock<OwnedFd> = OnceLock::new();

/// Makes this process a worker, if it was started as one, and then never returns; otherwise does nothing.
///
/// An actor `on process` runs in a worker, which is the program started again. `#[streamlib::main]` calls this. A
/// program with another `main` calls it first, before it starts threads, opens devices or reads its arguments:
///
/// ```
/// streamlib::process::worker();
/// // … as before
/// ```
///
/// Where nobody writes a `main`, as in tests, [`before_main!`](crate::process::before_main) does it.
pub fn worker() {
    // Relaxed: a yes or no, asked when a graph is built.
    IS_PREPARED.store(true, Ordering::Relaxed);
    // Not `std::env::args`, which may be empty before `main`.
    let Ok(arguments) = std::fs::read("/proc/self/cmdline") else {
        return;
    };
    let mut arguments = arguments.split(|&byte| byte == 0);
    if arguments.next() != Some(NAME.as_bytes()) {
        return;
    }
    let program = arguments
        .next()
        .and_then(|text| std::str::from_utf8(text).ok());
    let program = program.and_then(|text| text.parse().ok());
    if let Some(Err(error)) = program.map(serve) {
        eprintln!("streamlib: this worker cannot go on: {error}");
    }
    leave(1);
}

/// What an actor `on process` needs to be started.
///
/// # Errors
/// When the program's `main` would not know a worker for what it is.
pub(super) fn is_prepared() -> Result<()> {
    // Relaxed: as in `worker`.
    if IS_PREPARED.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(Error::graph(
        "an actor is to run on process, and this program's `main` does not say when it is a worker: use \
         `#[streamlib::main]`, call `streamlib::process::worker()` first thing in `main`, or in a test write \
         `streamlib::process::before_main!();`",
    ))
}

/// Has every start of a program ask before its `main` whether it is a worker: for tests, whose `main` nobody writes, and for
/// programs whose `main` is another macro's. It is written once, outside of functions.
///
/// ```
/// streamlib::process::before_main!();
/// ```
///
/// A worker's actors then run before `main`, where Rust promises less: on Linux its standard library works there.
#[doc(hidden)]
#[macro_export]
macro_rules! __before_main {
    () => {
        const _: () = {
            #[used]
            #[unsafe(link_section = ".init_array")]
            static BEFORE_MAIN: extern "C" fn() = {
                extern "C" fn ask() {
                    $crate::process::worker();
                }
                ask
            };
        };
    };
}

/// What an actor's thread is given.
pub(super) struct Given {
    pub(super) seat: Seat,
    pub(super) segment: OwnedFd,
    pub(super) socket: OwnedFd,
    pub(super) configuration: OwnedFd,
}

/// Runs actors until the program has closed its end, and then ends the process.
fn serve(program: i32) -> Result<()> {
    let io = |error: rustix::io::Errno| Error::Io(error.into());
    // The socket is standard input; what else was left open is none of a worker's business.
    let control = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).map_err(io)?;
    let nothing = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing).map_err(io)?;
    drop(nothing);
    close_all_but(control.as_raw_fd());

    // Killed with the thread that has started it. If that had ended before, it shows in the parent's number.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(io)?;
    let parent = rustix::process::getppid().map_or(0, |parent| parent.as_raw_nonzero().get());
    if parent != program {
        leave(0);
    }
    // Ctrl-C goes to everything in the terminal; the program says when it is time.
    // SAFETY: no handler is installed: the signals are ignored from here on.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_IGN);
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
    let control = CONTROL.get_or_init(|| control);
    tell(&Letter::Ready);
    let mut bytes = vec![0; LONGEST];
    loop {
        let (len, files) = socket::receive(control, &mut bytes, Wait::Yes)?;
        if len == 0 {
            leave(0);
        }
        let seat: Seat = postcard::from_bytes(&bytes[..len])
            .map_err(|error| Error::other(format!("a letter that cannot be read: {error}")))?;
        let Ok([segment, socket, configuration]) = <[OwnedFd; 3]>::try_from(files) else {
            return Err(Error::other("a seat without its descriptors"));
        };
        events::forward(seat.level);
        #[cfg(feature = "metrics")]
        if seat.metrics {
            metering::forward();
        }
        // SAFETY: the program is the same file, and has reckoned this offset of such a function.
        let entry = unsafe { function_at(seat.entry) };
        let given = Given {
            seat,
            segment,
            socket,
            configuration,
        };
        std::thread::Builder::new()
            .name(format!("streamlib {}", given.seat.name))
            .spawn(move || entry(Box::new(given)))?;
    }
}

/// Writes to the program. What finds no room is lost.
fn tell(letter: &Letter) {
    let mut bytes = Vec::new();
    if let Some(control) = CONTROL.get()
        && crate::message::encode(letter, &mut bytes).is_ok()
        && bytes.len() <= LONGEST
    {
        // Err: the program does not listen at this moment, or never again.
        let _ = socket::send(control.as_fd(), &bytes, &[]);
    }
}

/// Closes what the program had open without saying that it is for itself alone.
fn close_all_but(control: i32) {
    let close = |from: i32, to: i32| {
        if from <= to {
            // SAFETY: nothing of this process owns a descriptor yet but `control` and the three of standard streams.
            unsafe { libc::syscall(libc::SYS_close_range, from, to, 0) };
        }
    };
    close(control + 1, i32::MAX);
    close(3, control - 1);
}

/// Ends the process at once: with the program gone, nothing of it is of use to anybody.
fn leave(code: i32) -> ! {
    // SAFETY: it ends the process; nothing is unwound, and all that was lent is the kernel's to take back.
    unsafe { libc::_exit(code) }
}
