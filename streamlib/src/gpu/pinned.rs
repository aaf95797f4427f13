//! Memory of the host that a card reads and writes by itself.

use std::ptr::NonNull;

use super::Device;
use crate::Result;
use crate::memory::Memory;

/// Page-locked memory of the host, from which and to which a card copies while the processor does other things:
/// [`Pool::of_memory`](crate::memory::Pool::of_memory) makes buffers of it.
#[derive(Debug)]
pub struct Pinned {
    device: Device,
}

impl Pinned {
    pub(super) fn new(device: Device) -> Self {
        Self { device }
    }
}

// SAFETY: the driver gives memory that is there, of that length, until it is given back; it is zeroed here.
unsafe impl Memory for Pinned {
    fn allocate(&self, len: usize) -> Result<NonNull<u8>> {
        let bytes = self.device.allocate_pinned(len)?;
        // SAFETY: `len` bytes lie there, which nobody else knows of yet.
        unsafe { bytes.as_ptr().write_bytes(0, len) };
        Ok(bytes)
    }

    unsafe fn free(&self, bytes: NonNull<u8>, _len: usize) {
        // SAFETY: it came from `allocate`, and whoever lets a card use it holds its buffer until that is done.
        unsafe { self.device.driver().free_pinned(bytes) };
    }

    fn is_page_locked(&self) -> bool {
        true
    }
}
