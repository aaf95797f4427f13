//! Shows pictures in the terminal that standard output is, and leaves it as it was.

use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::half_blocks;
use super::nowhere;
use super::picture::Pictures;
use super::screen::Shared;

/// Pictures a second, at most: a terminal is slow.
pub(super) const RATE: u32 = 15;
/// What is taken when the terminal does not say how large it is.
const USUAL_SIZE: (usize, usize) = (80, 24);
/// The longest sleep without a picture.
const POLL: Duration = Duration::from_millis(100);

/// The alternate screen, cleared, without a cursor.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[2J";
/// Plain colours, the cursor, the screen from before.
const LEAVE: &[u8] = b"\x1b[0m\x1b[?25h\x1b[?1049l";

/// Columns and rows of the terminal.
pub(super) fn size() -> (usize, usize) {
    match rustix::termios::tcgetwinsize(rustix::stdio::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        _ => USUAL_SIZE,
    }
}

/// Shows the newest picture, [`RATE`] times a second, until the display stops.
pub(super) fn run(shared: &Shared) {
    let period = Duration::from_secs(1) / RATE;
    let mut text = Vec::new();
    let mut pictures = Pictures::default();
    let mut shown = (0, 0);
    let mut due = Instant::now();
    let mut alternate = AlternateScreen::default();
    while !shared.is_stopping() {
        let now = Instant::now();
        if now < due {
            shared.wait(None, due - now);
            continue;
        }
        let Some(frame) = shared.take_frame() else {
            shared.wait(None, POLL);
            continue;
        };
        due = now + period;
        shared.counts().add_shown();
        let size = size();
        let Some(picture) = pictures.of(&frame) else {
            continue;
        };
        half_blocks::render(picture, size.0, size.1, &mut text);
        let clear: &[u8] = if size == shown { b"" } else { b"\x1b[2J" };
        shown = size;
        if alternate.write(&[clear, &text]).is_err() {
            drop(alternate);
            return nowhere::run(shared); // nobody reads the terminal any more
        }
    }
}

/// Whether the terminal is in the state that [`ENTER`] puts it into.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The terminal's alternate screen, entered with the first write and left when dropped. A panic, on
/// whatever thread, leaves it too, so that its message can be read; the next write enters it again.
#[derive(Default)]
struct AlternateScreen(());

impl AlternateScreen {
    fn write(&mut self, parts: &[&[u8]]) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        // AcqRel: pairs with the swap in `leave`; the lock orders the writes.
        if !ENTERED.swap(true, Ordering::AcqRel) {
            leave_on_panic();
            out.write_all(ENTER)?;
        }
        for part in parts {
            out.write_all(part)?;
        }
        out.flush()
    }
}

impl Drop for AlternateScreen {
    fn drop(&mut self) {
        leave();
    }
}

fn leave() {
    // AcqRel: pairs with the swap in `AlternateScreen::write`, so that it is left once.
    if ENTERED.swap(false, Ordering::AcqRel) {
        let mut out = std::io::stdout().lock();
        // If it cannot be written there is no terminal to be restored.
        let _ = out.write_all(LEAVE).and_then(|()| out.flush());
    }
}

fn leave_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave();
            before(panic);
        }));
    });
}
