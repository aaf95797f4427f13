//! What the window shows, and what its keys do: on a thread of its own.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use x11rb::errors::ConnectionError;

use super::counts::{Recent, age};
use super::fit::{Fit, Scaling};
use super::paint::Painter;
use super::picture::Pictures;
use super::screen::{Place, Settings, Shared};
use super::x11::{Happening, Server, Window};
use super::{first_size, overlay};
use crate::message::{Key, KeyEvent, MouseEvent, MouseEventKind, VideoFrame};
use crate::time::Timestamp;

/// The longest sleep.
const POLL: Duration = Duration::from_secs(1);

/// Shows pictures in a window until it is closed or the display stops.
///
/// # Errors
/// Why there can be no window, as half a sentence.
pub(super) fn run(
    shared: &Shared,
    settings: &Settings,
    placed: &mpsc::Sender<Place>,
) -> Result<(), String> {
    let server = Server::connect()?;
    shared.tell_server(server.socket());
    let screen = server.screen_size();
    let display = std::env::var("DISPLAY").unwrap_or_default();
    let _ = placed.send(Place::Window {
        display,
        screen,
        shortcuts: settings.shortcuts,
    });

    let (size, first) = first_size::of(settings, screen, shared);
    let window = Window::open(server, &settings.title, size, settings.fullscreen)?;
    let mut shown = Shown::new(window, settings);
    if let Some(frame) = first {
        shown.take(frame, shared);
    }
    while !shared.is_stopping() {
        match shown.update(shared) {
            Ok(Go::On) => {}
            Ok(Go::Rest) => {
                let time = if shown.overlay { Recent::TIME } else { POLL };
                shared.wait(Some(shown.window.socket()), time);
            }
            Ok(Go::Home) => break,
            Err(_) => {
                shared.tell_lost_server();
                break;
            }
        }
    }
    Ok(())
}

/// What comes after a look at the window.
enum Go {
    /// Another look: something was done.
    On,
    /// Nothing, until something happens.
    Rest,
    /// The end: the window was closed.
    Home,
}

struct Shown {
    window: Window,
    /// The size that it has when it is not fullscreen.
    size: (usize, usize),
    fullscreen: bool,
    scaling: Scaling,
    overlay: bool,
    shortcuts: bool,
    #[cfg(feature = "images")]
    snapshots: super::snapshots::Snapshots,
    frame: Option<VideoFrame>,
    pictures: Pictures,
    painter: Painter,
    fit: Option<Fit>,
    /// What the window shows is not what it should.
    outdated: bool,
    /// When the picture was due that is to be painted, if it has not been painted yet.
    due: Option<Timestamp>,
    /// The same of those that were painted and are not on the screen yet.
    on_the_way: VecDeque<Option<Timestamp>>,
    recent: Recent,
    text: String,
    moved: Option<MouseEvent>,
}

impl Shown {
    fn new(window: Window, settings: &Settings) -> Self {
        Self {
            size: window.size(),
            window,
            fullscreen: settings.fullscreen,
            scaling: settings.scaling,
            overlay: settings.overlay,
            shortcuts: settings.shortcuts,
            #[cfg(feature = "images")]
            snapshots: super::snapshots::Snapshots::new(settings),
            frame: None,
            pictures: Pictures::default(),
            painter: Painter::default(),
            fit: None,
            outdated: true,
            due: None,
            on_the_way: VecDeque::with_capacity(8),
            recent: Recent::new(Instant::now()),
            text: String::new(),
            moved: None,
        }
    }

    fn take(&mut self, frame: VideoFrame, shared: &Shared) {
        // A pattern that stands still comes as the same pixels again: nothing to paint.
        let same = self.frame.as_ref().is_some_and(|shown| {
            shown.shares_pixels_with(&frame)
                && shown.dimensions() == frame.dimensions()
                && shown.format() == frame.format()
        });
        if same && !self.outdated {
            shared.counts().add_shown();
        } else {
            if self.due.replace(frame.timestamp()).is_some() {
                shared.counts().add_replaced(); // the server was still busy with those before
            }
            self.outdated = true;
        }
        self.frame = Some(frame);
    }

