//! Keys and buttons as minifb calls them, by the names that messages have for them.

use minifb::Key as Given;

use crate::message::{Key, MouseButton};

/// The buttons that minifb knows.
pub(super) const BUTTONS: [(minifb::MouseButton, MouseButton); 5] = [
    (minifb::MouseButton::Left, MouseButton::Left),
    (minifb::MouseButton::Right, MouseButton::Right),
    (minifb::MouseButton::Middle, MouseButton::Middle),
    (minifb::MouseButton::Back, MouseButton::Other(4)),
    (minifb::MouseButton::Forward, MouseButton::Other(5)),
];

/// The key's name in a `KeyEvent`.
pub(super) fn key(given: Given) -> Key {
    let from = |first: Given| given as u8 - first as u8;
    let among = |first: Given, last: Given| (first..=last).contains(&given);
    if among(Given::Key0, Given::Key9) {
        Key::Char((b'0' + from(Given::Key0)) as char)
    } else if among(Given::A, Given::Z) {
        Key::Char((b'a' + from(Given::A)) as char)
    } else if among(Given::F1, Given::F15) {
        Key::F(1 + from(Given::F1))
    } else if among(Given::NumPad0, Given::NumPad9) {
        Key::NumPad(from(Given::NumPad0))
    } else {
        named(given)
    }
}

fn named(given: Given) -> Key {
    match given {
        Given::Apostrophe => Key::Char('\''),
        Given::Backquote => Key::Char('`'),
        Given::Backslash => Key::Char('\\'),
        Given::Comma => Key::Char(','),
        Given::Equal => Key::Char('='),
        Given::LeftBracket => Key::Char('['),
        Given::Minus => Key::Char('-'),
        Given::Period => Key::Char('.'),
        Given::RightBracket => Key::Char(']'),
        Given::Semicolon => Key::Char(';'),
        Given::Slash => Key::Char('/'),
        Given::Space => Key::Space,
        Given::Escape => Key::Escape,
        Given::Enter => Key::Enter,
        Given::Tab => Key::Tab,
        Given::Backspace => Key::Backspace,
        Given::Delete => Key::Delete,
        Given::Insert => Key::Insert,
        Given::Home => Key::Home,
        Given::End => Key::End,
        Given::PageUp => Key::PageUp,
        Given::PageDown => Key::PageDown,
        Given::Up => Key::Up,
        Given::Down => Key::Down,
        Given::Left => Key::Left,
        Given::Right => Key::Right,
        Given::LeftShift | Given::RightShift => Key::Shift,
        Given::LeftCtrl | Given::RightCtrl => Key::Ctrl,
        Given::LeftAlt | Given::RightAlt => Key::Alt,
        Given::LeftSuper | Given::RightSuper => Key::Logo,
        Given::CapsLock => Key::CapsLock,
        Given::NumLock => Key::NumLock,
        Given::ScrollLock => Key::ScrollLock,
        Given::Pause => Key::Pause,
        Given::Menu => Key::Menu,
        Given::NumPadDot => Key::NumPadDot,
        Given::NumPadPlus => Key::NumPadPlus,
        Given::NumPadMinus => Key::NumPadMinus,
        Given::NumPadAsterisk => Key::NumPadAsterisk,
        Given::NumPadSlash => Key::NumPadSlash,
        Given::NumPadEnter => Key::NumPadEnter,
        _ => Key::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_keep_their_order() {
        assert_eq!(key(Given::Key7), Key::Char('7'));
        assert_eq!(key(Given::Z), Key::Char('z'));
        assert_eq!(key(Given::F1), Key::F(1));
        assert_eq!(key(Given::F15), Key::F(15));
        assert_eq!(key(Given::NumPad9), Key::NumPad(9));
        assert_eq!(key(Given::Unknown), Key::Unknown);
    }
}
