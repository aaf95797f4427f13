//! Which keys are down, and what is told of them.

use std::collections::VecDeque;

use crate::message::{Key, KeyEvent, KeyState, Modifiers};

/// The keyboard of one window.
#[derive(Default)]
pub(super) struct Keyboard {
    /// The keys that are down, by their codes: left and right Shift are two.
    down: Vec<(u8, Key)>,
    events: VecDeque<KeyEvent>,
}

impl Keyboard {
    /// The next event, in the order in which they happened.
    pub(super) fn next_event(&mut self) -> Option<KeyEvent> {
        self.events.pop_front()
    }

    /// Lets go of all keys: what happens to them is not told while another window has the keyboard.
    pub(super) fn release_all(&mut self) {
        while let Some(&(code, key)) = self.down.last() {
            self.change(code, key, false);
        }
    }

    /// The key of this code went down or up.
    pub(super) fn change(&mut self, code: u8, key: Key, is_down: bool) {
        let was_down = self.down.iter().position(|&(other, _)| other == code);
        let (key, state) = match (was_down, is_down) {
            (None, true) => {
                self.down.push((code, key));
                (key, KeyState::Pressed)
            }
            (Some(place), true) => (self.down[place].1, KeyState::Repeat),
            // The name that it went down with, whatever the layout is by now.
            (Some(place), false) => (self.down.remove(place).1, KeyState::Released),
            (None, false) => return, // it went down in another window
        };
        let event = KeyEvent::new(key, state, self.modifiers());
        self.events.push_back(event);
    }

    fn modifiers(&self) -> Modifiers {
        let held = |key| self.down.iter().any(|&(_, down)| down == key);
        Modifiers {
            shift: held(Key::Shift),
            ctrl: held(Key::Ctrl),
            alt: held(Key::Alt),
            logo: held(Key::Logo),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Key = Key::Char('a');

    fn told(keyboard: &mut Keyboard) -> Vec<(Key, KeyState, bool)> {
        std::iter::from_fn(|| keyboard.next_event())
            .map(|event| (event.key, event.state, event.modifiers.shift))
            .collect()
    }

    #[test]
    fn a_key_that_is_held_repeats() {
        let mut keyboard = Keyboard::default();
        for is_down in [true, true, false] {
            keyboard.change(38, A, is_down);
        }
        assert_eq!(
            told(&mut keyboard),
            [
                (A, KeyState::Pressed, false),
                (A, KeyState::Repeat, false),
                (A, KeyState::Released, false)
            ]
        );
    }

    #[test]
    fn shift_is_held_until_both_are_up() {
        let mut keyboard = Keyboard::default();
        keyboard.change(50, Key::Shift, true);
        keyboard.change(62, Key::Shift, true);
        keyboard.change(50, Key::Shift, false);
        assert!(keyboard.modifiers().shift);
        keyboard.change(62, Key::Shift, false);
        assert!(!keyboard.modifiers().shift);
    }

    #[test]
    fn what_went_down_elsewhere_is_not_told() {
        let mut keyboard = Keyboard::default();
        keyboard.change(38, A, false);
        assert_eq!(told(&mut keyboard), []);
    }

    #[test]
    fn no_key_stays_down_when_the_window_loses_the_keyboard() {
        let mut keyboard = Keyboard::default();
        keyboard.change(50, Key::Shift, true);
        keyboard.release_all();
        let told = told(&mut keyboard);
        assert_eq!(told[1], (Key::Shift, KeyState::Released, false));
        assert_eq!(keyboard.modifiers(), Modifiers::NONE);
    }
}
