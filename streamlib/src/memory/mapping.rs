//! Bytes that several processes see: a file in memory that can neither shrink nor grow, and a view of it.
//!
//! Who makes one maps it for writing, and then seals it: from then on nobody can map it for writing any more,
//! whoever has its descriptor and however it is opened again. Who is given one looks at its seals before it is
//! mapped, so that reading it cannot fail (a file that shrinks ends its readers with SIGBUS).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{Advice, MapFlags, ProtFlags};

use crate::{Error, Result};

/// From this size on the kernel is asked for large pages.
const LARGE: usize = 2 << 20;
/// The file system of files in memory, as `statfs` names it. (Those of reserved huge pages may be short of them.)
const TMPFS: i64 = 0x0102_1994;

/// Whether the other side may write too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Only who made it writes.
    OneWrites,
    /// Both do: words that are atomic.
    BothWrite,
}

/// A file in memory, mapped as a whole.
pub(crate) struct Mapping {
    start: NonNull<u8>,
    len: usize,
    file: OwnedFd,
    is_writable: bool,
    serial: u64,
}

// SAFETY: the mapping belongs to this value alone; who reads or writes it is up to `Block` and `Segment`.
unsafe impl Send for Mapping {}
// SAFETY: as above: nothing here gives access to the bytes.
unsafe impl Sync for Mapping {}

fn serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Relaxed: only the count has to be unique.
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Mapping {
    /// At least `len` zeroed bytes, mapped for writing.
    pub fn new(len: usize, access: Access) -> Result<Self> {
        let page = rustix::param::page_size();
        let len = len.max(1).checked_next_multiple_of(page);
        let Some(len) = len.filter(|&len| len <= isize::MAX as usize) else {
            return Err(Error::invalid(
                "shared memory",
                "more bytes than there are addresses",
                "an amount that this machine can map; use smaller frames",
            ));
        };
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create("streamlib", flags).map_err(io)?;
        rustix::fs::ftruncate(&file, len as u64).map_err(io)?;
        let start = map(file.as_fd(), len, true)?;
        let mapping = Self {
            start,
            len,
            file,
            is_writable: true,
            serial: serial(),
        };
        let size = SealFlags::SHRINK | SealFlags::GROW;
        let seals = match access {
            Access::OneWrites => size | SealFlags::FUTURE_WRITE | SealFlags::SEAL,
            Access::BothWrite => size | SealFlags::SEAL,
        };
        rustix::fs::fcntl_add_seals(&mapping.file, seals).map_err(io)?;
        Ok(mapping)
    }

    /// What another process has made, of which at most `most` bytes are taken.
    ///
    /// # Errors
    /// When it could shrink, is no file in memory, or is larger.
    pub fn open(file: OwnedFd, most: usize, access: Access) -> Result<Self> {
        let refused = |why: &str| Error::other(format!("shared memory that {why}"));
        let seals =
            rustix::fs::fcntl_get_seals(&file).map_err(|_| refused("is no file in memory"))?;
        if !seals.contains(SealFlags::SHRINK) {
            return Err(refused("may shrink"));
        }
        let system = rustix::fs::fstatfs(&file).map_err(io)?;
        if system.f_type as i64 != TMPFS {
            return Err(refused("is of another kind"));
        }
        let size = rustix::fs::fstat(&file).map_err(io)?.st_size;
        let len = usize::try_from(size).unwrap_or(0);
        if len == 0 || len > most {
            return Err(Error::other(format!(
                "shared memory of {size} bytes, where 1 to {most} were expected"
            )));
        }
        let is_writable = access == Access::BothWrite;
        let start = map(file.as_fd(), len, is_writable)?;
        Ok(Self {
            start,
            len,
            file,
            is_writable,
            serial: serial(),
        })
    }

    /// The first byte, on a page of its own.
    pub fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// A number that no other mapping of this process has had.
    pub fn serial(&self) -> u64 {
        self.serial
    }
}

impl AsFd for Mapping {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: it was mapped with this length, is unmapped once, and whoever used its bytes held this value.
        let _ = unsafe { rustix::mm::munmap(self.start.as_ptr().cast(), self.len) };
    }
}

fn io(error: rustix::io::Errno) -> Error {
    Error::Io(error.into())
}

fn map(file: BorrowedFd<'_>, len: usize, is_writable: bool) -> Result<NonNull<u8>> {
    let access = if is_writable {
        ProtFlags::READ | ProtFlags::WRITE
    } else {
        ProtFlags::READ
    };
    // SAFETY: a new mapping, at an address that the kernel chooses.
    let start =
        unsafe { rustix::mm::mmap(std::ptr::null_mut(), len, access, MapFlags::SHARED, file, 0) }
            .map_err(io)?;
    if len >= LARGE {
        // SAFETY: it is the mapping just made, and this advice changes nothing that can be seen in it.
        let _ = unsafe { rustix::mm::madvise(start, len, Advice::LinuxHugepage) };
    }
    NonNull::new(start.cast()).ok_or_else(|| Error::other("memory was mapped at address 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maker_writes_and_the_other_only_reads() -> Result<()> {
        let made = Mapping::new(5000, Access::OneWrites)?;
        assert_eq!(made.len(), 8192);
        // SAFETY: the first byte of a mapping that is 8192 bytes long.
        unsafe { made.start().write(7) };
        let file = made.as_fd().try_clone_to_owned()?;
        let given = Mapping::open(file, 1 << 20, Access::OneWrites)?;
        // SAFETY: as above.
        assert_eq!(unsafe { given.start().read() }, 7);
        let file = made.as_fd().try_clone_to_owned()?;
        assert!(
            Mapping::open(file, 1 << 20, Access::BothWrite).is_err(),
            "it was sealed"
        );
        assert!(rustix::fs::ftruncate(&made.file, 0).is_err());
        Ok(())
    }

    #[test]
    fn what_may_shrink_or_is_too_large_is_refused() -> Result<()> {
        let open = |file| Mapping::open(file, 1 << 20, Access::OneWrites).map(drop);
        let loose = rustix::fs::memfd_create("loose", MemfdFlags::ALLOW_SEALING).map_err(io)?;
        rustix::fs::ftruncate(&loose, 4096).map_err(io)?;
        assert!(open(loose).is_err());
        let file = std::fs::File::open("/proc/self/exe")?;
        assert!(open(file.into()).is_err());
        let large = Mapping::new(2 << 20, Access::OneWrites)?;
        assert!(open(large.as_fd().try_clone_to_owned()?).is_err());
        Ok(())
    }
}
