//! How a layer is laid on what is under it.

use std::fmt;

/// How a layer is laid on what is under it: what becomes of `below` where a layer has the level `above` and
/// covers by `a` (its alpha times its opacity), levels from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Blend {
    /// `above · a + below · (1 − a)`: in front of it.
    #[default]
    Over,
    /// `below + above · a`, at most 1: light on light.
    Add,
    /// `below · (1 − a) + below · above · a`: a filter in front of it. White changes nothing.
    Multiply,
    /// `below + above · (1 − below) · a`: the negatives multiplied. Black changes nothing.
    Screen,
}

/// `over`, `add`, `multiply`, `screen`.
impl fmt::Display for Blend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Over => "over",
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Screen => "screen",
        })
    }
}
