//! Writes pictures into PNG files: one, one in so many, or those that are asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::images;
use crate::actor::{Actor, Control, Controlled, Input};
use crate::message::VideoFrame;
use crate::time::TimedTick;
use crate::{Error, Result, actor};

/// Writes the first picture that comes into a PNG file, and ends (feature `images`).
///
/// ![A white box on black, with the time and the number 60](https://raw.githubusercontent.com/streamlib/streamlib/main/docs/src/pictures/snapshot.png)
///
/// With [`frame`](Self::frame) it is the first from a frame number on; with [`every`](Self::every) it is one
/// in so many, each in a file of its own, without end; with [`on_demand`](Self::on_demand) none is written
/// until [`control`](Self::control) is told to take one. A file appears when it is whole.
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
    asked: Controlled<Asked>,
    /// How many were asked for when it looked last.
    seen: u64,
}

/// The pictures that are written, by their frame numbers.
#[derive(Clone, Copy, Debug)]
enum Which {
    /// The first that has at least this number.
    First(u64),
    /// Those whose number can be divided by this.
    Every(u64),
    /// Those that are asked for alone.
    OnDemand,
}

/// What was asked for while it runs.
#[derive(Clone, Debug, Default)]
struct Asked {
    /// How many pictures, so far.
    count: u64,
    /// The file for the last of them, if it is to have another name.
    path: Option<Arc<Path>>,
}

impl Snapshot {
    /// Writes one picture into the file `path`: the first that comes, unless told otherwise.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let asked = Controlled::new(Asked::default());
        Self::assemble(path.into(), Which::First(0), asked, 0)
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

    /// Writes no picture but those that its [`control`](Self::control) is told to take, and does not end.
    ///
    /// ```
    /// use streamlib::actor::Harness;
    /// use streamlib::actors::images;
    /// use streamlib::prelude::*;
    ///
    /// let file = std::env::temp_dir().join(format!("still-{}.png", std::process::id()));
    /// let snapshot = Snapshot::new("still.png").on_demand();
    /// let control = snapshot.control(); // before it goes into a graph
    ///
    /// let mut harness = Harness::new(snapshot)?;
    /// let mut video = harness.feed(|snapshot| &mut snapshot.video);
    /// video.send(VideoFrame::from_pixels(PixelFormat::Rgb8, 1, 1, [1, 2, 3])?);
    /// control.take_to(&file);
    /// harness.tick()?;
    /// assert_eq!(images::load_png(&file)?.pixels(), [1, 2, 3]);
    /// # std::fs::remove_file(file)?;
    /// # Ok::<(), streamlib::Error>(())
    /// ```
    #[must_use]
    pub fn on_demand(mut self) -> Self {
        self.which = Which::OnDemand;
        self
    }

    /// A hold on it, with which it is told to take a picture while it runs.
    #[must_use]
    pub fn control(&self) -> SnapshotControl {
        SnapshotControl(self.asked.control())
    }
}

/// A hold on a [`Snapshot`] that may run already. Clones hold the same one.
#[derive(Clone, Debug)]
pub struct SnapshotControl(Control<Asked>);

impl SnapshotControl {
    /// Writes the newest picture on the next tick, whatever else is written. The frame number goes into the file's
    /// name: `shot.png` becomes `shot-000060.png`. Asked several times before a tick, it writes one.
    ///
    /// Whether it could be written, the actor's status says: a file that cannot be is an error of that tick.
    pub fn take(&self) {
        self.ask(None);
    }

    /// The same into the file `path`, in place of what that held.
    pub fn take_to(&self, path: impl AsRef<Path>) {
        self.ask(Some(path.as_ref().into()));
    }

    fn ask(&self, path: Option<Arc<Path>>) {
        self.0.change(|asked| {
            asked.count += 1;
            asked.path = path;
        });
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
        let asked = self.asked.get();
        let is_asked = asked.count != self.seen;
        if let Some(frame) = self.video.next() {
            self.seen = asked.count;
            let answered = answer(is_asked.then_some(asked), &self.path, &frame);
            return write(self.which, &self.path, &frame).and(answered);
        }
        if is_asked && let Some(frame) = self.video.latest() {
            self.seen = asked.count;
            return answer(Some(asked), &self.path, &frame);
        }
        Ok(()) // nothing has come; what was asked for is written when it does
    }

    fn summary(&self) -> String {
        let path = self.path.display();
        match self.which {
            Which::First(number) => format!("writes picture {number} to {path}"),
            Which::Every(count) => format!("writes one picture in {count} to {path}"),
            Which::OnDemand => format!("writes pictures to {path} when told to"),
        }
    }
}

/// Writes a picture that was asked for.
fn answer(asked: Option<&Asked>, path: &Path, frame: &VideoFrame) -> Result<()> {
    match asked.map(|asked| &asked.path) {
        None => Ok(()),
        Some(Some(path)) => images::save_png(frame, path),
        Some(None) => images::save_png(frame, numbered(path, frame.frame_number())),
    }
}

/// Writes a picture that has come if it is one of those that are written by themselves.
fn write(which: Which, path: &Path, frame: &VideoFrame) -> Result<()> {
    let number = frame.frame_number();
    match which {
        Which::First(first) if number >= first => {
            images::save_png(frame, path)?;
            Err(Error::EndOfStream)
        }
        Which::Every(count) if number.is_multiple_of(count) => {
            images::save_png(frame, numbered(path, number))
        }
        _ => Ok(()),
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
