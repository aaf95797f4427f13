//! The driver of a card, call by call.

use std::ffi::{CStr, CString, c_int, c_uint, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{NonNull, null_mut, without_provenance_mut};

use cudarc::driver::sys::{
    self, CUcontext, CUdevice, CUdevice_attribute, CUevent, CUfunction, CUgraph, CUgraphExec,
    CUjit_option, CUmodule, CUresult, CUstream, CUstreamCaptureMode,
};

use super::{done, functions, nvrtc};
use crate::gpu::{Address, Argument, Driver, Handle, Launch, Source};
use crate::{Error, Result};

/// Streams that do not wait for the one that all share.
const NON_BLOCKING: c_uint = 1;
/// Events that keep no time, and for which a thread sleeps rather than spins.
const PLAIN: c_uint = 2 | 1;
/// As much is kept of what the driver says about kernels that it refuses.
const LOG: usize = 8192;
/// Page-locked memory for all contexts.
const PORTABLE: c_uint = 1;

/// A card of CUDA, in its primary context.
pub(in crate::gpu) struct Cuda {
    device: CUdevice,
    context: CUcontext,
    name: String,
    /// Major · 10 + minor.
    capability: u32,
}

// SAFETY: a context may be used on any thread that it is made current on, which `here` does before every call; what it
// gives out (streams, events, modules) may be used on all of them at a time.
unsafe impl Send for Cuda {}
// SAFETY: as above.
unsafe impl Sync for Cuda {}

/// Opens the card of this number.
///
/// # Errors
/// What is missing.
pub(in crate::gpu) fn open(number: usize) -> Result<Cuda> {
    let refused = |error| Error::graph(format_args!("card {number} cannot be used: {error}"));
    functions::check().map_err(refused)?;
    Cuda::open(number).map_err(refused)
}

impl Cuda {
    fn open(number: usize) -> Result<Self> {
        let (mut count, mut device, mut context) = (0, 0, null_mut());
        // SAFETY: all that is called is there, and writes to what is here.
        unsafe {
            done(sys::cuInit(0), "it cannot be started")?;
            done(
                sys::cuDeviceGetCount(&raw mut count),
                "cards are not counted",
            )?;
            let ordinal = c_int::try_from(number)
                .ok()
                .filter(|&ordinal| ordinal < count);
            let Some(ordinal) = ordinal else {
                return Err(Error::graph(format_args!(
                    "the driver knows {count} cards, counted from 0"
                )));
            };
            done(
                sys::cuDeviceGet(&raw mut device, ordinal),
                "it is not there",
            )?;
            done(
                sys::cuDevicePrimaryCtxRetain(&raw mut context, device),
                "it has no context",
            )?;
        }
        let mut card = Self {
            device,
            context,
            name: String::new(),
            capability: 0,
        };
        card.name = card.ask_name()?;
        let major = card.ask(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?;
        let minor = card.ask(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?;
        card.capability = (10 * major + minor).unsigned_abs();
        Ok(card)
    }

    fn ask_name(&self) -> Result<String> {
        let mut name = [0; 256];
        // SAFETY: there is room for as many letters as are said.
        let asked = unsafe { sys::cuDeviceGetName(name.as_mut_ptr(), 255, self.device) };
        done(asked, "it has no name")?;
        // SAFETY: the last is 0 whatever was written before it.
        let name = unsafe { CStr::from_ptr(name.as_ptr()) };
        Ok(name.to_string_lossy().into_owned())
    }

    fn ask(&self, attribute: CUdevice_attribute) -> Result<c_int> {
        let mut value = 0;
        // SAFETY: it writes a number.
        let asked = unsafe { sys::cuDeviceGetAttribute(&raw mut value, attribute, self.device) };
        done(asked, "it does not say what it is")?;
        Ok(value)
    }

    /// Makes the card's context that of this thread.
    fn here(&self) -> Result<()> {
        // SAFETY: the context is retained for as long as this is there.
        done(unsafe { sys::cuCtxSetCurrent(self.context) }, "no context")
    }

    /// The same where no error can be told: what is given back is lost then, and said.
    fn quietly(&self, what: &str, call: impl FnOnce() -> CUresult) {
        if let Err(error) = self.here().and_then(|()| done(call(), what)) {
            tracing::error!("{error}");
        }
    }
}

fn handle<T>(pointer: *mut T) -> Handle {
    Handle(pointer.expose_provenance() as u64)
}

fn pointer<T>(handle: Handle) -> *mut T {
    std::ptr::with_exposed_provenance_mut(handle.0 as usize)
}

fn stream(handle: Handle) -> CUstream {
    pointer(handle)
}

fn event(handle: Handle) -> CUevent {
    pointer(handle)
}

/// What `notify` hands to the driver.
type Call = Box<dyn FnOnce() + Send>;

/// Called by the driver, on a thread of its own.
unsafe extern "C" fn call(data: *mut c_void) {
    // SAFETY: `notify` made it of such a box, and the driver calls this once.
    let call = unsafe { Box::from_raw(data.cast::<Call>()) };
    // The driver is no Rust: nothing may unwind into it.
    if catch_unwind(AssertUnwindSafe(call)).is_err() {
        tracing::error!("what waited for the card panicked");
    }
}

// SAFETY: this is the driver itself, which keeps the order that the trait describes.
unsafe impl Driver for Cuda {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn allocate(&self, len: usize) -> Result<Address> {
        self.here()?;
        let mut address = 0;
        // SAFETY: it writes an address.
        let asked = unsafe { sys::cuMemAlloc_v2(&raw mut address, len.max(1)) };
        done(asked, &format!("no memory of {len} bytes"))?;
        Ok(Address(address))
    }

    unsafe fn free(&self, address: Address) {
        self.quietly("memory is not taken back", || {
            // SAFETY: as the caller promises.
            unsafe { sys::cuMemFree_v2(address.0) }
        });
    }

    fn allocate_pinned(&self, len: usize) -> Result<NonNull<u8>> {
        self.here()?;
        let mut bytes = null_mut();
        // SAFETY: it writes an address.
        let asked = unsafe { sys::cuMemHostAlloc(&raw mut bytes, len.max(1), PORTABLE) };
        done(asked, &format!("no page-locked memory of {len} bytes"))?;
        NonNull::new(bytes.cast()).ok_or_else(|| Error::graph("the card: no page-locked memory"))
    }

    unsafe fn free_pinned(&self, bytes: NonNull<u8>) {
        self.quietly("page-locked memory is not taken back", || {
            // SAFETY: as the caller promises.
            unsafe { sys::cuMemFreeHost(bytes.as_ptr().cast()) }
        });
    }

    fn stream(&self) -> Result<Handle> {
        self.here()?;
        let mut stream = null_mut();
        // SAFETY: it writes a pointer.
        let asked = unsafe { sys::cuStreamCreate(&raw mut stream, NON_BLOCKING) };
        done(asked, "no stream")?;
        Ok(handle(stream))
    }

    fn end_stream(&self, ended: Handle) {
        self.quietly("a stream is not taken back", || {
            // SAFETY: it came from `stream`, and its owner is being dropped.
            unsafe { sys::cuStreamDestroy_v2(stream(ended)) }
        });
    }

    fn event(&self) -> Result<Handle> {
        self.here()?;
        let mut event = null_mut();
        // SAFETY: it writes a pointer.
        let asked = unsafe { sys::cuEventCreate(&raw mut event, PLAIN) };
        done(asked, "no event")?;
        Ok(handle(event))
    }

    fn end_event(&self, ended: Handle) {
        self.quietly("an event is not taken back", || {
            // SAFETY: it came from `event`, and its owner is being dropped.
            unsafe { sys::cuEventDestroy_v2(event(ended)) }
        });
    }

    fn record(&self, recorded: Handle, at: Handle) -> Result<()> {
        self.here()?;
        // SAFETY: both are there.
        let asked = unsafe { sys::cuEventRecord(event(recorded), stream(at)) };
        done(asked, "an event is not recorded")
    }

    fn wait(&self, waiting: Handle, awaited: Handle) -> Result<()> {
        self.here()?;
        // SAFETY: both are there.
        let asked = unsafe { sys::cuStreamWaitEvent(stream(waiting), event(awaited), 0) };
        done(asked, "an event is not waited for")
    }

    fn is_done(&self, asked: Handle) -> Result<bool> {
        self.here()?;
        // SAFETY: the event is there.
        match unsafe { sys::cuEventQuery(event(asked)) } {
            CUresult::CUDA_ERROR_NOT_READY => Ok(false),
            other => done(other, "earlier work has failed").map(|()| true),
        }
    }

    fn synchronize(&self, awaited: Handle) -> Result<()> {
        self.here()?;
        // SAFETY: the event is there.
        let asked = unsafe { sys::cuEventSynchronize(event(awaited)) };
        done(asked, "earlier work has failed")
    }

    fn is_idle(&self, asked: Handle) -> Result<bool> {
        self.here()?;
        // SAFETY: the stream is there.
        match unsafe { sys::cuStreamQuery(stream(asked)) } {
            CUresult::CUDA_ERROR_NOT_READY => Ok(false),
            other => done(other, "earlier work has failed").map(|()| true),
        }
    }

    fn notify(&self, at: Handle, notify: Call) -> Result<()> {
        self.here()?;
        let data = Box::into_raw(Box::new(notify));
        // SAFETY: `call` takes such a box, once.
        let asked = unsafe { sys::cuLaunchHostFunc(stream(at), Some(call), data.cast()) };
        done(asked, "the end of work is not told").inspect_err(|_| {
            // SAFETY: the driver did not take it.
            drop(unsafe { Box::from_raw(data) });
        })
    }

    unsafe fn copy(&self, at: Handle, to: Address, from: Address, len: usize) -> Result<()> {
        self.here()?;
        // SAFETY: as the caller promises.
        let asked = unsafe { sys::cuMemcpyDtoDAsync_v2(to.0, from.0, len, stream(at)) };
        done(asked, "a copy on the card")
    }

    unsafe fn upload(&self, at: Handle, to: Address, from: *const u8, len: usize) -> Result<()> {
        self.here()?;
        // SAFETY: as the caller promises.
        let asked = unsafe { sys::cuMemcpyHtoDAsync_v2(to.0, from.cast(), len, stream(at)) };
        done(asked, "a copy to the card")
    }

    unsafe fn download(&self, at: Handle, to: *mut u8, from: Address, len: usize) -> Result<()> {
        self.here()?;
        // SAFETY: as the caller promises.
        let asked = unsafe { sys::cuMemcpyDtoHAsync_v2(to.cast(), from.0, len, stream(at)) };
        done(asked, "a copy from the card")
    }

    fn check_compiler(&self) -> Result<()> {
        nvrtc::check()
    }

    fn load(&self, source: &Source) -> Result<Handle> {
        let mut image = match source.image() {
            Some(image) => image.to_vec(),
            None => nvrtc::for_card(source, self.capability)?,
        };
        image.push(0); // where PTX ends
        self.here()?;
        let mut module: CUmodule = null_mut();
        let mut log = [0_u8; LOG];
        let mut options = [
            CUjit_option::CU_JIT_ERROR_LOG_BUFFER,
            CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
        ];
        // A number is handed over in place of a pointer to it.
        let mut values = [log.as_mut_ptr().cast(), without_provenance_mut(LOG)];
        // SAFETY: the image ends with a 0, or says itself how long it is; the options are as many as their values, which are
        // memory and how much there is of it; a pointer is written.
        let asked = unsafe {
            sys::cuModuleLoadDataEx(
                &raw mut module,
                image.as_ptr().cast(),
                2,
                options.as_mut_ptr(),
                values.as_mut_ptr(),
            )
        };
        done(asked, &format!("it does not take `{}`", source.name())).map_err(|refused| {
            let log = log.split(|&byte| byte == 0).next().unwrap_or_default();
            let [log, ptx] = [log, &image[..]].map(String::from_utf8_lossy);
            source.not_taken(&refused, &log, ptx.trim_end_matches('\0'))
        })?;
        Ok(handle(module))
    }

    fn function(&self, module: Handle, name: &str) -> Result<Handle> {
        let ended = CString::new(name).map_err(Error::other)?;
        self.here()?;
        let mut function: CUfunction = null_mut();
        // SAFETY: the module is loaded for as long as the context is there, and the name ends with a 0.
        let asked =
            unsafe { sys::cuModuleGetFunction(&raw mut function, pointer(module), ended.as_ptr()) };
        done(
            asked,
            &format!("no kernel `extern \"C\" __global__ void {name}(…)`"),
        )?;
        Ok(handle(function))
    }

    unsafe fn launch(&self, at: Handle, launch: &Launch<'_>) -> Result<()> {
        const MOST: usize = 32;
        if launch.arguments.len() > MOST {
            let given = launch.arguments.len();
            return Err(Error::invalid("arguments of a kernel", given, "at most 32"));
        }
        let mut arguments = [null_mut(); MOST];
        for (place, argument) in arguments.iter_mut().zip(launch.arguments) {
            *place = Argument::pointer(argument);
        }
        self.here()?;
        let ((gx, gy, gz), (bx, by, bz)) = (launch.grid, launch.block);
        // SAFETY: as the caller promises; the driver copies the arguments before it returns.
        let asked = unsafe {
            let (function, at) = (pointer(launch.function), stream(at));
            let arguments = arguments.as_mut_ptr();
            sys::cuLaunchKernel(
                function,
                gx,
                gy,
                gz,
                bx,
                by,
                bz,
                0,
                at,
                arguments,
                null_mut(),
            )
        };
        done(asked, "a kernel is not launched")
    }

    fn begin_capture(&self, at: Handle) -> Result<()> {
        self.here()?;
        // SAFETY: the stream is there.
        let asked = unsafe {
            let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
            sys::cuStreamBeginCapture_v2(stream(at), mode)
        };
        done(asked, "work is not captured")
    }

    fn end_capture(&self, at: Handle) -> Result<Handle> {
        self.here()?;
        let mut captured: CUgraph = null_mut();
        // SAFETY: the stream is there, and it writes a pointer.
        let asked = unsafe { sys::cuStreamEndCapture(stream(at), &raw mut captured) };
        done(asked, "something cannot be captured")?;
        let mut graph: CUgraphExec = null_mut();
        // SAFETY: it was captured above, and it writes a pointer.
        let asked = unsafe { sys::cuGraphInstantiateWithFlags(&raw mut graph, captured, 0) };
        self.quietly("a graph is not taken back", || {
            // SAFETY: it was captured above, and what was made of it does not need it.
            unsafe { sys::cuGraphDestroy(captured) }
        });
        done(asked, "what was captured cannot be run")?;
        Ok(handle(graph))
    }

    unsafe fn replay(&self, at: Handle, graph: Handle) -> Result<()> {
        self.here()?;
        // SAFETY: as the caller promises.
        let asked = unsafe { sys::cuGraphLaunch(pointer(graph), stream(at)) };
        done(asked, "what was captured is not run")
    }

    fn end_graph(&self, graph: Handle) {
        self.quietly("a graph is not taken back", || {
            // SAFETY: it came from `end_capture`, and its owner is being dropped.
            unsafe { sys::cuGraphExecDestroy(pointer(graph)) }
        });
    }

    fn end_module(&self, module: Handle) {
        self.quietly("kernels are not taken back", || {
            // SAFETY: it came from `load`, and its owner is being dropped.
            unsafe { sys::cuModuleUnload(pointer(module)) }
        });
    }
}

impl Drop for Cuda {
    fn drop(&mut self) {
        // SAFETY: it was retained once, and all that was made in it is given back.
        let released = unsafe { sys::cuDevicePrimaryCtxRelease_v2(self.device) };
        if let Err(error) = done(released, "it is not closed") {
            tracing::error!("{error}");
        }
    }
}
