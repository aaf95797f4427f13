//! Pixels in memory that the X server made and this process has too.

use std::os::fd::AsFd;
use std::ptr::NonNull;

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use x11rb::connection::Connection;
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

/// A segment of shared memory: pixels that the server can read where they were painted.
pub(super) struct SharedMemory {
    pixels: NonNull<u32>,
    count: usize,
    pub(super) segment: shm::Seg,
}

impl SharedMemory {
    /// Room for `count` pixels; `None` if the server makes none.
    pub(super) fn new(connection: &RustConnection, count: usize) -> Option<Self> {
        let bytes = u32::try_from(count.checked_mul(4)?).ok()?;
        let segment = connection.generate_id().ok()?;
        let made = connection.shm_create_segment(segment, bytes, true).ok()?;
        let file = std::fs::File::from(made.reply().ok()?.shm_fd);
        if file.metadata().ok()?.len() < u64::from(bytes) {
            connection.shm_detach(segment).ok()?;
            return None;
        }
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address that the kernel chooses overlaps nothing.
        let mapped = unsafe {
            mmap(
                std::ptr::null_mut(),
                bytes as usize,
                access,
                MapFlags::SHARED,
                file.as_fd(),
                0,
            )
        };
        Some(Self {
            pixels: NonNull::new(mapped.ok()?)?.cast(),
            count,
            segment,
        })
    }

    pub(super) fn pixels(&self) -> &[u32] {
        // SAFETY: the mapping is aligned to a page, its file was found to hold `count` pixels, and it lives as long as
        // `self`; the server, which is trusted not to cut it short, attached it for reading.
        unsafe { std::slice::from_raw_parts(self.pixels.as_ptr(), self.count) }
    }

    pub(super) fn pixels_mut(&mut self) -> &mut [u32] {
        // SAFETY: as in `pixels`, and `&mut self` is the only way to it in this process.
        unsafe { std::slice::from_raw_parts_mut(self.pixels.as_ptr(), self.count) }
    }

    /// Gives the memory back on both sides.
    pub(super) fn detach(self, connection: &RustConnection) {
        // An error means that the server has gone, and its side of the memory with it.
        let _ = connection.shm_detach(self.segment);
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: this is the mapping that `new` made, and no slice of it outlives `self`.
        // It fails only for what is no mapping.
        let _ = unsafe { munmap(self.pixels.as_ptr().cast(), self.count * 4) };
    }
}

// SAFETY: the mapping belongs to the process, not to a thread, and is reached through `self` alone.
unsafe impl Send for SharedMemory {}
