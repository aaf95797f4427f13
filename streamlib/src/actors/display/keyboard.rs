//! Makes key events of what minifb calls back with, so that no tap is lost, however short.
//!
//! minifb tells a callback of every press and release, in order; the state that it can be asked for
//! has forgotten a key that went down and up between two looks.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use minifb::InputCallback;

use super::keys;
use crate::message::{Key, KeyEvent, KeyState, Modifiers};

/// The keyboard of one window. A clone is the same keyboard: one is given to minifb, one is read.
#[derive(Clone, Default)]
pub(super) struct Keyboard(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    /// The keys that are down, as minifb calls them: left and right Shift are two.
    down: Vec<minifb::Key>,
    events: VecDeque<KeyEvent>,
    /// The key that went down just now has a name, so that its character is not to be told as well.
    named: bool,
}

impl Keyboard {
    /// The next event, in the order in which they happened.
    pub(super) fn next_event(&self) -> Option<KeyEvent> {
        self.0.borrow_mut().events.pop_front()
    }

    /// What is held down at the moment.
    pub(super) fn modifiers(&self) -> Modifiers {
        self.0.borrow().modifiers()
    }

    /// Lets go of all keys: what happens to them is not told while another window has the keyboard.
    pub(super) fn release_all(&self) {
        let mut state = self.0.borrow_mut();
        while let Some(key) = state.down.last().copied() {
            state.change(key, false);
        }
    }
}

impl State {
    fn modifiers(&self) -> Modifiers {
        let held = |either| self.down.iter().any(|&given| keys::key(given) == either);
        Modifiers {
            shift: held(Key::Shift),
            ctrl: held(Key::Ctrl),
            alt: held(Key::Alt),
            logo: held(Key::Logo),
        }
    }

    fn change(&mut self, given: minifb::Key, down: bool) {
        let was_down = self.down.contains(&given);
        let state = match (was_down, down) {
            (false, true) => {
                self.down.push(given);
                KeyState::Pressed
            }
            (true, true) => KeyState::Repeat,
            (_, false) => {
                self.down.retain(|&other| other != given);
                KeyState::Released
            }
        };
        self.tell(keys::key(given), state);
    }

    fn tell(&mut self, key: Key, state: KeyState) {
        let modifiers = self.modifiers();
        self.events.push_back(KeyEvent::new(key, state, modifiers));
    }
}

impl InputCallback for Keyboard {
    fn set_key_state(&mut self, key: minifb::Key, down: bool) {
        let mut state = self.0.borrow_mut();
        state.named = down;
        state.change(key, down);
    }

    /// Called right after the key's own callback, if minifb has a name for the key, and on its own for
    /// the others: letters with accents, say. Those are told as pressed and released.
    fn add_char(&mut self, code: u32) {
        let mut state = self.0.borrow_mut();
        if let (false, Some(char)) = (state.named, char::from_u32(code)) {
            state.tell(Key::Char(char), KeyState::Pressed);
            state.tell(Key::Char(char), KeyState::Released);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(keyboard: &Keyboard) -> Vec<(Key, KeyState, bool)> {
        std::iter::from_fn(|| keyboard.next_event())
            .map(|event| (event.key, event.state, event.modifiers.shift))
            .collect()
    }

    #[test]
    fn a_tap_between_two_looks_is_told_whole() {
        let keyboard = Keyboard::default();
        let mut callback = keyboard.clone();
        callback.set_key_state(minifb::Key::A, true);
        callback.add_char('a'.into());
        callback.set_key_state(minifb::Key::A, true);
        callback.set_key_state(minifb::Key::A, false);
        let a = Key::Char('a');
        assert_eq!(
            told(&keyboard),
            [
                (a, KeyState::Pressed, false),
                (a, KeyState::Repeat, false),
                (a, KeyState::Released, false)
            ]
        );
    }

    #[test]
    fn shift_is_held_until_both_are_up() {
        let keyboard = Keyboard::default();
        let mut callback = keyboard.clone();
        callback.set_key_state(minifb::Key::LeftShift, true);
        callback.set_key_state(minifb::Key::RightShift, true);
        callback.set_key_state(minifb::Key::LeftShift, false);
        assert!(keyboard.modifiers().shift);
        callback.set_key_state(minifb::Key::RightShift, false);
        assert!(!keyboard.modifiers().shift);
    }

    #[test]
    fn a_letter_without_a_name_is_told_by_its_character() {
        let keyboard = Keyboard::default();
        let mut callback = keyboard.clone();
        callback.set_key_state(minifb::Key::LeftShift, true);
        callback.set_key_state(minifb::Key::LeftShift, false);
        callback.add_char('ö'.into());
        let events = told(&keyboard);
        assert_eq!(events[2].0, Key::Char('ö'));
        assert_eq!(events.len(), 4);
    }

    #[test]
    fn no_key_stays_down_when_the_window_loses_the_keyboard() {
        let keyboard = Keyboard::default();
        keyboard.clone().set_key_state(minifb::Key::LeftShift, true);
        keyboard.release_all();
        assert_eq!(told(&keyboard)[1], (Key::Shift, KeyState::Released, false));
        assert_eq!(keyboard.modifiers(), Modifiers::NONE);
    }
}
