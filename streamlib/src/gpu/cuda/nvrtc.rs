//! NVRTC: CUDA C++ to PTX. It needs no card.

use std::ffi::{CStr, CString, c_int};

use cudarc::nvrtc::{result, sys};

use crate::gpu::Source;
use crate::{Error, Result};

/// Whether NVRTC is there.
///
/// # Errors
/// That it is missing.
pub(super) fn check() -> Result<()> {
    // SAFETY: it loads the compiler's library, which does nothing by itself, and closes it again.
    if unsafe { sys::is_culib_present() } {
        return Ok(());
    }
    Err(Error::graph(
        "kernels are compiled by NVRTC, whose library (libnvrtc.so.12) was not found: install CUDA's, put it where \
         LD_LIBRARY_PATH says, or give kernels that are compiled before (`Source::ptx`)",
    ))
}

/// The newest architecture that this NVRTC knows and a card of `capability` (major · 10 + minor) runs.
fn architecture(capability: c_int) -> Result<c_int> {
    let told = |error| Error::graph(format_args!("NVRTC: {error}"));
    let mut count = 0;
    // SAFETY: the library is there, and writes a number.
    unsafe { sys::nvrtcGetNumSupportedArchs(&raw mut count) }
        .result()
        .map_err(told)?;
    let mut known = vec![0; usize::try_from(count).unwrap_or(0)];
    // SAFETY: there is room for as many as it has just said.
    unsafe { sys::nvrtcGetSupportedArchs(known.as_mut_ptr()) }
        .result()
        .map_err(told)?;
    let fits = known.iter().copied().filter(|&known| known <= capability);
    fits.max().ok_or_else(|| {
        let (oldest, newest) = (known.iter().min(), known.iter().max());
        Error::graph(format_args!(
            "this NVRTC compiles for compute capabilities {oldest:?} to {newest:?}, and the card has {capability}: \
             install the NVRTC of an older CUDA"
        ))
    })
}

/// Compiles kernels for cards of `capability` (major · 10 + minor) and later ones.
///
/// # Errors
/// What the compiler says, with the lines of the kernels; that it is missing.
pub(in crate::gpu) fn to_ptx(source: &Source, capability: u32) -> Result<CString> {
    check()?;
    let capability = c_int::try_from(capability).unwrap_or(c_int::MAX);
    let architecture = format!("--gpu-architecture=compute_{}", architecture(capability)?);
    let ended = |text: &str| {
        let given = || format!("{} with a 0 in it", source.name());
        CString::new(text).map_err(|_| Error::invalid("kernels", given(), "text"))
    };
    let (text, name) = (ended(source.text())?, ended(source.name())?);
    let program = Program::new(&text, &name)?;
    // SAFETY: the program is there, and so is what it was made of.
    let compiled = unsafe { result::compile_program(program.0, &["--std=c++17", &architecture]) };
    if compiled.is_err() {
        return Err(source.refused(&program.log()));
    }
    // SAFETY: it was compiled.
    let mut ptx = unsafe { result::get_ptx(program.0) }
        .map_err(|error| Error::graph(format_args!("NVRTC: {error}")))?;
    ptx.pop(); // the 0 at the end
    let bytes: Vec<u8> = ptx.into_iter().map(|byte| byte as u8).collect();
    CString::new(bytes).map_err(Error::other)
}

/// A program of NVRTC.
struct Program(sys::nvrtcProgram);

impl Program {
    fn new(text: &CStr, name: &CStr) -> Result<Self> {
        result::create_program(text, Some(name))
            .map(Self)
            .map_err(|error| Error::graph(format_args!("NVRTC: {error}")))
    }

    /// What the compiler wrote.
    fn log(&self) -> String {
        // SAFETY: the program is there.
        let log = unsafe { result::get_program_log(self.0) }.unwrap_or_default();
        let bytes: Vec<u8> = log.into_iter().map(|byte| byte as u8).collect();
        String::from_utf8_lossy(&bytes)
            .trim_end_matches('\0')
            .to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: it was made, and is given back once. An error could not be told to anybody.
        let _ = unsafe { result::destroy_program(self.0) };
    }
}
