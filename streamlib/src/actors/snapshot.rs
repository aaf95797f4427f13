//! Writes pictures into PNG files: one, or one in so many.

use std::path::{Path, PathBuf};

use super::images;
use crate::actor::{Actor, Input};
use crate::message::VideoFrame;
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Writes the first picture that comes into a PNG file, and ends (feature `images`).
///
/// With [`frame`](Self::frame) it is the first from a frame number on; with [`every`](Self::every) it is one
/// in so many, each in a file of its own, without end. A file appears when it is whole.
///
/// Writing takes some milliseconds, in which other pictures pass by unseen; nobody waits for it. On a
/// `VirtualClock`, which does wait, none is missed.
///
/// ```
/// use streamlib::actors::images;
/// use streamlib::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let file = std::env::temp_dir().join(format!("bars-{}.png", std::process::id()));
/// let clock = VirtualClock::fps(60);
/// let show = pipeline! {
///     clock house = clock.clone();
///     bars = TestPattern::new(Pattern::SmpteBars).size(320, 180) @ house;
///     bars >> Snapshot::new(&file).frame(30);
/// }?;
/// clock.advance(31).await?;
/// show.stop().await?;
///
/// assert_eq!(images::load_png(&file)?.dimensions(), (320, 180));
/// # std::fs::remove_file(file)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// A file that cannot be written is an error on the tick that meets it. It then tries again with the next picture.
#[actor(new = assemble)]
#[derive(Debug)]
pub struct Snapshot {
    /// The pictures of which some are written.
    #[input]
    pub video: Input<VideoFrame>,
    path: PathBuf,
    which: Which,
}

/// The pictures that are written, by their frame numbers.
#[derive(Clone, Copy, Debug)]
enum Which {
    /// The first that has at least this number.
    First(u64),
    /// Those whose number can be divided by this.
    Every(u64),
}

impl Snapshot {
    /// Writes one picture into the file `path`: the first that comes, unless told otherwise.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::assemble(path.into(), Which::First(0))
    }

    /// Lets pictures pass until one has this frame number, or a higher one.
    #[must_use]
    pub fn frame(mut self, number: u64) -> Self {
        self.which = Which::First(number);
        self
    }

    /// Writes each picture whose frame number can be divided by `count`, which is 1 or more, and does not
    /// end. The number goes into the file's name: `shot.png` becomes `shot-000060.png`.
    #[must_use]
    pub fn every(mut self, count: u64) -> Self {
        self.which = Which::Every(count);
        self
    }
}

/// `folder/shot.png` as `folder/shot-000060.png`.
fn numbered(path: &Path, number: u64) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number:06}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

impl Actor for Snapshot {
    fn check(&self) -> Result<()> {
        if let Which::Every(0) = self.which {
            return Err(Error::invalid("every", 0, "1 or more pictures"));
        }
        if self.path.file_name().is_none() {
            return Err(Error::invalid(
                "the path of a snapshot",
                format_args!("{:?}", self.path),
                "the name of a file",
            ));
        }
        Ok(())
    }

    async fn process(&mut self, _tick: TimedTick) -> Result<()> {
        let Some(frame) = self.video.next() else {
            return Ok(());
        };
        let number = frame.frame_number();
        match self.which {
            Which::First(first) if number >= first => {
                images::save_png(&frame, &self.path)?;
                Err(Error::EndOfStream)
            }
            Which::Every(count) if number % count == 0 => {
                images::save_png(&frame, numbered(&self.path, number))
            }
            _ => Ok(()),
        }
    }

    fn summary(&self) -> String {
        let path = self.path.display();
        match self.which {
            Which::First(number) => format!("writes picture {number} to {path}"),
            Which::Every(count) => format!("writes one picture in {count} to {path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_before_the_extension() {
        let at = |path: &str| numbered(Path::new(path), 60).display().to_string();
        assert_eq!(at("a.b/shot.png"), "a.b/shot-000060.png");
        assert_eq!(at("shot"), "shot-000060");
    }
}
