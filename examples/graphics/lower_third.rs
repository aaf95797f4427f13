//! A lower third: who is speaking, and the time, on a panel that slides in.

use streamlib::actors::drawing::{Align, Canvas, Color, Gradient, Path, TextStyle, Transform};
use streamlib::prelude::*;

/// How many frames the panel takes to slide in.
const SLIDE: u64 = 30;

/// What a lower third says.
#[derive(Clone, Debug, Default)]
pub struct Caption {
    /// The large line.
    pub name: String,
    /// The small line under it.
    pub title: String,
    /// On which frame the panel begins to slide in.
    pub since: u64,
}

/// A lower third for pictures of `width` × `height` pixels. Its `control()` sets another caption while it runs.
#[must_use]
pub fn lower_third(width: u32, height: u32, caption: Caption) -> Drawing<Caption> {
    Drawing::with_state(width, height, caption, |canvas, ctx| {
        let caption = &*ctx.state;
        let passed = ctx.frame_number.saturating_sub(caption.since).min(SLIDE) as f32;
        // It slows down until it stands.
        let left = 1.0 - passed / SLIDE as f32;
        let aside = -canvas.width() * left * left;
        let seconds = ctx.time.as_nanos() / 1_000_000_000;
        canvas.transform(Transform::translate(aside, 0.0), |canvas| {
            panel(canvas, caption, seconds, ctx.frame_number);
        });
    })
}

fn panel(canvas: &mut Canvas, caption: &Caption, seconds: u64, frame_number: u64) {
    // Laid out for 1920 × 1080.
    let unit = canvas.height() / 1080.0;
    let (left, top, width, height) = (120.0, 820.0, 1100.0, 150.0);
    canvas.transform(Transform::scale(unit, unit), |canvas| {
        let fade = Gradient::linear((left, 0.0), (left + width, 0.0))
            .stop(0.0, Color::rgb(0, 60, 130))
            .stop(0.7, Color::rgba(0, 40, 90, 230))
            .stop(1.0, Color::rgba(0, 20, 50, 120));
        canvas.fill(&Path::rounded_rect((left, top, width, height), 12.0), fade);
        canvas.fill_rect((left, top, 10.0, height), Color::rgb(255, 190, 0));

        let name = TextStyle::new(64.0).bold();
        canvas.text((left + 40.0, top + 12.0), &caption.name, &name);
        let title = TextStyle::new(38.0).paint(Color::rgb(190, 215, 255));
        canvas.text((left + 40.0, top + 88.0), &caption.title, &title);

        let time = TextStyle::new(38.0).tabular().align(Align::Right);
        let text = format!(
            "{:02}:{:02}:{:02}  {:06}",
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60,
            frame_number
        );
        canvas.text((left + width - 30.0, top + 88.0), &text, &time);
    });
}
