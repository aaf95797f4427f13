//! What is counted about a display: pictures shown, pictures dropped, and how late they were shown.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::actor::{Histogram, Latency};
use crate::clock::monotonic;
use crate::message::VideoFrame;
use crate::time::Timestamp;

/// What a [`Display`](super::Display) has shown so far. A clone tells of the same display.
///
/// ```
/// use streamlib::prelude::*;
///
/// let display = Display::new("bars");
/// let counts = display.counts(); // before the display goes into a graph
/// assert_eq!((counts.shown(), counts.dropped()), (0, 0));
/// ```
#[derive(Clone, Default)]
pub struct DisplayCounts(Arc<Counts>);

#[derive(Default)]
struct Counts {
    shown: AtomicU64,
    /// Replaced by a newer one before the window had taken them.
    replaced: AtomicU64,
    /// Replaced by a newer one before the actor had read them.
    overwritten: AtomicU64,
    latency: Histogram,
}

impl DisplayCounts {
    /// How many pictures were shown. One whose pixels were shown already counts as well.
    #[must_use]
    pub fn shown(&self) -> u64 {
        // Relaxed, here and below: counts, each read on its own.
        self.0.shown.load(Ordering::Relaxed)
    }

    /// How many pictures were not shown, since a newer one came before the display had time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let replaced = self.0.replaced.load(Ordering::Relaxed);
        replaced + self.0.overwritten.load(Ordering::Relaxed)
    }

    /// From when the tick was due with which a picture was published, to when the X server had the picture on
    /// its screen.
    ///
    /// It is known for clocks that keep the time of the monotonic clock, as [`SoftwareClock`] does, and for pictures in
    /// a window. Of a picture whose pixels were shown already nothing is measured.
    ///
    /// [`SoftwareClock`]: crate::clock::SoftwareClock
    #[must_use]
    pub fn latency(&self) -> Latency {
        self.0.latency.snapshot()
    }

    pub(super) fn add_shown(&self) {
        self.0.shown.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_replaced(&self) {
        self.0.replaced.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_overwritten(&self, count: u64) {
        self.0.overwritten.store(count, Ordering::Relaxed);
    }

    pub(super) fn add_latency(&self, latency: Duration) {
        self.0.latency.record(latency.as_nanos() as u64);
    }
}

impl fmt::Debug for DisplayCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisplayCounts")
            .field("shown", &self.shown())
            .field("dropped", &self.dropped())
            .field("latency", &self.latency())
            .finish()
    }
}

/// How long ago `then` was; `None` if it seems to be of another time than that of the monotonic clock.
pub(super) fn age(then: Timestamp) -> Option<Duration> {
    /// No graph takes so long for a picture: what seems to be older is of another time.
    const OLDEST: Duration = Duration::from_secs(60);
    let now = monotonic::now().as_nanos();
    now.checked_sub(then.as_nanos())
        .map(Duration::from_nanos)
        .filter(|&age| age < OLDEST)
}

/// The last half second, for the overlay.
pub(super) struct Recent {
    shown: u64,
    since: Instant,
    latencies: u32,
    latency: Duration,
    fps: f64,
    mean: Option<Duration>,
}

impl Recent {
    pub(super) const TIME: Duration = Duration::from_millis(500);

    pub(super) fn new(now: Instant) -> Self {
        Self {
            shown: 0,
            since: now,
            latencies: 0,
            latency: Duration::ZERO,
            fps: 0.0,
            mean: None,
        }
    }

    pub(super) fn add_latency(&mut self, latency: Duration) {
        self.latencies += 1;
        self.latency += latency;
    }

    /// Returns whether the figures were reckoned anew.
    pub(super) fn update(&mut self, counts: &DisplayCounts, now: Instant) -> bool {
        let time = now.saturating_duration_since(self.since);
        if time < Self::TIME {
            return false;
        }
        let shown = counts.shown();
        self.fps = (shown - self.shown) as f64 / time.as_secs_f64();
        self.mean = self.latency.checked_div(self.latencies);
        (self.shown, self.since) = (shown, now);
        (self.latencies, self.latency) = (0, Duration::ZERO);
        true
    }

    /// `59.9 fps  1920x1080  0 dropped  1.4 ms`: pictures a second, their size, all that were dropped, and the
    /// mean latency where it is known.
    pub(super) fn write(
        &self,
        text: &mut String,
        frame: Option<&VideoFrame>,
        counts: &DisplayCounts,
    ) {
        use fmt::Write;
        let (width, height) = frame.map(VideoFrame::dimensions).unwrap_or_default();
        let (fps, dropped) = (self.fps, counts.dropped());
        text.clear();
        // Writing to a String cannot fail.
        let _ = write!(text, "{fps:.1} fps  {width}x{height}  {dropped} dropped");
        if let Some(mean) = self.mean {
            let _ = write!(text, "  {:.1} ms", mean.as_secs_f64() * 1e3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::PixelFormat;

    #[test]
    fn age_is_known_only_for_the_time_of_the_monotonic_clock() {
        let now = monotonic::now();
        assert!(age(now).is_some());
        assert_eq!(age(now + Duration::from_secs(40 * 365 * 86_400)), None); // TAI
        let at_start = age(Timestamp::ZERO);
        assert_eq!(at_start.is_some(), now.as_nanos() < 60_000_000_000);
    }

    #[test]
    fn the_text_tells_rate_size_drops_and_latency() {
        let counts = DisplayCounts::default();
        let begin = Instant::now();
        let mut recent = Recent::new(begin);
        let frame = VideoFrame::new(PixelFormat::Rgb8, 8, 4).unwrap();
        let text = |recent: &Recent, frame: Option<&VideoFrame>| {
            let mut text = "old".to_owned();
            recent.write(&mut text, frame, &counts);
            text
        };
        assert_eq!(text(&recent, None), "0.0 fps  0x0  0 dropped");

        (0..30).for_each(|_| counts.add_shown());
        counts.add_replaced();
        counts.set_overwritten(2);
        recent.add_latency(Duration::from_millis(1));
        recent.add_latency(Duration::from_millis(2));
        let early = begin + Recent::TIME - Duration::from_nanos(1);
        assert!(!recent.update(&counts, early));
        // What was dropped is told at once.
        assert_eq!(text(&recent, Some(&frame)), "0.0 fps  8x4  3 dropped");
        let half = begin + Recent::TIME;
        assert!(recent.update(&counts, half) && !recent.update(&counts, half));
        assert_eq!(
            text(&recent, Some(&frame)),
            "60.0 fps  8x4  3 dropped  1.5 ms"
        );

        // The next figures are of what came since.
        (0..24).for_each(|_| counts.add_shown());
        counts.add_replaced();
        assert!(recent.update(&counts, half + Duration::from_secs(1)));
        assert_eq!(text(&recent, Some(&frame)), "24.0 fps  8x4  4 dropped");
        recent.add_latency(Duration::from_micros(20_040));
        assert!(recent.update(&counts, half + Duration::from_secs(3)));
        assert_eq!(
            text(&recent, Some(&frame)),
            "0.0 fps  8x4  4 dropped  20.0 ms"
        );
    }
}
