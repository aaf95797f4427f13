//! Makes events of keys and the mouse out of those of the X server.

use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ButtonPressEvent, KeyButMask};
use x11rb::rust_connection::RustConnection;

use super::keyboard::Keyboard;
use super::keys::Layout;
use super::window::Happening;
use crate::message::{KeyEvent, Modifiers, MouseButton, MouseEventKind};

/// The keyboard and the mouse of one window.
pub(super) struct Input {
    layout: Layout,
    keyboard: Keyboard,
}

impl Input {
    pub(super) fn new(connection: &RustConnection) -> Self {
        Self {
            layout: Layout::of(connection),
            keyboard: Keyboard::default(),
        }
    }

    /// A key event that has not been told yet.
    pub(super) fn next_key(&mut self) -> Option<KeyEvent> {
        self.keyboard.next_event()
    }

    /// What the event says of keys or of the mouse.
    pub(super) fn take(&mut self, connection: &RustConnection, event: &Event) -> Option<Happening> {
        match event {
            Event::KeyPress(event) => self.key(event.detail, event.state, true),
            Event::KeyRelease(event) => self.key(event.detail, event.state, false),
            Event::FocusOut(_) => self.keyboard.release_all(),
            Event::MappingNotify(_) => self.layout = Layout::of(connection),
            Event::MotionNotify(event) => {
                return Some(mouse(
                    MouseEventKind::Move,
                    (event.event_x, event.event_y),
                    event.state,
                ));
            }
            Event::ButtonPress(event) => return button(event, true),
            Event::ButtonRelease(event) => return button(event, false),
            _ => {}
        }
        self.next_key().map(Happening::Key)
    }

    fn key(&mut self, code: u8, state: KeyButMask, is_down: bool) {
        let key = self.layout.key(code, state);
        self.keyboard.change(code, key, is_down);
    }
}

/// Buttons 1 to 3 are those of a mouse, 4 to 7 its wheels, a notch each, and the rest are further ones.
fn button(event: &ButtonPressEvent, is_down: bool) -> Option<Happening> {
    let at = (event.event_x, event.event_y);
    let button = match event.detail {
        1 => MouseButton::Left,
        2 => MouseButton::Middle,
        3 => MouseButton::Right,
        wheel @ 4..=7 => {
            let (dx, dy) = match wheel {
                4 => (0.0, 1.0),
                5 => (0.0, -1.0),
                6 => (-1.0, 0.0),
                _ => (1.0, 0.0),
            };
            let scroll = MouseEventKind::Scroll { dx, dy };
            return is_down.then(|| mouse(scroll, at, event.state));
        }
        further => MouseButton::Other(further.saturating_sub(4)),
    };
    let kind = if is_down {
        MouseEventKind::Press(button)
    } else {
        MouseEventKind::Release(button)
    };
    Some(mouse(kind, at, event.state))
}

fn mouse(kind: MouseEventKind, (x, y): (i16, i16), state: KeyButMask) -> Happening {
    let held = |mask| state.contains(mask);
    let modifiers = Modifiers {
        shift: held(KeyButMask::SHIFT),
        ctrl: held(KeyButMask::CONTROL),
        alt: held(KeyButMask::MOD1),
        logo: held(KeyButMask::MOD4),
    };
    Happening::Mouse(kind, (f32::from(x), f32::from(y)), modifiers)
}
