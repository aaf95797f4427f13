//! The names that messages have for the keys of an X server's keyboard.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, KeyButMask};
use x11rb::rust_connection::RustConnection;
use xkeysym::{Keysym, key};

use crate::message::Key;

/// What is printed on the keys: a list of symbols for each key code.
pub(super) struct Layout {
    first: u8,
    symbols_a_key: usize,
    symbols: Vec<u32>,
}

impl Layout {
    /// The layout that the server has now; without one, no key has a name.
    pub(super) fn of(connection: &RustConnection) -> Self {
        let setup = connection.setup();
        let first = setup.min_keycode;
        let count = setup.max_keycode.saturating_sub(first).saturating_add(1);
        let mapping = connection
            .get_keyboard_mapping(first, count)
            .ok()
            .and_then(|mapping| mapping.reply().ok());
        let (symbols_a_key, symbols) = mapping.map_or((0, Vec::new()), |mapping| {
            (mapping.keysyms_per_keycode.into(), mapping.keysyms)
        });
        Self {
            first,
            symbols_a_key,
            symbols,
        }
    }

    /// The key of this code while `state` holds, which says which of two layouts is on.
    pub(super) fn key(&self, code: u8, state: KeyButMask) -> Key {
        let place = usize::from(code.saturating_sub(self.first)) * self.symbols_a_key;
        let symbols = self.symbols.get(place..place + self.symbols_a_key);
        let symbol = |index: usize| symbols.and_then(|symbols| symbols.get(index).copied());
        // On the number pad the digits are printed beside what they are without Num Lock.
        if let Some(digit) = symbol(1).map(Keysym::new)
            && digit.is_keypad_key()
            && named(digit) != Key::Unknown
        {
            return named(digit);
        }
        let group = usize::from((u16::from(state) >> 13) & 0b11);
        let symbol = symbol(2 * group)
            .filter(|&symbol| symbol != key::NoSymbol)
            .or(symbol(0));
        symbol.map_or(Key::Unknown, |symbol| named(Keysym::new(symbol)))
    }
}

/// The key's name in a `KeyEvent`.
fn named(symbol: Keysym) -> Key {
    let raw = symbol.raw();
    match raw {
        key::F1..=key::F35 => Key::F((raw - key::F1 + 1) as u8),
        key::KP_0..=key::KP_9 => Key::NumPad((raw - key::KP_0) as u8),
        key::KP_Decimal | key::KP_Separator => Key::NumPadDot,
        key::KP_Add => Key::NumPadPlus,
        key::KP_Subtract => Key::NumPadMinus,
        key::KP_Multiply => Key::NumPadAsterisk,
        key::KP_Divide => Key::NumPadSlash,
        key::KP_Enter => Key::NumPadEnter,
        key::Escape => Key::Escape,
        key::Return => Key::Enter,
        key::Tab | key::ISO_Left_Tab => Key::Tab,
        key::space => Key::Space,
        key::BackSpace => Key::Backspace,
        key::Delete => Key::Delete,
        key::Insert => Key::Insert,
        key::Home => Key::Home,
        key::End => Key::End,
        key::Page_Up => Key::PageUp,
        key::Page_Down => Key::PageDown,
        key::Left => Key::Left,
        key::Right => Key::Right,
        key::Up => Key::Up,
        key::Down => Key::Down,
        key::Shift_L | key::Shift_R => Key::Shift,
        key::Control_L | key::Control_R => Key::Ctrl,
        key::Alt_L | key::Alt_R | key::ISO_Level3_Shift => Key::Alt,
        key::Super_L | key::Super_R => Key::Logo,
        key::Caps_Lock => Key::CapsLock,
        key::Num_Lock => Key::NumLock,
        key::Scroll_Lock => Key::ScrollLock,
        key::Pause => Key::Pause,
        key::Menu => Key::Menu,
        _ => match symbol.key_char().filter(|char| !char.is_control()) {
            Some(char) => Key::Char(char.to_lowercase().next().unwrap_or(char)),
            None => Key::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_called_what_is_printed_on_their_keys() {
        for (symbol, expected) in [
            (key::a, Key::Char('a')),
            (key::Z, Key::Char('z')),
            (key::_7, Key::Char('7')),
            (key::odiaeresis, Key::Char('ö')),
            (key::Cyrillic_ya, Key::Char('я')),
            (key::slash, Key::Char('/')),
            (key::space, Key::Space),
            (key::F1, Key::F(1)),
            (key::F15, Key::F(15)),
            (key::KP_9, Key::NumPad(9)),
            (key::XF86_AudioMute, Key::Unknown),
            (key::NoSymbol, Key::Unknown),
        ] {
            assert_eq!(named(Keysym::new(symbol)), expected, "{symbol:#x}");
        }
    }

    #[test]
    fn the_number_pad_has_digits_and_a_second_layout_its_own_letters() {
        let layout = Layout {
            first: 8,
            symbols_a_key: 4,
            symbols: vec![
                key::KP_End,
                key::KP_1,
                0,
                0, // as most keyboards have it
                key::a,
                key::A,
                key::Cyrillic_ef,
                key::Cyrillic_EF,
                key::b,
                key::B,
                0,
                0,
            ],
        };
        let first = KeyButMask::from(0_u16);
        let second = KeyButMask::from(1_u16 << 13);
        assert_eq!(layout.key(8, first), Key::NumPad(1));
        assert_eq!(layout.key(9, first), Key::Char('a'));
        assert_eq!(layout.key(9, second), Key::Char('ф'));
        assert_eq!(layout.key(10, second), Key::Char('b'));
        assert_eq!(layout.key(255, first), Key::Unknown);
        assert_eq!(
            layout.key(0, first),
            Key::NumPad(1),
            "codes begin at the first"
        );
    }
}
