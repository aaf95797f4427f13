//! Writes what a window shows into a PNG file, when a key asks for it.

use std::path::{Path, PathBuf};

use super::screen::{Settings, say};
use super::x11::Window;
use crate::actors::images;
use crate::message::{PixelFormat, VideoFrame};
use crate::{Error, Result};

/// Where the files go, and what they are called.
pub(super) struct Snapshots {
    folder: PathBuf,
    title: String,
}

impl Snapshots {
    pub(super) fn new(settings: &Settings) -> Self {
        let is_plain = |char: char| char.is_alphanumeric() || matches!(char, ' ' | '.' | '_' | '-');
        let title = settings.title.trim_start_matches('.');
        Self {
            folder: settings.snapshots.clone(),
            title: title.replace(|char| !is_plain(char), "-"),
        }
    }

    /// Writes a file on a thread of its own, so that the window goes on meanwhile.
    pub(super) fn write(&self, window: &Window, frame: Option<&VideoFrame>) {
        let number = frame.map_or(0, VideoFrame::frame_number);
        let shown = window.shown().map(|(pixels, width)| copy(pixels, width));
        let file = free(&self.folder, &format!("{}-{number:06}", self.title));
        let write = move || match shown.unwrap_or_else(|| Err(Error::other("nothing is shown yet")))
        {
            Ok(frame) => match images::save_png(&frame, &file) {
                Ok(()) => say(format_args!("wrote {}", file.display())),
                Err(error) => say(format_args!("no picture was written: {error}")),
            },
            Err(error) => say(format_args!("no picture was written: {error}")),
        };
        let thread = std::thread::Builder::new().name("snapshot".to_owned());
        if let Err(error) = thread.spawn(write) {
            say(format_args!("no picture was written: {error}"));
        }
    }
}

/// A name that no file in the folder has yet.
fn free(folder: &Path, name: &str) -> PathBuf {
    let numbered = (2..1000).map(|number| folder.join(format!("{name}-{number}.png")));
    let mut names = std::iter::once(folder.join(format!("{name}.png"))).chain(numbered);
    let last = folder.join(format!("{name}.png"));
    names.find(|file| !file.exists()).unwrap_or(last)
}

/// The window's pixels as a picture.
fn copy(pixels: &[u32], width: usize) -> Result<VideoFrame> {
    let height = pixels.len().checked_div(width).unwrap_or(0);
    let mut frame = VideoFrame::new(PixelFormat::Rgb8, width as u32, height as u32)?;
    for (to, from) in frame.pixels_mut().as_chunks_mut().0.iter_mut().zip(pixels) {
        let [_, r, g, b] = from.to_be_bytes();
        *to = [r, g, b];
    }
    Ok(frame)
}
