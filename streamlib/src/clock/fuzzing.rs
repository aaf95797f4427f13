//! What the fuzzer drives (`fuzz/`): bytes from outside, as the clocks hear them.

pub use super::genlock::fuzzing::edges;
#[cfg(all(feature = "ptp", target_os = "linux"))]
pub use super::ptp::fuzzing::{answers, packets};

/// Bytes that decide what happens, from the first to the last.
pub(super) struct Choices<'a>(pub(super) &'a [u8]);

impl Choices<'_> {
    /// The next byte; `None` at the end.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next eight, as a number.
    pub(super) fn number(&mut self) -> Option<i64> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i64::from_le_bytes(*first))
    }

    /// As many as the next one says, or those that are left.
    pub(super) fn bytes(&mut self) -> Option<Vec<u8>> {
        let length = usize::from(self.byte()?).min(self.0.len());
        let (first, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(first.to_vec())
    }
}
