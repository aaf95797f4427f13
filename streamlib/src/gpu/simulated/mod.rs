//! A card that is made of this machine's memory: its streams work late, piece by piece, and out of order with each
//! other, in any way that the events between them allow.

mod cxx;
mod schedule;

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::HashMap;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::Source;
use super::driver::{Address, Driver, Handle, Launch};
use crate::{Error, Result};
use cxx::{Function, Library};
use schedule::Piece;
pub(super) use schedule::{Schedule, Work};

/// Memory starts on such a multiple, as a card's does.
const ALIGNMENT: usize = 256;

/// The simulated card.
pub(super) struct Simulated {
    schedule: Arc<Schedule>,
    thread: Option<JoinHandle<()>>,
    memory: Mutex<HashMap<u64, Layout>>,
    code: Mutex<Code>,
}

/// What has been compiled, by handle.
#[derive(Default)]
struct Code {
    libraries: Vec<Library>,
    functions: Vec<Function>,
}

impl Simulated {
    /// One whose streams work by themselves, on a thread.
    pub fn threaded(seed: u64) -> Result<Self> {
        let schedule = Arc::new(Schedule::new(seed, false));
        let working = Arc::clone(&schedule);
        let thread = std::thread::Builder::new()
            .name("simulated card".into())
            .spawn(move || working.work())
            .map_err(Error::Io)?;
        Ok(Self::with(schedule, Some(thread)))
    }

    /// One whose streams work when they are [told to](Schedule::step), so that the same seed gives the same order.
    #[cfg(test)]
    pub fn by_hand(seed: u64) -> (Self, Arc<Schedule>) {
        let schedule = Arc::new(Schedule::new(seed, true));
        (Self::with(Arc::clone(&schedule), None), schedule)
    }

    /// Its streams, for tests that put work of their own into them.
    #[cfg(test)]
    pub fn schedule(&self) -> Arc<Schedule> {
        Arc::clone(&self.schedule)
    }

    fn with(schedule: Arc<Schedule>, thread: Option<JoinHandle<()>>) -> Self {
        Self {
            schedule,
            thread,
            memory: Mutex::default(),
            code: Mutex::default(),
        }
    }

    fn host(&self, len: usize) -> Result<NonNull<u8>> {
        let refused = || Error::invalid("memory of the simulated card", len, "less than that");
        let layout = Layout::from_size_align(len.max(1), ALIGNMENT).map_err(|_| refused())?;
        // SAFETY: the size is not 0.
        let bytes = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(refused)?;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.insert(bytes.as_ptr().addr() as u64, layout);
        Ok(bytes)
    }

    fn give_back(&self, bytes: *mut u8) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layout) = memory.remove(&(bytes.addr() as u64)) {
            // SAFETY: `host` allocated it with this layout, and it is not in the list any more.
            unsafe { dealloc(bytes, layout) };
        }
    }

    fn copies(&self, stream: Handle, to: *mut u8, from: *const u8, len: usize) -> Result<()> {
        let ends = Ends { to, from };
        self.schedule.put(
            stream,
            Work::new(move |piece| {
                // Whole, so that the pointers' type is what moves to the other thread.
                let ends = &ends;
                let (from, to) = piece.of(len);
                // SAFETY: as the caller of `copy`, `upload` or `download` has promised, both sides are there.
                unsafe { ends.from.add(from).copy_to(ends.to.add(from), to - from) };
            }),
        )
    }
}

/// The two sides of a copy.
struct Ends {
    to: *mut u8,
    from: *const u8,
}

// SAFETY: what they point to is there until the copy is done, as whoever asked for it has promised.
unsafe impl Send for Ends {}
// SAFETY: as above.
unsafe impl Sync for Ends {}

fn bytes(address: Address) -> *mut u8 {
    std::ptr::with_exposed_provenance_mut(address.0 as usize)
}

// SAFETY: `Schedule` does what is in a stream in order, and what waits for an event after it.
unsafe impl Driver for Simulated {
    fn name(&self) -> String {
        "simulated card".into()
    }

    fn allocate(&self, len: usize) -> Result<Address> {
        let bytes = self.host(len)?;
        Ok(Address(bytes.as_ptr().expose_provenance() as u64))
    }

