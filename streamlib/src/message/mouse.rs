//! What a person does with a mouse over the picture.

use super::{Message, Modifiers};

/// The pointer moved, a button went down or up, or the wheel turned.
///
/// The position is in the picture's own pixels, whatever size the window shows it at: (0.0, 0.0) is the
/// upper left corner of the upper left pixel, (width, height) the lower right corner of the last.
///
/// ```
/// use streamlib::message::{MouseButton, MouseEvent, MouseEventKind};
///
/// let event = MouseEvent { kind: MouseEventKind::Press(MouseButton::Left), x: 960.0, y: 540.0, ..Default::default() };
/// assert_eq!(event.pixel(1920, 1080), Some((960, 540)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub struct MouseEvent {
    /// What happened.
    pub kind: MouseEventKind,
    /// Pixels from the left edge of the picture.
    pub x: f32,
    /// Pixels from the upper edge of the picture.
    pub y: f32,
    /// What was held down on the keyboard.
    pub modifiers: Modifiers,
}

impl MouseEvent {
    /// The pixel under the pointer, as column and row, in a picture of `width` × `height` pixels;
    /// `None` beside it.
    #[must_use]
    pub fn pixel(&self, width: u32, height: u32) -> Option<(u32, u32)> {
        let inside =
            |at: f32, end: u32| (at >= 0.0 && f64::from(at) < f64::from(end)).then_some(at as u32);
        Some((inside(self.x, width)?, inside(self.y, height)?))
    }
}

impl Message for MouseEvent {
    const NAME: &'static str = "MouseEvent";
}

/// What happened at a mouse.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum MouseEventKind {
    /// The pointer moved to where the event says.
    #[default]
    Move,
    /// A button went down.
    Press(MouseButton),
    /// A button went up.
    Release(MouseButton),
    /// The wheel turned.
    Scroll {
        /// Notches to the right; negative to the left.
        dx: f32,
        /// Notches up, away from the hand; negative down.
        dy: f32,
    },
}

/// A button of a mouse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "process", derive(serde::Serialize, serde::Deserialize))]
pub enum MouseButton {
    /// The first, under the index finger of the right hand.
    #[default]
    Left,
    /// The second.
    Right,
    /// The wheel, pressed.
    Middle,
    /// A further one, by number from 4.
    Other(u8),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pointer_on_the_picture_has_a_pixel() {
        let at = |x, y| {
            MouseEvent {
                x,
                y,
                ..MouseEvent::default()
            }
            .pixel(4, 2)
        };
        assert_eq!(at(0.0, 0.0), Some((0, 0)));
        assert_eq!(at(3.99, 1.99), Some((3, 1)));
        for (x, y) in [
            (4.0, 0.0),
            (0.0, 2.0),
            (-0.1, 0.0),
            (f32::NAN, 0.0),
            (f32::INFINITY, 0.0),
        ] {
            assert_eq!(at(x, y), None, "{x}, {y}");
        }
    }
}
