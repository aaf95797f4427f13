//! An audio level meter: what sounds, measured, drawn.

use std::f32::consts::TAU;

use streamlib::actors::drawing::{Color, Gradient, Path, TextStyle};
use streamlib::prelude::*;

/// The bottom of the scale, in dBFS.
const FLOOR: f32 = -60.0;
/// What a peak falls by on each frame, in dB.
const FALL: f32 = 0.4;

/// How loud each channel is, in dBFS: 0 is as loud as it gets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels(pub Vec<f32>);

/// Measures the peak of each channel.
#[actor(dispatcher = inline)]
pub struct Measure {
    /// What sounds.
    #[input]
    pub sound: Input<AudioBuffer>,
    /// How loud it is.
    #[output]
    pub levels: Output<DataMessage<Levels>>,
}

impl Actor for Measure {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        if let Some(sound) = self.sound.next() {
            let channels = sound.view();
            let peaks = channels.columns().into_iter().map(|channel| {
                let peak = channel
                    .iter()
                    .fold(0.0_f32, |peak, level| peak.max(level.abs()));
                (20.0 * peak.log10()).max(FLOOR)
            });
            self.levels
                .send(DataMessage::new(Levels(peaks.collect())), tick);
        }
        Ok(())
    }
}

/// Two channels of a sine that swells and fades, one against the other: something to measure.
#[actor]
pub struct Sweep {
    /// A frame's time of it, at 48 kHz.
    #[output]
    pub sound: Output<AudioBuffer>,
}

impl Actor for Sweep {
    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        const RATE: u32 = 48_000;
        let mut sound = self.sound.slot();
        sound.reset(RATE, 2, RATE as usize / 50)?;
        let start = tick.timestamp.media(RATE);
        for (index, pair) in sound.samples_mut().chunks_exact_mut(2).enumerate() {
            let seconds = (start + index as u64) as f64 / f64::from(RATE);
            let tone = (seconds * 440.0).fract() as f32;
            let swell = (seconds / 4.0).fract() as f32;
            for (sample, shift) in pair.iter_mut().zip([0.0, 0.5]) {
                let volume = 0.5 - 0.5 * (TAU * (swell + shift)).cos();
                *sample = (TAU * tone).sin() * volume;
            }
        }
        sound.publish(tick);
        Ok(())
    }
}

/// A meter of bars, one for each channel, with a line where the peak was. Feed its input `state`.
#[must_use]
pub fn level_meter(width: u32, height: u32) -> Drawing<Levels> {
    let mut peaks: Vec<f32> = Vec::new();
    Drawing::with_state(width, height, Levels::default(), move |canvas, ctx| {
        let Levels(levels) = &*ctx.state;
        peaks.resize(levels.len(), FLOOR);
        let unit = canvas.height() / 20.0;
        let (top, bottom) = (2.0 * unit, 18.0 * unit);
        let at = |level: f32| top + (bottom - top) * (level.clamp(FLOOR, 0.0) / FLOOR);
        let scale = Gradient::linear((0.0, top), (0.0, bottom))
            .stop(0.0, Color::rgb(255, 40, 30))
            .stop(0.15, Color::rgb(255, 200, 0))
            .stop(0.35, Color::rgb(0, 200, 80))
            .stop(1.0, Color::rgb(0, 120, 60));

        let bars = levels.len() as f32;
        let panel = (unit, unit, (2.0 * bars + 3.0) * unit, 18.0 * unit);
        let black = Color::BLACK.with_alpha(0.75);
        canvas.fill(&Path::rounded_rect(panel, unit / 2.0), black);
        let small = TextStyle::new(0.7 * unit).tabular();
        for mark in [0, -10, -20, -40, -60] {
            let y = at(mark as f32) - 0.4 * unit;
            canvas.text(((2.0 * bars + 1.8) * unit, y), &mark.to_string(), &small);
        }
        for (index, (&level, peak)) in levels.iter().zip(&mut peaks).enumerate() {
            *peak = level.max(*peak - FALL);
            let x = (1.5 + 2.0 * index as f32) * unit;
            let bar = (x, at(level), 1.5 * unit, bottom - at(level));
            canvas.fill_rect(
                (x, top, 1.5 * unit, bottom - top),
                Color::WHITE.with_alpha(0.1),
            );
            canvas.fill_rect(bar, &scale);
            canvas.fill_rect((x, at(*peak), 1.5 * unit, 2.0), Color::WHITE);
        }
    })
}

#[cfg(test)]
mod tests {
    use streamlib::actor::Harness;

    use super::*;

    #[test]
    fn peaks_are_in_decibels_of_full_scale() -> Result<()> {
        let mut harness = Harness::new(Measure::new())?;
        let mut sound = harness.feed(|measure| &mut measure.sound);
        let mut levels = harness.probe(|measure| &mut measure.levels);
        sound.send(AudioBuffer::from_samples(
            48_000,
            3,
            [0.1, -1.0, 0.0, -0.5, 0.2, 0.0],
        )?);
        harness.tick()?;
        let Levels(found) = levels
            .latest()
            .expect("it has measured")
            .clone()
            .into_inner();
        let expected = [-6.02, 0.0, FLOOR];
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(found, level)| (found - level).abs() < 0.01)
        );
        Ok(())
    }

    #[test]
    fn a_bar_is_as_high_as_its_level() -> Result<()> {
        let mut harness = Harness::new(level_meter(320, 200))?;
        let mut levels = harness.feed(|meter| &mut meter.state);
        let mut video = harness.probe(|meter| &mut meter.video);
        levels.send(DataMessage::new(Levels(vec![-30.0, 0.0])));
        harness.tick()?;
        let picture = video.latest().expect("a picture a tick").clone();
        // Bars are 15 pixels wide, at 15 and 35; 0 dBFS is at 20, −60 at 180.
        let is_lit = |x: usize, y: usize| picture.view()[[y, x, 1]] > 60;
        let lit = |x: usize| (0..200).find(|&y| is_lit(x, y));
        assert_eq!((lit(22), lit(42)), (Some(100), Some(20)));
        Ok(())
    }
}
