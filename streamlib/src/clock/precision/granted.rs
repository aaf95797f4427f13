//! Asks the operating system for what a precision needs, and keeps account of what it gave.

use std::fmt;

use super::awake::Awake;
use super::{Precision, followed, kernel};

/// What a thread does, which decides how far ahead of the others it is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Wakes others, and works for microseconds.
    Clock,
    /// Runs actors, which may work for long.
    Worker,
}

/// What the calling thread has been given for a precision, and what not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Granted {
    precision: Precision,
    got: Vec<String>,
    lacks: Vec<String>,
}

impl Granted {
    /// Asks for the calling thread. What it had asked for before is given back where that is less.
    pub(crate) fn ask(precision: Precision, role: Role) -> Self {
        let mut granted = Self {
            precision,
            ..Self::default()
        };
        followed::asked(precision);
        kernel::ask(&mut granted, role);
        granted
    }

    /// Goes back to ordinary priority, for a clock whose ticks take most of a core: ahead of everything else
    /// it would keep it from all of that.
    pub(crate) fn give_back() -> Self {
        let mut granted = Self::default();
        followed::asked(granted.precision);
        kernel::give_back();
        granted.note(Err(
            "realtime, given back: its ticks take more than half of a core".to_owned(),
        ));
        granted
    }

    /// Keeps idle cores awake for as long as what is returned is held, where the precision asks for that.
    pub(in super::super) fn keep_cores_awake(&mut self) -> Option<Awake> {
        if self.precision != Precision::Realtime {
            return None;
        }
        let asked = Awake::ask();
        let told = asked.as_ref().map(|_| "idle cores kept awake".to_owned());
        self.note(told.map_err(Clone::clone));
        asked.ok()
    }

    pub(super) fn precision(&self) -> Precision {
        self.precision
    }

    pub(super) fn note(&mut self, outcome: Result<String, String>) {
        match outcome {
            Ok(got) => self.got.push(got),
            Err(lacks) => self.lacks.push(lacks),
        }
    }

    /// What was asked for and not given, in words; `None` when all was.
    pub(crate) fn lacks(&self) -> Option<String> {
        (!self.lacks.is_empty()).then(|| self.lacks.join(", "))
    }
}

/// `realtime: SCHED_FIFO 60, core 1, idle cores kept awake; not granted: memory locked (limit 8192 KiB)`.
impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.precision)?;
        if !self.got.is_empty() {
            write!(f, ": {}", self.got.join(", "))?;
        }
        match self.lacks() {
            Some(lacks) => write!(f, "; not granted: {lacks}"),
            None => Ok(()),
        }
    }
}
