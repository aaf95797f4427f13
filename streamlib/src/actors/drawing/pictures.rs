//! The pictures that are sent: each is the one before, with what has changed painted anew.

use super::area::{Area, Areas};
use super::change;
use super::list::List;
use super::render::Renderer;
use crate::Result;
use crate::message::{PixelFormat, VideoFrame};

/// How many pictures are kept to be painted on; one that somebody holds cannot be.
const KEPT: usize = 64;

/// The pictures that were sent, each with what has changed since.
#[derive(Debug)]
pub(super) struct Pictures {
    renderer: Renderer,
    width: u32,
    height: u32,
    /// The drawing that was painted last.
    before: List,
    kept: Vec<Kept>,
    /// Which of them shows it.
    last: usize,
    changed: Areas,
}

#[derive(Debug)]
struct Kept {
    frame: VideoFrame,
    /// Where it does not show what the last one shows.
    stale: Areas,
}

impl Pictures {
    /// With a first picture, which is transparent.
    pub fn new(width: u32, height: u32) -> Result<Self> {
        let mut before = List::default();
        before.clear(width, height);
        Ok(Self {
            renderer: Renderer::new(),
            width,
            height,
            before,
            kept: vec![Kept::new(width, height)?],
            last: 0,
            changed: Areas::default(),
        })
    }

    /// The picture that was painted last.
    pub fn last(&self) -> VideoFrame {
        self.kept[self.last].frame.clone()
    }

    /// Paints `list`, which becomes the last drawing, and the one before takes its place. One that looks the same
    /// is the same picture again.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn paint(&mut self, list: &mut List) -> Result<()> {
        self.changed.clear();
        change::compare(&self.before, list, &mut self.changed);
        if !self.changed.is_empty() {
            let next = self.next()?;
            for kept in &mut self.kept {
                self.changed.iter().for_each(|area| kept.stale.add(area));
            }
            let Kept { frame, stale } = &mut self.kept[next];
            for area in stale.iter() {
                self.renderer.paint(list, area, frame);
            }
            stale.clear();
            self.last = next;
        }
        std::mem::swap(&mut self.before, list);
        Ok(())
    }

    /// After a panic while painting: what is half painted is painted again, and nothing is left of what panicked.
    pub fn start_over(&mut self) {
        self.renderer = Renderer::new();
        let whole = Area::whole(self.width, self.height);
        for (index, kept) in self.kept.iter_mut().enumerate() {
            if index != self.last {
                kept.stale.add(whole);
            }
        }
        // Whatever comes next, it differs.
        self.before.clear(self.width, self.height);
        self.kept[self.last].stale.add(whole);
    }

    /// A picture that nobody holds: the one with the least to paint, or a new one.
    fn next(&mut self) -> Result<usize> {
        let free = |index: &usize| !self.kept[*index].frame.is_shared();
        let free = (0..self.kept.len()).filter(free);
        if let Some(next) = free.min_by_key(|&index| self.kept[index].stale.pixels()) {
            return Ok(next);
        }
        let mut new = Kept::new(self.width, self.height)?;
        for entry in self.before.entries() {
            new.stale.add(entry.area);
        }
        if self.kept.len() < KEPT {
            self.kept.push(new);
            return Ok(self.kept.len() - 1);
        }
        // Somebody downstream collects them; that one is theirs now.
        let oldest = (self.last + 1) % KEPT;
        self.kept[oldest] = new;
        Ok(oldest)
    }
}

impl Kept {
    /// A new one, which shows nothing.
    fn new(width: u32, height: u32) -> Result<Self> {
        Ok(Self {
            frame: VideoFrame::new(PixelFormat::Rgba8, width, height)?,
            stale: Areas::default(),
        })
    }
}
