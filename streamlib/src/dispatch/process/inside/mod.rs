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
use super::letters::{LONGEST, Letter, Seat, VARIABLE};
use super::socket::{self, Wait};
use crate::{Error, Result};

pub use seat::run;

/// Whether the program's `main` has asked whether it is a worker, so that one may be started.
static IS_PREPARED: AtomicBool = AtomicBool::new(false);

/// How many seconds it may take to hand on what was printed.
const PATIENCE: u32 = 2;

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
    // Not `std::env::args`, which may be empty before `main`; and not a file of `/proc`: what cannot be read would make a
    // worker run the program, which starts workers.
    let Some(program) = std::env::var_os(VARIABLE) else {
        return;
    };
    // SAFETY: by the rules of this function no other thread looks at the environment yet.
    unsafe { std::env::remove_var(VARIABLE) }; // what an actor starts is no worker
    let program = program.to_str().and_then(|text| text.parse().ok());
    match program.map(serve) {
        Some(Ok(())) => {}
        Some(Err(error)) => eprintln!("streamlib: this worker cannot go on: {error}"),
        None => eprintln!(
            "streamlib: the environment variable {VARIABLE} is not the number of a process; streamlib sets it for programs \
             that it starts, and nobody else should: remove it"
        ),
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
    // SAFETY: nothing of this process has opened anything yet but `control`.
    unsafe { close_all_but(control.as_raw_fd()) };

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

/// Hands on what is kept of what was printed, by Rust and by C.
fn flush() {
    use std::io::Write;
    // Err: nobody reads it.
    let _ = std::io::stdout().flush();
    // SAFETY: with no stream named it is all of them, each under its own lock.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// Closes what the program had open without saying that it is for itself alone.
///
/// # Safety
/// Nothing owns a descriptor from 3 on but `control`.
unsafe fn close_all_but(control: i32) {
    let close = |from: i32, to: i32| {
        // SAFETY: as the caller says.
        from > to || unsafe { libc::syscall(libc::SYS_close_range, from, to, 0) } == 0
    };
    if !(close(control + 1, i32::MAX) && close(3, control - 1)) {
        // Before Linux 5.9.
        // SAFETY: as the caller says.
        unsafe { close_listed(3, control) };
    }
}

/// Closes the open files from number `from` on but `kept`, one by one.
///
/// # Safety
/// Nothing owns one of them.
unsafe fn close_listed(from: i32, kept: i32) {
    let listed = std::fs::read_dir("/proc/self/fd");
    let names = listed.into_iter().flatten().flatten();
    let numbers: Vec<i32> = names
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in numbers {
        if number >= from && number != kept {
            // SAFETY: as the caller says. (That of the list itself is closed already.)
            unsafe { libc::close(number) };
        }
    }
}

/// Ends the process, when what was printed has been. Nothing is unwound, and nobody's handlers are run: with the program gone,
/// nothing of it is of use to anybody.
fn leave(code: i32) -> ! {
    // SAFETY: it only sets a timer, which ends the process if what it does next should wait for another thread.
    unsafe { libc::alarm(PATIENCE) };
    flush();
    // SAFETY: it ends the process; nothing is unwound, and all that was lent is the kernel's to take back.
    unsafe { libc::_exit(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_found_and_closed_where_the_kernel_cannot_close_a_range() -> Result<()> {
        let io = |error: rustix::io::Errno| Error::Io(error.into());
        // Higher numbers than any other test has.
        const FROM: i32 = 700;
        let null = std::fs::File::open("/dev/null")?;
        let high = || rustix::io::fcntl_dupfd_cloexec(&null, FROM).map_err(io);
        let [first, kept, last] =
            [high()?, high()?, high()?].map(std::os::fd::IntoRawFd::into_raw_fd);
        // SAFETY: nobody owns the first and the last any more.
        unsafe { close_listed(FROM, kept) };
        // SAFETY: it only asks for the flags of a number.
        let is_open = |number| unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0;
        assert_eq!([first, kept, last].map(is_open), [false, true, false]);
        Ok(())
    }
}