    /// Shows the newest picture and passes input on.
    fn update(&mut self, shared: &Shared) -> Result<Go, ConnectionError> {
        if let Some(frame) = shared.take_frame() {
            self.take(frame, shared);
        }
        while let Some(happening) = self.window.next()? {
            if self.happened(happening, shared)? {
                return Ok(Go::Home);
            }
        }
        if let Some(event) = self.moved.take() {
            shared.tell_mouse(event);
        }
        self.outdated |= self.recent.update(shared.counts(), Instant::now()) && self.overlay;
        if self.outdated && self.paint(shared)? {
            return Ok(Go::On);
        }
        Ok(Go::Rest)
    }

    /// Returns whether the window has been closed.
    fn happened(&mut self, happening: Happening, shared: &Shared) -> Result<bool, ConnectionError> {
        match happening {
            Happening::Closed => return Ok(true),
            Happening::Resized(size) => {
                self.outdated = true;
                if !self.fullscreen {
                    self.size = size;
                }
            }
            Happening::Shown => self.shown(shared),
            Happening::Key(event) => {
                shared.tell_key(event);
                if event.is_pressed() && self.shortcuts {
                    return self.pressed(event);
                }
            }
            Happening::Mouse(kind, at, modifiers) => {
                let Some((x, y)) = self.fit.map(|fit| fit.to_picture(at)) else {
                    return Ok(false);
                };
                let event = MouseEvent {
                    kind,
                    x,
                    y,
                    modifiers,
                };
                // Moves that follow each other are one.
                let moved = self.moved.take();
                if kind == MouseEventKind::Move {
                    self.moved = Some(event);
                } else {
                    moved.into_iter().for_each(|event| shared.tell_mouse(event));
                    shared.tell_mouse(event);
                }
            }
        }
        Ok(false)
    }

    /// Returns whether the key closes the window.
    fn pressed(&mut self, event: KeyEvent) -> Result<bool, ConnectionError> {
        match event.key {
            Key::Escape => return Ok(true),
            Key::Char('f') | Key::F(11) => {
                self.fullscreen = !self.fullscreen;
                self.window.set_fullscreen(self.fullscreen, self.size)?;
            }
            Key::Char('s') => {
                self.scaling = self.scaling.next();
                self.outdated = true;
            }
            Key::Char('i') => {
                self.overlay = !self.overlay;
                self.outdated = true;
            }
            #[cfg(feature = "images")]
            Key::Char('p') => self.snapshots.write(&self.window, self.frame.as_ref()),
            _ => {}
        }
        Ok(false)
    }

    /// Returns whether there was a place to paint.
    fn paint(&mut self, shared: &Shared) -> Result<bool, ConnectionError> {
        let size = self.window.size();
        let Some(pixels) = self.window.pixels() else {
            return Ok(false);
        };
        let pictures = &mut self.pictures;
        match self.frame.as_ref().and_then(|frame| pictures.of(frame)) {
            Some(picture) => {
                self.fit = Some(self.painter.paint(picture, pixels, size, self.scaling));
            }
            None => pixels.fill(0),
        }
        if self.overlay {
            let Self { recent, text, .. } = self;
            recent.write(text, self.frame.as_ref(), shared.counts());
            overlay::draw(pixels, size.0, text);
        }
        self.outdated = false;
        self.on_the_way.push_back(self.due.take());
        if self.window.show()? {
            self.shown(shared);
        }
        Ok(true)
    }

    /// What was painted first of all that is on the way has come to the screen.
    fn shown(&mut self, shared: &Shared) {
        let Some(Some(due)) = self.on_the_way.pop_front() else {
            return; // the same picture as before, in another size or with another overlay
        };
        shared.counts().add_shown();
        if let Some(latency) = age(due) {
            shared.counts().add_latency(latency);
            self.recent.add_latency(latency);
        }
    }
}