    unsafe fn free(&self, address: Address) {
        self.give_back(bytes(address));
    }

    fn allocate_pinned(&self, len: usize) -> Result<NonNull<u8>> {
        self.host(len)
    }

    unsafe fn free_pinned(&self, bytes: NonNull<u8>) {
        self.give_back(bytes.as_ptr());
    }

    fn stream(&self) -> Result<Handle> {
        Ok(self.schedule.stream())
    }

    fn end_stream(&self, stream: Handle) {
        self.schedule.end_stream(stream);
    }

    fn event(&self) -> Result<Handle> {
        Ok(self.schedule.event())
    }

    fn end_event(&self, event: Handle) {
        self.schedule.end_event(event);
    }

    fn record(&self, event: Handle, stream: Handle) -> Result<()> {
        self.schedule.record(event, stream)
    }

    fn wait(&self, stream: Handle, event: Handle) -> Result<()> {
        self.schedule.wait(stream, event)
    }

    fn is_done(&self, event: Handle) -> Result<bool> {
        self.schedule.is_done(event)
    }

    fn synchronize(&self, event: Handle) -> Result<()> {
        self.schedule.synchronize(event)
    }

    fn is_idle(&self, stream: Handle) -> Result<bool> {
        self.schedule.is_idle(stream)
    }

    fn notify(&self, stream: Handle, call: Box<dyn FnOnce() + Send>) -> Result<()> {
        self.schedule.notify(stream, call)
    }

    unsafe fn copy(&self, stream: Handle, to: Address, from: Address, len: usize) -> Result<()> {
        self.copies(stream, bytes(to), bytes(from), len)
    }

    unsafe fn upload(
        &self,
        stream: Handle,
        to: Address,
        from: *const u8,
        len: usize,
    ) -> Result<()> {
        self.copies(stream, bytes(to), from, len)
    }

    unsafe fn download(
        &self,
        stream: Handle,
        to: *mut u8,
        from: Address,
        len: usize,
    ) -> Result<()> {
        self.copies(stream, to, bytes(from), len)
    }

    fn check_compiler(&self) -> Result<()> {
        cxx::check()
    }

    fn load(&self, source: &Source) -> Result<Handle> {
        let library = Library::of(source)?;
        let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        code.libraries.push(library);
        Ok(Handle(code.libraries.len() as u64 - 1))
    }

    fn function(&self, module: Handle, name: &str) -> Result<Handle> {
        let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(library) = code.libraries.get(module.0 as usize) else {
            return Err(Error::graph("these kernels were not loaded"));
        };
        let function = library.function(name)?;
        code.functions.push(function);
        Ok(Handle(code.functions.len() as u64 - 1))
    }

    unsafe fn launch(&self, stream: Handle, launch: &Launch<'_>) -> Result<()> {
        let code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(function) = code.functions.get(launch.function.0 as usize) else {
            return Err(Error::graph("this kernel was not loaded"));
        };
        let called = function.with(launch)?;
        drop(code);
        let blocks = called.blocks();
        self.schedule.put(
            stream,
            Work::new(move |piece: Piece| {
                let (from, to) = piece.of(blocks);
                // SAFETY: the arguments are of the sizes that the kernel's have, and as the caller has promised what they
                // lead to is there; what was compiled stays loaded.
                unsafe { called.run(from, to) };
            }),
        )
    }

    fn begin_capture(&self, stream: Handle) -> Result<()> {
        self.schedule.begin_capture(stream)
    }

    fn end_capture(&self, stream: Handle) -> Result<Handle> {
        self.schedule.end_capture(stream)
    }

    unsafe fn replay(&self, stream: Handle, graph: Handle) -> Result<()> {
        self.schedule.replay(stream, graph)
    }

    fn end_graph(&self, graph: Handle) {
        self.schedule.end_graph(graph);
    }

    fn end_module(&self, _module: Handle) {} // what was compiled stays loaded
}

impl Drop for Simulated {
    fn drop(&mut self) {
        self.schedule.stop();
        match self.thread.take() {
            // The last hold may be let go of by what a stream has called: on its own thread.
            Some(thread) if thread.thread().id() != std::thread::current().id() => {
                let _ = thread.join();
            }
            _ => {}
        }
    }
}
