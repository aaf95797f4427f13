//! A block: bytes on the heap or in shared memory, and the header that counts who holds them.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Memory;
#[cfg(all(feature = "process", target_os = "linux"))]
use super::lend::Returns;
#[cfg(all(feature = "process", target_os = "linux"))]
use super::mapping::{Access, Mapping};
use super::pool::Shelf;
use crate::{Error, Result};

/// The bytes of a block start on a cache line, so that two blocks never share one and every vector
/// instruction may be the aligned one.
const ALIGNMENT: usize = 64;

/// A picture in huge pages is first drawn in a fraction of the time, since the kernel is asked for its
/// memory three times, not 1500 (1080p). So a block this large lies in whole ones of its own.
const HUGE_PAGE: usize = 2 << 20;

/// Blocks that all began on a huge page would fall on the same few places of the processor's caches, and pictures that
/// are read side by side push each other out. So each begins one step behind the one before, up to so many.
const STEP: usize = 4096 + 512;
const STEPS: usize = 16;

/// How many large blocks there have been.
static LARGE: AtomicUsize = AtomicUsize::new(0);

/// The most that the allocator itself aligns to. Asking it for no more lets it hand out pages that the
/// kernel has zeroed and nobody has touched; for a stricter alignment it would write the zeroes itself.
const BASE_ALIGNMENT: usize = 16;

/// A header and its bytes. On its pool's shelf it is boxed; while in use it is held by the `Buffer`s
/// that count themselves in `holders`.
pub(super) struct Block {
    /// How many `Buffer`s hold this block. See `buffer.rs` for the orderings.
    pub holders: AtomicUsize,
    /// Where to go back to; `None` while there, since a home that was owned by the blocks it owns
    /// would never be freed.
    pub home: Option<Home>,
    bytes: NonNull<u8>,
    capacity: usize,
    source: Source,
}

/// Where a block goes when nobody holds it any more.
pub(super) enum Home {
    /// To its pool.
    Shelf(Arc<Shelf>),
    /// To the process that has lent it.
    #[cfg(all(feature = "process", target_os = "linux"))]
    Lender(Arc<Returns>),
}

/// What memory the bytes lie in.
enum Source {
    Heap {
        base: NonNull<u8>,
        layout: Layout,
    },
    #[cfg(all(feature = "process", target_os = "linux"))]
    Shared(Arc<Mapping>),
    /// Memory of another kind.
    Elsewhere(Arc<dyn Memory>),
}

// SAFETY: the bytes belong to the block alone, and are reached only through `Buffer`, which gives out
// shared access while there may be several holders and exclusive access while there is one.
unsafe impl Send for Block {}
// SAFETY: as above; the other fields are `Sync` themselves or never change.
unsafe impl Sync for Block {}

impl Block {
    /// A block of at least `capacity` zeroed bytes, held by nobody.
    pub fn zeroed(capacity: usize) -> Result<Box<Self>> {
        let too_much = || {
            Error::invalid(
                "buffer size",
                format_args!("{capacity} bytes"),
                "an amount that this machine can allocate; use smaller frames or keep fewer",
            )
        };
        let (alignment, behind) = if capacity < HUGE_PAGE {
            (ALIGNMENT, 0)
        } else {
            // Relaxed: which block gets which number is all the same.
            let number = LARGE.fetch_add(1, Ordering::Relaxed);
            (HUGE_PAGE, number % STEPS * STEP)
        };
        let rounded = (capacity.max(1).checked_add(behind))
            .and_then(|size| size.checked_next_multiple_of(alignment))
            .ok_or_else(too_much)?;
        let layout = rounded
            .checked_add(alignment - BASE_ALIGNMENT)
            .and_then(|size| Layout::from_size_align(size, BASE_ALIGNMENT).ok())
            .ok_or_else(too_much)?;
        // SAFETY: the layout's size is at least `rounded`, never 0.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(too_much)?;
        let skip = base.as_ptr().addr().wrapping_neg() % alignment;
        // SAFETY: `base` is a multiple of `BASE_ALIGNMENT`, so `skip` is at most the difference that
        // the layout has beyond `rounded`, and `skip + rounded` bytes lie inside the allocation.
        let first = unsafe { base.add(skip) };
        if alignment == HUGE_PAGE {
            ask_for_huge_pages(first, rounded);
        }
        // SAFETY: `rounded` is at least `behind` and the capacity that was asked for.
        let bytes = unsafe { first.add(behind) };
        let holders = AtomicUsize::new(0);
        Ok(Box::new(Self {
            holders,
            home: None,
            bytes,
            capacity: rounded - behind,
            source: Source::Heap { base, layout },
        }))
    }

