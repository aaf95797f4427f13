//! Which functions of the driver are needed, and whether they are there.

use std::ffi::c_void;

use cudarc::driver::sys;

use crate::{Error, Result};

/// What is called in `card.rs`, and by cudarc to name errors.
const FUNCTIONS: [&str; 37] = [
    "cuInit",
    "cuDeviceGet",
    "cuDeviceGetCount",
    "cuDeviceGetName",
    "cuDeviceGetAttribute",
    "cuDevicePrimaryCtxRetain",
    "cuDevicePrimaryCtxRelease_v2",
    "cuCtxSetCurrent",
    "cuMemAlloc_v2",
    "cuMemFree_v2",
    "cuMemHostAlloc",
    "cuMemFreeHost",
    "cuStreamCreate",
    "cuStreamDestroy_v2",
    "cuStreamWaitEvent",
    "cuStreamQuery",
    "cuEventCreate",
    "cuEventDestroy_v2",
    "cuEventRecord",
    "cuEventQuery",
    "cuEventSynchronize",
    "cuLaunchHostFunc",
    "cuMemcpyDtoDAsync_v2",
    "cuMemcpyHtoDAsync_v2",
    "cuMemcpyDtoHAsync_v2",
    "cuModuleLoadDataEx",
    "cuModuleGetFunction",
    "cuModuleUnload",
    "cuLaunchKernel",
    "cuStreamBeginCapture_v2",
    "cuStreamEndCapture",
    "cuGraphInstantiateWithFlags",
    "cuGraphLaunch",
    "cuGraphExecDestroy",
    "cuGraphDestroy",
    "cuGetErrorString",
    "cuGetErrorName",
];

/// Whether the driver's library is there, with all that is needed of it.
///
/// # Errors
/// What is missing.
pub(super) fn check() -> Result<()> {
    // SAFETY: it loads the driver's library, which does nothing by itself, and closes it again.
    if !unsafe { sys::is_culib_present() } {
        return Err(Error::graph(
            "the driver's library (libcuda.so.1, which comes with NVIDIA's driver) was not found",
        ));
    }
    // SAFETY: the library is there, as was just seen.
    let library = unsafe { sys::culib() };
    let missing: Vec<&str> = FUNCTIONS
        .into_iter()
        .filter(|name| {
            // SAFETY: it is only looked whether there is such a function; none is called by this type.
            unsafe { library.get::<*const c_void>(name.as_bytes()) }.is_err()
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::graph(format_args!(
        "the driver is too old: it has no {}; one of CUDA 12 or later has",
        missing.join(", ")
    )))
}
