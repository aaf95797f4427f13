//! How a process ended, in words.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::Error;

/// Why a process is no more, or will be in a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Death {
    /// It ended by itself.
    Exited(i32),
    /// The system, or somebody, ended it.
    Signal(i32),
    /// It was ended, since it had not answered for so long.
    Late(Duration),
    /// It was ended, since it had more bytes in memory than it may.
    Memory { limit: u64, has: u64 },
    /// It was ended, since what it said cannot be.
    Garbled(String),
    /// It was ended, since this program had no room for what it sent, which is then missing for good.
    Crowded(String),
    /// It could not be started.
    Unborn(String),
}

impl Death {
    /// Why one is ended whose message could not be read, or to which none could be sent.
    pub fn of(error: &Error) -> Self {
        // What this program itself is short of.
        let short = [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOBUFS];
        let number = match error {
            Error::Io(error) => error.raw_os_error(),
            _ => None,
        };
        match number {
            Some(number) if short.contains(&number) => Self::Crowded(told_of(number)),
            _ => Self::Garbled(error.to_string()),
        }
    }
}

fn told_of(number: i32) -> String {
    let what = io::Error::from_raw_os_error(number);
    match number {
        libc::EMFILE => format!("{what}; allow it more (`ulimit -n`), or close some"),
        _ => what.to_string(),
    }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "ended with exit code {code}"),
            Self::Signal(signal) => match name_of(*signal) {
                Some(name) => write!(f, "was killed by signal {signal} ({name})"),
                None => write!(f, "was killed by signal {signal}"),
            },
            Self::Late(time) => write!(
                f,
                "was ended: it had not answered for {time:.1?}, its deadline"
            ),
            Self::Memory { limit, has } => write!(
                f,
                "was ended: {} MiB of it were in memory, and its limit is {} MiB",
                has >> 20,
                limit >> 20
            ),
            Self::Garbled(what) => write!(f, "was ended, since it cannot be trusted: {what}"),
            Self::Crowded(what) => write!(
                f,
                "was ended: this program could not take what it sent: {what}"
            ),
            Self::Unborn(why) => write!(f, "could not be started: {why}"),
        }
    }
}

fn name_of(signal: i32) -> Option<&'static str> {
    Some(match signal {
        libc::SIGABRT => "SIGABRT: it gave up",
        libc::SIGBUS => "SIGBUS: memory that is not there",
        libc::SIGFPE => "SIGFPE: impossible arithmetic",
        libc::SIGILL => "SIGILL: no such instruction",
        libc::SIGKILL => "SIGKILL: somebody, or the system short of memory",
        libc::SIGSEGV => "SIGSEGV: memory that is not its own",
        libc::SIGSYS => "SIGSYS: a forbidden system call",
        libc::SIGTERM => "SIGTERM: somebody",
        libc::SIGTRAP => "SIGTRAP: a trap",
        libc::SIGXCPU => "SIGXCPU: its time is used up",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_happened() {
        let told = Death::Memory {
            limit: 64 << 20,
            has: 70 << 20,
        };
        assert_eq!(
            told.to_string(),
            "was ended: 70 MiB of it were in memory, and its limit is 64 MiB"
        );
        assert_eq!(
            Death::Signal(11).to_string(),
            "was killed by signal 11 (SIGSEGV: memory that is not its own)"
        );
        let crowded = Error::Io(io::Error::from_raw_os_error(libc::EMFILE));
        assert_eq!(
            Death::of(&crowded).to_string(),
            "was ended: this program could not take what it sent: Too many open files (os error 24); allow it more \
             (`ulimit -n`), or close some"
        );
        let none = Error::Io(io::Error::from_raw_os_error(libc::EAGAIN));
        assert!(matches!(Death::of(&none), Death::Garbled(_)));
        assert_eq!(Death::Signal(60).to_string(), "was killed by signal 60");
    }
}
