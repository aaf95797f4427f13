//! The pixels of a window: painted in one buffer while the server still reads the other.

use std::collections::VecDeque;

use x11rb::connection::RequestConnection;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{self, ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

use super::server::Server;
use super::shared_memory::SharedMemory;

/// What a request for drawing holds beside its pixels, in bytes.
const HEADER: usize = 32;

/// Two buffers in memory that the server shares, or one that is copied to it.
pub(super) struct Canvas {
    window: xproto::Window,
    context: xproto::Gcontext,
    depth: u8,
    buffers: Vec<Buffer>,
    /// The buffer that was put on the screen last.
    front: Option<usize>,
    /// What the server is reading, in order: whether it has not been on the screen before.
    reading: VecDeque<bool>,
}

struct Buffer {
    pixels: Pixels,
    size: (usize, usize),
    /// How often the server has still to read them.
    reads: u32,
}

enum Pixels {
    Shared(SharedMemory),
    Own(Vec<u32>),
}

impl Canvas {
    pub(super) fn new(server: &Server, window: xproto::Window, context: xproto::Gcontext) -> Self {
        let one = |pixels| Buffer {
            pixels,
            size: (0, 0),
            reads: 0,
        };
        let shared = |_| SharedMemory::new(&server.connection, 1);
        let shared: Option<Vec<_>> = (0..2)
            .map(shared)
            .take_while(|_| server.shares_memory)
            .collect();
        let buffers = match shared {
            Some(shared) if shared.len() == 2 => {
                shared.into_iter().map(Pixels::Shared).map(one).collect()
            }
            _ => vec![one(Pixels::Own(Vec::new()))],
        };
        Self {
            window,
            context,
            depth: server.visual.depth,
            buffers,
            front: None,
            reading: VecDeque::with_capacity(8),
        }
    }

    /// The pixels to paint next, `size` (width, height) of them, which hold anything; `None` while the
    /// server reads both buffers.
    pub(super) fn free(
        &mut self,
        connection: &RustConnection,
        size: (usize, usize),
    ) -> Option<&mut [u32]> {
        let back = self.back()?;
        let buffer = &mut self.buffers[back];
        buffer.size = size;
        let count = size.0 * size.1;
        if let Pixels::Shared(memory) = &mut buffer.pixels
            && memory.pixels().len() < count
        {
            let larger = SharedMemory::new(connection, count)
                .map_or_else(|| Pixels::Own(Vec::new()), Pixels::Shared);
            if let Pixels::Shared(old) = std::mem::replace(&mut buffer.pixels, larger) {
                old.detach(connection);
            }
        }
        match &mut buffer.pixels {
            Pixels::Shared(memory) => memory.pixels_mut().get_mut(..count),
            Pixels::Own(pixels) => {
                pixels.resize(count, 0);
                Some(pixels)
            }
        }
    }

    /// The buffer to paint: not the one that is seen, which is put up again where it was covered.
    fn back(&self) -> Option<usize> {
        let back = match (self.buffers.len(), self.front) {
            (2, Some(front)) => 1 - front,
            _ => 0,
        };
        (self.buffers[back].reads == 0).then_some(back)
    }

    /// Puts the pixels that were painted last on the screen. Returns whether they are there; else the server says
    /// so later, see [`completed`](Self::completed).
    pub(super) fn show(&mut self, connection: &RustConnection) -> Result<bool, ConnectionError> {
        self.front = self.back();
        self.put(connection, true)
    }

    /// The same for the pixels that are on the screen, or were until something covered them.
    pub(super) fn show_again(
        &mut self,
        connection: &RustConnection,
    ) -> Result<(), ConnectionError> {
        self.put(connection, false).map(drop)
    }

    fn put(&mut self, connection: &RustConnection, is_new: bool) -> Result<bool, ConnectionError> {
        let Some(front) = self.front else {
            return Ok(true);
        };
        let Buffer {
            pixels,
            size,
            reads,
        } = &mut self.buffers[front];
        if size.0 == 0 || size.1 == 0 {
            return Ok(true);
        }
        match pixels {
            Pixels::Shared(memory) => {
                let (width, height) = (size.0 as u16, size.1 as u16);
                connection.shm_put_image(
                    self.window,
                    self.context,
                    width,
                    height,
                    0,
                    0,
                    width,
                    height,
                    0,
                    0,
                    self.depth,
                    ImageFormat::Z_PIXMAP.into(),
                    true,
                    memory.segment,
                    0,
                )?;
                *reads += 1;
                self.reading.push_back(is_new);
                Ok(false)
            }
            Pixels::Own(pixels) => {
                let rows = (connection.maximum_request_bytes() - HEADER) / (size.0 * 4);
                let mut top = 0;
                for strip in pixels.chunks(size.0 * rows.max(1)) {
                    let height = strip.len() / size.0;
                    connection.put_image(
                        ImageFormat::Z_PIXMAP,
                        self.window,
                        self.context,
                        size.0 as u16,
                        height as u16,
                        0,
                        top as i16,
                        0,
                        self.depth,
                        bytes(strip),
                    )?;
                    top += height;
                }
                // Its answer comes when all has been drawn: this side is never far ahead of it.
                match connection.get_input_focus()?.reply() {
                    Err(ReplyError::ConnectionError(error)) => Err(error),
                    _ => Ok(true),
                }
            }
        }
    }

    /// The server has read the segment's pixels. Returns whether they are on the screen for the first time.
    pub(super) fn completed(&mut self, segment: shm::Seg) -> bool {
        for buffer in &mut self.buffers {
            if matches!(&buffer.pixels, Pixels::Shared(memory) if memory.segment == segment) {
                buffer.reads = buffer.reads.saturating_sub(1);
            }
        }
        self.reading.pop_front().unwrap_or(false)
    }

    /// The pixels that were put on the screen last, and their width.
    #[cfg(feature = "images")]
    pub(super) fn shown(&self) -> Option<(&[u32], usize)> {
        let buffer = &self.buffers[self.front?];
        let count = buffer.size.0 * buffer.size.1;
        let pixels = match &buffer.pixels {
            Pixels::Shared(memory) => memory.pixels(),
            Pixels::Own(pixels) => pixels,
        };
        Some((pixels.get(..count)?, buffer.size.0))
    }
}

fn bytes(pixels: &[u32]) -> &[u8] {
    // SAFETY: four bytes a pixel, of any value, at an address that suits them.
    unsafe { std::slice::from_raw_parts(pixels.as_ptr().cast(), size_of_val(pixels)) }
}
