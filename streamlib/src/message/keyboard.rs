//! What a person does at a keyboard.

use std::fmt;

use super::Message;

/// A key was pressed, released, or repeats while it is held.
///
/// ```
/// use streamlib::message::{Key, KeyEvent, KeyState, Modifiers};
///
/// let event = KeyEvent::new(Key::Char('s'), KeyState::Pressed, Modifiers { ctrl: true, ..Modifiers::NONE });
/// assert!(event.is_pressed() && event.modifiers.ctrl);
/// assert_eq!(event.key.to_string(), "S");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct KeyEvent {
    /// Which key.
    pub key: Key,
    /// What happened to it.
    pub state: KeyState,
    /// What was held down with it.
    pub modifiers: Modifiers,
}

impl KeyEvent {
    /// What happened to `key` while `modifiers` were held.
    #[must_use]
    pub const fn new(key: Key, state: KeyState, modifiers: Modifiers) -> Self {
        Self {
            key,
            state,
            modifiers,
        }
    }

    /// Whether the key went down just now; a repeat is not.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.state == KeyState::Pressed
    }
}

impl Message for KeyEvent {
    const NAME: &'static str = "KeyEvent";
}

/// What happened to a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum KeyState {
    /// It went down.
    #[default]
    Pressed,
    /// It went up.
    Released,
    /// It is held down, and the keyboard says so again.
    Repeat,
}

/// The keys that change what another one means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct Modifiers {
    /// Either Shift.
    pub shift: bool,
    /// Either Control.
    pub ctrl: bool,
    /// Either Alt (Option).
    pub alt: bool,
    /// Either Super (Windows, Command).
    pub logo: bool,
}

impl Modifiers {
    /// None held.
    pub const NONE: Self = Self {
        shift: false,
        ctrl: false,
        alt: false,
        logo: false,
    };
}

/// A key, by what is printed on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum Key {
    /// A key that has no name here.
    #[default]
    Unknown,
    /// A key that types a character: letters in lower case, digits, punctuation as without Shift.
    Char(char),
    /// A function key: 1 for F1.
    F(u8),
    /// Escape.
    Escape,
    /// Enter or Return.
    Enter,
    /// Tab.
    Tab,
    /// The space bar.
    Space,
    /// Backspace.
    Backspace,
    /// Delete, forwards.
    Delete,
    /// Insert.
    Insert,
    /// Home.
    Home,
    /// End.
    End,
    /// Page Up.
    PageUp,
    /// Page Down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Either Shift.
    Shift,
    /// Either Control.
    Ctrl,
    /// Either Alt (Option).
    Alt,
    /// Either Super (Windows, Command).
    Logo,
    /// Caps Lock.
    CapsLock,
    /// Num Lock.
    NumLock,
    /// Scroll Lock.
    ScrollLock,
    /// Pause.
    Pause,
    /// Menu, the context key.
    Menu,
    /// A digit on the number pad, 0 to 9.
    NumPad(u8),
    /// Decimal point on the number pad.
    NumPadDot,
    /// Plus on the number pad.
    NumPadPlus,
    /// Minus on the number pad.
    NumPadMinus,
    /// Asterisk on the number pad.
    NumPadAsterisk,
    /// Slash on the number pad.
    NumPadSlash,
    /// Enter on the number pad.
    NumPadEnter,
}

/// As on the key: `S`, `F11`, `PageUp`, `NumPad 5`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(char) => write!(f, "{}", char.to_uppercase()),
            Self::F(number) => write!(f, "F{number}"),
            Self::NumPad(digit) => write!(f, "NumPad {digit}"),
            named => write!(f, "{named:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_what_is_printed_on_them() {
        for (key, name) in [
            (Key::Char('ä'), "Ä"),
            (Key::Char('7'), "7"),
            (Key::F(11), "F11"),
            (Key::PageUp, "PageUp"),
            (Key::NumPad(5), "NumPad 5"),
        ] {
            assert_eq!(key.to_string(), name);
        }
    }
}
