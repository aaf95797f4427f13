//! Threads that work for others, and are as soon at work as those: they ask for the precision of whom they work for.

use std::cell::Cell;

use super::{Granted, Precision, Role};

thread_local! {
    static ASKED: Cell<Option<Precision>> = const { Cell::new(None) };
}

/// What this thread has asked for last; `None` if it never has.
pub(crate) fn of_this_thread() -> Option<Precision> {
    ASKED.get()
}

/// Notes what this thread asks for.
pub(super) fn asked(precision: Precision) {
    ASKED.set(Some(precision));
}

/// Asks for the calling thread what whom it works for has asked for itself, unless it has already. What is not granted is in the
/// status of the other.
pub(crate) fn follow(other: Option<Precision>) {
    if let Some(precision) = other
        && ASKED.get() != other
    {
        drop(Granted::ask(precision, Role::Worker));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_for_others_asks_for_what_they_have_asked() {
        std::thread::spawn(|| {
            follow(of_this_thread());
            assert_eq!(of_this_thread(), None);
            for precision in [Precision::LowPower, Precision::Normal] {
                follow(Some(precision));
                assert_eq!(of_this_thread(), Some(precision));
            }
            follow(None);
            assert_eq!(of_this_thread(), Some(Precision::Normal));
        })
        .join()
        .unwrap();
    }
}
