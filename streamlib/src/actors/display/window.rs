//! The window: made, painted and asked for input on one thread.

use std::fmt::Write;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use minifb::{MouseMode, ScaleMode, WindowOptions};

use super::fit::Fit;
use super::keyboard::Keyboard;
use super::keys::BUTTONS;
use super::overlay;
use super::paint::Painting;
use super::picture::Picture;
use super::screen::{Place, Settings, Shared};
use super::xlib::{self, Connection};
use crate::message::{Key, MouseEvent, MouseEventKind, VideoFrame};

/// Between two looks for input, when no picture comes.
const POLL: Duration = Duration::from_millis(8);
/// After this the same picture is put up again, in case something had covered the window; minifb does
/// not tell. A new window may not be on the screen yet, and so is put up more often.
const PUT_UP_AGAIN: Duration = Duration::from_secs(1);
const PUT_UP_NEW: Duration = Duration::from_millis(100);
const NEW: Duration = Duration::from_secs(2);
/// How long a window without a size of its own waits for a picture whose size it can take.
const WAIT_FOR_SIZE: Duration = Duration::from_millis(500);
const SIZE_WITHOUT_PICTURE: (usize, usize) = (1280, 720);
/// Over this the rate is averaged.
const RATE_TIME: Duration = Duration::from_millis(500);

/// Shows pictures in a window until it is closed or the display stops.
///
/// # Errors
///
/// Why there can be no window, as half a sentence.
pub(super) fn run(
    shared: &Shared,
    settings: &Settings,
    placed: &mpsc::Sender<Place>,
) -> Result<(), String> {
    xlib::watch_this_thread(shared.fate().clone());
    let screen = Connection::open()?.screen_size();
    let display = std::env::var("DISPLAY").unwrap_or_default();
    let _ = placed.send(Place::Window { display, screen });

    let first = match settings.size {
        Some(_) => None,
        None => wait_for_frame(shared),
    };
    let size = match (settings.size, &first) {
        (Some((width, height)), _) => (width as usize, height as usize),
        (None, Some(frame)) => size_on(screen, (frame.width() as usize, frame.height() as usize)),
        (None, None) => size_on(screen, SIZE_WITHOUT_PICTURE),
    };
    let mut window = ShownWindow::open(settings, size)?;
    if let Some(frame) = first {
        window.take(frame);
    }
    while !shared.is_stopping() && window.update(shared) {
        shared.wait(POLL);
    }
    Ok(())
}

fn wait_for_frame(shared: &Shared) -> Option<VideoFrame> {
    let start = Instant::now();
    loop {
        let frame = shared.take_frame();
        if frame.is_some() || shared.is_stopping() || start.elapsed() > WAIT_FOR_SIZE {
            return frame;
        }
        shared.wait(POLL);
    }
}

/// `size`, or as much of the screen as has its shape if the screen is smaller.
fn size_on(screen: (usize, usize), size: (usize, usize)) -> (usize, usize) {
    if size.0 <= screen.0 && size.1 <= screen.1 {
        return size;
    }
    let fit = Fit::new(size, screen);
    (fit.width, fit.height)
}

struct ShownWindow {
    window: minifb::Window,
    keyboard: Keyboard,
    /// The size that it has when it is not fullscreen.
    size: (usize, usize),
    fullscreen: bool,
    frame: Option<VideoFrame>,
    painting: Painting,
    fit: Option<Fit>,
    /// What the window shows is not what it should.
    outdated: bool,
    put_up: Instant,
    opened: Instant,
    rate: Rate,
    overlay: bool,
    mouse: Option<(f32, f32)>,
    buttons: [bool; BUTTONS.len()],
    active: bool,
}

impl ShownWindow {
    fn open(settings: &Settings, size: (usize, usize)) -> Result<Self, String> {
        // The painting is scaled to the window here, in the same pass that converts it.
        let options = WindowOptions {
            resize: true,
            scale_mode: ScaleMode::UpperLeft,
            ..WindowOptions::default()
        };
        let mut window = minifb::Window::new(&settings.title, size.0, size.1, options)
            .map_err(|error| error.to_string())?;
        window.set_target_fps(0); // no limit: the loop has a pace of its own
        let keyboard = Keyboard::default();
        window.set_input_callback(Box::new(keyboard.clone()));
        let mut shown = Self {
            window,
            keyboard,
            size,
            fullscreen: false,
            frame: None,
            painting: Painting::default(),
            fit: None,
            outdated: true,
            put_up: Instant::now(),
            opened: Instant::now(),
            rate: Rate::new(),
            overlay: false,
            mouse: None,
            buttons: [false; BUTTONS.len()],
            active: false,
        };
        if settings.fullscreen {
            shown.window.update(); // a window manager must know of the window before it is asked
            shown.toggle_fullscreen();
        }
        Ok(shown)
    }

    fn take(&mut self, frame: VideoFrame) {
        // A pattern that stands still comes as the same pixels again: nothing to paint.
        let same = self.frame.as_ref().is_some_and(|shown| {
            shown.shares_pixels_with(&frame) && shown.dimensions() == frame.dimensions()
        });
        self.outdated |= !same;
        self.frame = Some(frame);
        self.rate.frames += 1;
    }

