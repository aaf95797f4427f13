//! A clock burned into the picture: time and frame number for people, and the same as cells for programs.

use streamlib::actors::drawing::{Align, Color, Path, TextStyle};
use streamlib::prelude::*;

use crate::Stamp;

/// A clock for pictures of `width` × `height` pixels. [`Stamp::read`] reads it back.
#[must_use]
pub fn clock(width: u32, height: u32) -> Drawing {
    Drawing::new(width, height, |canvas, ctx| {
        let (middle, unit) = (canvas.width() / 2.0, canvas.height() / 18.0);
        let time = ctx.time.as_nanos() / 1_000_000;
        let text = format!(
            "{:02}:{:02}:{:02}.{:03}",
            time / 3_600_000 % 24,
            time / 60_000 % 60,
            time / 1000 % 60,
            time % 1000
        );
        let panel = (middle - 5.5 * unit, unit, 11.0 * unit, 3.4 * unit);
        let black = Color::BLACK.with_alpha(0.7);
        canvas.fill(&Path::rounded_rect(panel, unit / 3.0), black);
        let large = TextStyle::new(1.5 * unit).tabular().align(Align::Center);
        canvas.text((middle, 1.1 * unit), &text, &large.clone().bold());
        let small = TextStyle::new(unit).tabular().align(Align::Center);
        let number = format!("frame {:08}", ctx.frame_number);
        canvas.text((middle, 2.9 * unit), &number, &small);

        let stamp = Stamp {
            frame_number: ctx.frame_number,
            time: ctx.time,
        };
        stamp.draw(canvas);
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Reads the clock of every picture.
    #[actor]
    struct Check {
        #[input]
        video: Input<VideoFrame>,
        read: Arc<AtomicU64>,
    }

    impl Actor for Check {
        async fn process(&mut self, tick: TimedTick) -> Result<()> {
            if let Some(frame) = self.video.next() {
                let stamp = Stamp {
                    frame_number: tick.frame_number,
                    time: tick.timestamp,
                };
                assert_eq!(Stamp::read(&frame), Some(stamp));
                self.read.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_clock_over_video_is_read_on_every_frame() -> Result<()> {
        let read = Arc::default();
        let time = VirtualClock::new(Rate::new(60_000, 1_001)?);
        let show = pipeline! {
            clock house = time.clone();

            box_  = TestPattern::new(Pattern::MovingBox).size(320, 180) @ house;
            clock = clock(320, 180) @ house;
            mix   = Compositor::new(320, 180);

            box_  >> mix.layers;
            clock >> mix.layers;
            mix   >> Check::new(Arc::clone(&read));
        }?;
        time.advance(50).await?;
        show.stop().await?;
        assert_eq!(read.load(Ordering::Relaxed), 50);
        Ok(())
    }
}
