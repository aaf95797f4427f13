//! Whether the memory that this thread asks for now is to be shown to other processes.

use std::cell::Cell;

thread_local! {
    static SHARES: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn is_on() -> bool {
    SHARES.get()
}

/// From here on, until what is returned is dropped, new blocks of any pool lie in shared memory.
pub(crate) fn share_what_this_thread_makes() -> Sharing {
    Sharing {
        before: SHARES.replace(true),
    }
}

/// Ends it.
pub(crate) struct Sharing {
    before: bool,
}

impl Drop for Sharing {
    fn drop(&mut self) {
        SHARES.set(self.before);
    }
}