    /// Shows the newest picture and passes input on. Returns whether the window is still there.
    fn update(&mut self, shared: &Shared) -> bool {
        if let Some(frame) = shared.take_frame() {
            self.take(frame);
        }
        self.outdated |= self.rate.update() && self.overlay;
        self.outdated |= self.painting.size() != self.window.get_size();
        let outdated = self.outdated;
        if outdated {
            self.paint();
        }
        let size @ (width, height) = self.painting.size();
        let again = if self.opened.elapsed() < NEW {
            PUT_UP_NEW
        } else {
            PUT_UP_AGAIN
        };
        if (outdated || self.put_up.elapsed() > again) && size != (0, 0) {
            self.put_up = Instant::now();
            // It fails only for a buffer of the wrong size, and this one has the size that it says.
            let _ = self
                .window
                .update_with_buffer(self.painting.pixels(), width, height);
        } else {
            self.window.update();
        }
        let closed = self.pass_on_keys(shared);
        self.pass_on_mouse(shared);
        !closed && self.window.is_open() && !shared.fate().window_gone()
    }

    fn paint(&mut self) {
        self.outdated = false;
        let size @ (width, _) = self.window.get_size();
        let picture = self.frame.as_ref().and_then(|frame| {
            let channels = frame.format().channels();
            Picture::new(
                frame.pixels(),
                frame.width() as usize,
                frame.height() as usize,
                channels,
            )
        });
        match picture {
            Some(picture) => self.fit = Some(self.painting.paint(picture, size)),
            None => self.painting.clear(size),
        }
        if self.overlay {
            let text = self.rate.text(self.frame.as_ref());
            overlay::draw(self.painting.pixels_mut(), width, text);
        }
    }

    /// Returns whether one of the keys closes the window.
    fn pass_on_keys(&mut self, shared: &Shared) -> bool {
        let active = self.window.is_active();
        if self.active && !active {
            self.keyboard.release_all();
        }
        self.active = active;

        let mut closed = false;
        while let Some(event) = self.keyboard.next_event() {
            shared.tell_key(event);
            if event.is_pressed() {
                match event.key {
                    Key::Escape => closed = true,
                    Key::Char('f') | Key::F(11) => self.toggle_fullscreen(),
                    Key::Char('i') => {
                        self.overlay = !self.overlay;
                        self.outdated = true;
                    }
                    _ => {}
                }
            }
        }
        closed
    }

    fn toggle_fullscreen(&mut self) {
        if !self.fullscreen {
            self.size = self.window.get_size();
        }
        self.fullscreen = !self.fullscreen;
        // minifb cannot change a window that there is; a second connection to the server can.
        if let Ok(connection) = Connection::open() {
            let window = self.window.get_window_handle() as usize;
            connection.set_fullscreen(window as std::ffi::c_ulong, self.fullscreen, self.size);
        }
        self.outdated = true;
    }

    fn pass_on_mouse(&mut self, shared: &Shared) {
        let Some(fit) = self.fit else { return };
        let modifiers = self.keyboard.modifiers();
        let tell = |kind, at| {
            let (x, y) = fit.to_picture(at);
            shared.tell_mouse(MouseEvent {
                kind,
                x,
                y,
                modifiers,
            });
        };
        let inside = self.window.get_unscaled_mouse_pos(MouseMode::Discard);
        if let Some(at) = inside
            && self.mouse != inside
        {
            self.mouse = inside;
            tell(MouseEventKind::Move, at);
        }
        let Some(at) = self.mouse else { return };
        for ((given, button), was_down) in BUTTONS.into_iter().zip(&mut self.buttons) {
            let down = self.window.get_mouse_down(given);
            if down != std::mem::replace(was_down, down) {
                let kind = if down {
                    MouseEventKind::Press(button)
                } else {
                    MouseEventKind::Release(button)
                };
                tell(kind, at);
            }
        }
        if let Some((dx, dy)) = self.window.get_scroll_wheel() {
            // minifb counts a notch twice: as the button of X11 goes down, and as it goes up.
            tell(
                MouseEventKind::Scroll {
                    dx: dx / 2.0,
                    dy: dy / 2.0,
                },
                at,
            );
        }
    }
}

/// Counts the pictures of a second.
struct Rate {
    frames: u32,
    since: Instant,
    fps: f64,
    text: String,
}

impl Rate {
    fn new() -> Self {
        Self {
            frames: 0,
            since: Instant::now(),
            fps: 0.0,
            text: String::new(),
        }
    }

    /// Returns whether the rate was reckoned anew.
    fn update(&mut self) -> bool {
        let time = self.since.elapsed();
        if time < RATE_TIME {
            return false;
        }
        self.fps = f64::from(self.frames) / time.as_secs_f64();
        (self.frames, self.since) = (0, Instant::now());
        true
    }

    /// What the overlay says.
    fn text(&mut self, frame: Option<&VideoFrame>) -> &str {
        let (width, height) = frame.map(VideoFrame::dimensions).unwrap_or_default();
        self.text.clear();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{:.1} fps {width}x{height}", self.fps);
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_no_larger_than_the_screen() {
        assert_eq!(size_on((2560, 1440), (1920, 1080)), (1920, 1080));
        assert_eq!(size_on((1280, 1024), (1920, 1080)), (1280, 720));
        assert_eq!(size_on((1024, 768), (100, 4000)), (19, 768));
    }
}