    /// A block of at least `capacity` zeroed bytes of `memory`, held by nobody.
    pub fn of_memory(memory: &Arc<dyn Memory>, capacity: usize) -> Result<Box<Self>> {
        let rounded = capacity.max(1).checked_next_multiple_of(ALIGNMENT);
        let rounded = rounded.filter(|&len| isize::try_from(len).is_ok());
        let rounded = rounded.ok_or_else(|| {
            Error::invalid("buffer size", capacity, "an amount that this machine has")
        })?;
        Ok(Box::new(Self {
            holders: AtomicUsize::new(0),
            home: None,
            bytes: memory.allocate(rounded)?,
            capacity: rounded,
            source: Source::Elsewhere(Arc::clone(memory)),
        }))
    }

    /// A block of at least `capacity` zeroed bytes that other processes can be shown, held by nobody.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub fn shared(capacity: usize) -> Result<Box<Self>> {
        Ok(Self::mapped(Mapping::new(capacity, Access::OneWrites)?))
    }

    /// The bytes of a mapping as a block, held by nobody.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub fn mapped(mapping: Mapping) -> Box<Self> {
        Box::new(Self {
            holders: AtomicUsize::new(0),
            home: None,
            bytes: mapping.start(),
            capacity: mapping.len(),
            source: Source::Shared(Arc::new(mapping)),
        })
    }

    /// What other processes can be shown of it.
    #[cfg(all(feature = "process", target_os = "linux"))]
    pub fn mapping(&self) -> Option<&Arc<Mapping>> {
        match &self.source {
            Source::Heap { .. } | Source::Elsewhere(_) => None,
            Source::Shared(mapping) => Some(mapping),
        }
    }

    /// Whether it may be written to: not what another process has lent.
    pub fn is_writable(&self) -> bool {
        match &self.source {
            Source::Heap { .. } | Source::Elsewhere(_) => true,
            #[cfg(all(feature = "process", target_os = "linux"))]
            Source::Shared(mapping) => mapping.is_writable(),
        }
    }

    /// How many bytes the block has, all of them initialised, from [`bytes`](Self::bytes) on.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The first byte, aligned to [`ALIGNMENT`].
    pub fn bytes(&self) -> NonNull<u8> {
        self.bytes
    }
}

/// Asks the kernel to back the `len` bytes with huge pages. It is advice: where it is not taken, the
/// memory is as good, only slower at first.
#[cfg_attr(not(all(target_os = "linux", not(miri))), allow(unused_variables))]
fn ask_for_huge_pages(bytes: NonNull<u8>, len: usize) {
    #[cfg(all(target_os = "linux", not(miri)))]
    {
        use rustix::mm::{Advice, madvise};
        // SAFETY: the range lies inside an allocation that nobody uses yet, and this advice changes
        // nothing that can be seen in it.
        let _ = unsafe { madvise(bytes.as_ptr().cast(), len, Advice::LinuxHugepage) };
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        match &self.source {
            // SAFETY: `base` came from `alloc_zeroed` with this very layout, and a block is dropped once.
            Source::Heap { base, layout } => unsafe { dealloc(base.as_ptr(), *layout) },
            #[cfg(all(feature = "process", target_os = "linux"))]
            Source::Shared(_) => {}
            // SAFETY: the bytes came from there, as many, and a block is dropped once, when nobody holds it.
            Source::Elsewhere(memory) => unsafe { memory.free(self.bytes, self.capacity) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_on_a_cache_line_and_holds_what_was_asked() -> Result<()> {
        for capacity in [
            0,
            1,
            63,
            64,
            65,
            4096,
            HUGE_PAGE - 1,
            HUGE_PAGE,
            1920 * 1080 * 3,
        ] {
            let block = Block::zeroed(capacity)?;
            assert_eq!(block.bytes().as_ptr().addr() % ALIGNMENT, 0);
            assert!(block.capacity() >= capacity);
        }
        Ok(())
    }

    #[test]
    fn an_absurd_size_is_an_error() {
        let mut absurd = vec![usize::MAX, usize::MAX - 64, isize::MAX as usize];
        if !cfg!(miri) {
            absurd.push(isize::MAX as usize / 2); // the allocator's to refuse; Miri's gives up instead
        }
        for capacity in absurd {
            let message = Block::zeroed(capacity)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(
                message.starts_with(&format!("buffer size is {capacity} bytes; expected")),
                "{message}"
            );
        }
    }
}
