//! A delay request that was sent, and the time stamp of its sending that is waited for.

/// How long the stamp of a packet that was sent is waited for.
const STAMP_WAIT: i64 = 20_000_000;
/// So many in a row without one, and the interface makes none.
const MISSED: u32 = 8;

/// The newest request, for there is no more than one.
#[derive(Debug)]
pub(super) struct Waiting<C> {
    /// What it is about, and the local time before it was sent.
    request: Option<(C, i64)>,
    missed: u32,
}

impl<C> Waiting<C> {
    pub(super) fn new() -> Self {
        Self {
            request: None,
            missed: 0,
        }
    }

    /// A request was sent, after the local time `before`.
    pub(super) fn sent(&mut self, context: C, before: i64) {
        if self.request.replace((context, before)).is_some() {
            self.missed = self.missed.saturating_add(1);
        }
    }

    /// A stamp has come: gives the request that was sent at that time. A stamp of before the newest request is too late.
    pub(super) fn stamped(&mut self, at: i64) -> Option<C> {
        let (context, _) = self.request.take_if(|(_, before)| at >= *before)?;
        self.missed = 0;
        Some(context)
    }

    /// Waits no longer for what has not come until now.
    pub(super) fn look(&mut self, now: i64) {
        let is_over = |(_, before): &mut (C, i64)| now - *before > STAMP_WAIT;
        if self.request.take_if(is_over).is_some() {
            self.missed = self.missed.saturating_add(1);
        }
    }

    /// Whether none comes.
    pub(super) fn in_vain(&self) -> bool {
        self.missed >= MISSED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_belongs_to_the_newest_request_and_comes_soon() {
        let mut waiting = Waiting::new();
        assert_eq!(waiting.stamped(5), None);
        waiting.sent('a', 10);
        assert_eq!(waiting.stamped(9), None);
        assert_eq!(
            (waiting.stamped(10), waiting.stamped(10)),
            (Some('a'), None)
        );
        waiting.sent('b', 20);
        waiting.look(20 + STAMP_WAIT);
        waiting.sent('c', 20 + STAMP_WAIT);
        assert_eq!(waiting.stamped(20 + STAMP_WAIT), Some('c'));
        waiting.sent('d', 50);
        waiting.look(51 + STAMP_WAIT);
        assert_eq!(waiting.stamped(51 + STAMP_WAIT), None);
    }

    #[test]
    fn says_when_it_is_in_vain_and_when_it_is_not_any_more() {
        let mut waiting = Waiting::new();
        for request in 0..i64::from(MISSED) {
            assert!(!waiting.in_vain());
            waiting.sent(request, request * 2 * STAMP_WAIT);
            waiting.look((request * 2 + 1) * STAMP_WAIT + 1);
        }
        assert!(waiting.in_vain());
        waiting.sent(0, 0);
        assert_eq!(waiting.stamped(0), Some(0));
        assert!(!waiting.in_vain());
    }
}
