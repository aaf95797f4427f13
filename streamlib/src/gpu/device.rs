//! A card that has been opened, and how it is.

use std::collections::HashMap;
use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::driver::{Address, Driver, Handle};
use super::simulated::Simulated;
use super::{Graph, Kernel, Pinned, Source, Stream};
use crate::{Error, Result};

/// As many streams as a card is given. Each block of memory keeps an event a stream.
pub(super) const MOST_STREAMS: usize = 16;

/// A card. Clones are the same card, which is closed with the last one.
#[derive(Clone)]
pub struct Device(Arc<Inner>);

struct Inner {
    streams: AtomicUsize,
    /// How many of them were waited for in vain.
    given_up: AtomicUsize,
    allocations: AtomicU64,
    modules: Mutex<HashMap<Source, Handle>>,
    /// Last, for it is closed after what is in it.
    driver: Box<dyn Driver>,
}

impl Device {
    /// The card of this number, from 0.
    ///
    /// # Errors
    /// What is missing: the feature `cuda`, the driver's library, or the card.
    pub fn open(number: usize) -> Result<Self> {
        #[cfg(feature = "cuda")]
        return super::cuda::open(number).map(Self::of);
        #[cfg(not(feature = "cuda"))]
        Err(Error::graph(format_args!(
            "card {number} cannot be used: this program was built without streamlib's feature `cuda`"
        )))
    }

    /// The card of this name: its number, from 0, `cuda`, which is card 0, or `simulated`; as `STREAMLIB_GPU` has it.
    ///
    /// # Errors
    /// What is missing; a name that is none of these.
    pub fn named(name: &str) -> Result<Self> {
        super::card::open(Some(name))
    }

    /// A card that is made of this machine's memory and a thread, for tests: each of its streams works when it
    /// pleases, late and out of order with the others, in any way that the events between them allow. `seed` says which.
    ///
    /// It compiles CUDA's kernels as C++ (with `c++`), so that they can be tried where there is no card. Kernels whose
    /// threads wait for each other (`__syncthreads`) do not run on it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn simulated(seed: u64) -> Result<Self> {
        Ok(Self::of(Simulated::threaded(seed)?))
    }

    /// A card behind any driver.
    pub fn of(driver: impl Driver) -> Self {
        Self(Arc::new(Inner {
            streams: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
            allocations: AtomicU64::new(0),
            modules: Mutex::default(),
            driver: Box::new(driver),
        }))
    }

    /// A new stream.
    ///
    /// # Errors
    /// When 16 were made before (all count, also those that are gone: memory remembers in which it was read), or the card
    /// has none left.
    pub fn stream(&self) -> Result<Stream> {
        // Relaxed: only the number counts.
        let taken = self
            .0
            .streams
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |streams| {
                (streams < MOST_STREAMS).then_some(streams + 1)
            });
        let index = taken.map_err(|streams| {
            Error::invalid(
                "streams of a card",
                streams + 1,
                format!("at most {MOST_STREAMS}: let actors share them"),
            )
        })?;
        Ok(Stream::new(self.clone(), self.driver().stream()?, index))
    }

    /// Compiles kernels for this card, or takes compiled ones; the same ones once.
    ///
    /// # Errors
    /// What the compiler says, with the lines of the kernels; a compiler that is missing.
    pub fn load(&self, source: &Source) -> Result<Module> {
        let mut modules = self
            .0
            .modules
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let handle = match modules.get(source) {
            Some(&known) => known,
            None => {
                let loaded = self.driver().load(source)?;
                modules.insert(source.clone(), loaded);
                loaded
            }
        };
        Ok(Module {
            device: self.clone(),
            handle,
        })
    }

    /// Captures what `work` puts into a stream that is made for it: copies and kernels, to be done in any stream, again
    /// and again, in one call. (A stream of its own, since nobody else may put anything into it meanwhile.)
    ///
    /// # Errors
    /// What `work` returns; what cannot be captured.
    pub fn capture(&self, work: impl FnOnce(&Stream) -> Result<()>) -> Result<Graph> {
        let driver = self.driver();
        let stream = Stream::new(self.clone(), driver.stream()?, MOST_STREAMS);
        driver.begin_capture(stream.handle())?;
        let done = work(&stream);
        let graph = driver.end_capture(stream.handle());
        let graph = graph.map(|graph| Graph::new(self.clone(), graph));
        done.and(graph)
    }

    /// Memory of the host that this card reads and writes by itself, for [pools](crate::memory::Pool::of_memory).
    #[must_use]
    pub fn pinned(&self) -> Pinned {
        Pinned::new(self.clone())
    }

    /// How often memory of the card or page-locked memory was taken: a number that does not grow while a graph that was told
    /// how large its pictures are runs.
    #[must_use]
    pub fn allocations(&self) -> u64 {
        // Relaxed: only the number counts.
        self.0.allocations.load(Ordering::Relaxed)
    }

    pub(super) fn allocate(&self, len: usize) -> Result<Address> {
        // Relaxed: as above.
        self.0.allocations.fetch_add(1, Ordering::Relaxed);
        self.driver().allocate(len)
    }

    pub(super) fn allocate_pinned(&self, len: usize) -> Result<NonNull<u8>> {
        // Relaxed: as above.
        self.0.allocations.fetch_add(1, Ordering::Relaxed);
        self.driver().allocate_pinned(len)
    }

    /// The card's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.driver().name()
    }

    /// Whether it can compile kernels.
    ///
    /// # Errors
    /// What is missing.
    pub fn check_compiler(&self) -> Result<()> {
        self.driver().check_compiler()
    }

    /// Whether any of its streams was waited for in vain: who lets go of memory then waits no more.
    pub(super) fn hangs(&self) -> bool {
        // Relaxed: nothing rests on it but how long somebody waits.
        self.0.given_up.load(Ordering::Relaxed) > 0
    }

    /// One stream more that was waited for in vain, or one less.
    pub(super) fn count_given_up(&self, is_more: bool) {
        // Relaxed: as above.
        if is_more {
            self.0.given_up.fetch_add(1, Ordering::Relaxed);
        } else {
            self.0.given_up.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(super) fn driver(&self) -> &dyn Driver {
        &*self.0.driver
    }

    /// Whether both are one card.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let modules = self
            .modules
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for module in modules.values() {
            self.driver.end_module(*module);
        }
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&self.name()).finish()
    }
}

/// Kernels that have been compiled for a card.
#[derive(Clone, Debug)]
pub struct Module {
    device: Device,
    handle: Handle,
}

impl Module {
    /// The kernel `extern "C" __global__ void name(…)`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn kernel(&self, name: &str) -> Result<Kernel> {
        let function = self.device.driver().function(self.handle, name)?;
        Ok(Kernel::new(self.device.clone(), function))
    }
}
