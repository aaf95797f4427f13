//! The actor: on every tick, the newest picture that the device has sent.

use std::fmt;
use std::path::PathBuf;
use std::thread::JoinHandle;

use super::choice::{Mode, Wish};
use super::feed::Feed;
use crate::actor::{Actor, Clocked, Output};
use crate::actors::dimensions;
use crate::message::VideoFrame;
use crate::time::{Rate, TimedTick};
use crate::{Error, Result, actor};

/// Sends the pictures of a camera or a capture card: a V4L2 device (feature `camera`, Linux).
///
/// **It has never been run with a device**: the machines that it was written and tested on have none, and cannot be
/// given one. What surrounds the device (which mode is chosen, what becomes of the bytes, what is said of a device that
/// is missing or none) is tested.
///
/// A tick sends the newest picture that has come since the last, and nothing when none has. The pictures are Uyvy, Nv12,
/// I420, Rgb8 or Gray8, as the device sends them, or what a JPEG holds; [`Convert`](crate::actors::Convert) makes others of
/// them. It needs a clock: `.fps(30)`, or `@ clock` in a graph, where a [`GenlockClock`](crate::clock::GenlockClock) can follow
/// the device.
///
/// ```no_run
/// use streamlib::prelude::*;
///
/// # async fn show() -> Result<()> {
/// let camera = Camera::new("/dev/video0").size(1280, 720).rate(Rate::fps(30));
/// let show = pipeline! { camera.fps(60) >> Display::new("camera") }?;
/// show.run().await
/// # }
/// ```
///
/// # Errors
///
/// When it starts: a device that is not there, is no capture device, is in use, or sends nothing that is known here. Later: one
/// that fails. A device that is unplugged is the end of the stream.
#[actor(new = assemble)]
pub struct Camera {
    /// The newest picture, once a tick.
    #[output]
    pub video: Output<VideoFrame>,
    path: PathBuf,
    wish: Wish,
    feed: Option<Feed>,
    /// The thread of a feed whose device has not been closed yet.
    closing: Option<JoinHandle<()>>,
}

impl Camera {
    /// The camera at `path`, as `/dev/video0`. It is opened when the graph starts, in the mode that is nearest to 1080p30.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::assemble(path.into(), Wish::default(), None, None)
    }

    /// Asks for pictures of this size, 1 to 16384 pixels a side; those of the device that come nearest are sent.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.wish.size = (width, height);
        self
    }

    /// Asks the device for so many pictures a second, or more.
    #[must_use]
    pub fn rate(mut self, rate: Rate) -> Self {
        self.wish.millifps = (rate.as_f64() * 1_000.0) as u32;
        self
    }
}

impl Camera {
    fn close(&mut self) {
        if let Some(thread) = self.feed.take().and_then(Feed::close) {
            self.closing = Some(thread);
        }
    }
}

/// An actor that is dropped without having been stopped.
impl Drop for Camera {
    fn drop(&mut self) {
        self.close();
    }
}

/// The settings of [`Camera`], once it has a clock.
impl Clocked<Camera> {
    /// As [`Camera::size`].
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        self.map(|camera| camera.size(width, height))
    }

    /// As [`Camera::rate`].
    #[must_use]
    pub fn rate(self, rate: Rate) -> Self {
        self.map(|camera| camera.rate(rate))
    }
}

impl Actor for Camera {
    fn check(&self) -> Result<()> {
        dimensions::check(self.wish.size.0, self.wish.size.1)
    }

    async fn on_start(&mut self) -> Result<()> {
        self.close();
        if let Some(thread) = self.closing.take() {
            // Err: it has panicked, which it has said. The device is closed in any case.
            let _ = thread.join();
        }
        self.feed = Some(Feed::open(&self.path, self.wish)?);
        Ok(())
    }

    async fn process(&mut self, tick: TimedTick) -> Result<()> {
        let Some(feed) = &self.feed else {
            return Err(Error::EndOfStream);
        };
        if let Some(frame) = feed.next()? {
            self.video.send(frame, tick);
        }
        Ok(())
    }

    async fn on_stop(&mut self) -> Result<()> {
        self.close();
        Ok(())
    }

    fn summary(&self) -> String {
        let Some(Feed { mode, .. }) = &self.feed else {
            return String::new();
        };
        let Mode {
            encoding,
            width,
            height,
            millifps,
        } = mode;
        let (path, fps) = (self.path.display(), f64::from(*millifps) / 1e3);
        format!("{path} sends {width}×{height} {encoding:?} at {fps} fps")
    }
}

impl fmt::Debug for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Camera")
            .field("path", &self.path)
            .field("wish", &self.wish)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Harness;

    #[test]
    fn a_missing_device_is_told_when_it_starts() {
        let mut camera = Harness::new(Camera::new("/dev/no-such-camera")).unwrap();
        let error = camera.tick().unwrap_err().to_string();
        assert!(
            error.contains("/dev/no-such-camera, which is not there"),
            "{error}"
        );
        let impossible = Harness::new(Camera::new("/dev/video0").size(0, 720));
        assert!(
            impossible
                .unwrap_err()
                .to_string()
                .starts_with("size is 0 × 720")
        );
    }
}
