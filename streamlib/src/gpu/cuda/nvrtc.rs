//! NVRTC: CUDA C++ to the code of a card, or to PTX. It needs no card.

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::null_mut;

use cudarc::nvrtc::{result, sys};

use crate::gpu::{HEADER, Source};
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
         LD_LIBRARY_PATH says, or give kernels that are compiled before (`Source::cubin`)",
    ))
}

/// The architectures that this NVRTC knows, as major · 10 + minor.
fn architectures() -> Result<Vec<c_int>> {
    check()?;
    let mut count = 0;
    // SAFETY: the library is there, and writes a number.
    done(unsafe { sys::nvrtcGetNumSupportedArchs(&raw mut count) })?;
    let mut known = vec![0; usize::try_from(count).unwrap_or(0)];
    // SAFETY: there is room for as many as it has just said.
    done(unsafe { sys::nvrtcGetSupportedArchs(known.as_mut_ptr()) })?;
    Ok(known)
}

fn done(result: sys::nvrtcResult) -> Result<()> {
    let told = |error| Error::graph(format_args!("NVRTC: {error}"));
    result.result().map_err(told)
}

/// What kernels are compiled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// The code of cards of this architecture, which every driver that knows the card takes.
    Card(c_int),
    /// PTX for cards of this architecture and later ones, which the driver compiles. It has to be as new as this NVRTC.
    Ptx(c_int),
}

impl Target {
    /// What is compiled to for a card of `capability` by an NVRTC that knows these: PTX only where it does not know the card,
    /// whose driver is then newer than it.
    fn for_card(capability: c_int, known: &[c_int]) -> Result<Self> {
        if known.contains(&capability) {
            return Ok(Self::Card(capability));
        }
        let older = known.iter().copied().filter(|&known| known < capability);
        older.max().map(Self::Ptx).ok_or_else(|| {
            let (oldest, newest) = (known.iter().min(), known.iter().max());
            let told = |bound: Option<&c_int>| bound.map_or_else(String::new, c_int::to_string);
            Error::graph(format_args!(
                "this NVRTC compiles for compute capabilities {} to {}, and the card has {capability}: install the NVRTC of an \
                 older CUDA",
                told(oldest),
                told(newest)
            ))
        })
    }

    fn option(self) -> String {
        match self {
            Self::Card(architecture) => format!("--gpu-architecture=sm_{architecture}"),
            Self::Ptx(architecture) => format!("--gpu-architecture=compute_{architecture}"),
        }
    }
}

/// Compiles kernels for a card of `capability` (major · 10 + minor): to its own code, or to PTX where this NVRTC is older than
/// the card.
///
/// # Errors
/// What the compiler says, with the lines of the kernels; that it is missing.
pub(super) fn for_card(source: &Source, capability: u32) -> Result<Vec<u8>> {
    compile(
        source,
        Target::for_card(number(capability), &architectures()?)?,
    )
}

/// Compiles kernels to the code of cards of `capability`.
///
/// # Errors
/// As for [`for_card`]; a capability that this NVRTC does not know.
pub(in crate::gpu) fn to_cubin(source: &Source, capability: u32) -> Result<Vec<u8>> {
    let known = architectures()?;
    if !known.contains(&number(capability)) {
        return Err(Error::invalid(
            "compute capability",
            capability,
            format!("one that this NVRTC knows, of {known:?}"),
        ));
    }
    compile(source, Target::Card(number(capability)))
}

/// Compiles kernels to PTX for cards of `capability` and later ones.
///
/// # Errors
/// As for [`for_card`].
pub(in crate::gpu) fn to_ptx(source: &Source, capability: u32) -> Result<String> {
    let (Target::Card(known) | Target::Ptx(known)) =
        Target::for_card(number(capability), &architectures()?)?;
    let text = compile(source, Target::Ptx(known))?;
    String::from_utf8(text).map_err(Error::other)
}

fn number(capability: u32) -> c_int {
    c_int::try_from(capability).unwrap_or(c_int::MAX)
}

fn compile(source: &Source, target: Target) -> Result<Vec<u8>> {
    let ended = |text: &str| {
        let given = || format!("{} with a 0 in it", source.name());
        CString::new(text).map_err(|_| Error::invalid("kernels", given(), "text"))
    };
    let (text, name) = (ended(source.text())?, ended(source.name())?);
    let program = Program::new(&text, &name)?;
    // SAFETY: the program is there, and so is what it was made of.
    let compiled =
        unsafe { result::compile_program(program.0, &["--std=c++17".to_owned(), target.option()]) };
    if compiled.is_err() {
        return Err(source.refused(&program.log()));
    }
    match target {
        Target::Card(_) => program.cubin(),
        Target::Ptx(_) => program.ptx(),
    }
}

/// A program of NVRTC.
struct Program(sys::nvrtcProgram);

impl Program {
    fn new(text: &CStr, name: &CStr) -> Result<Self> {
        let header = CString::new(HEADER).map_err(Error::other)?;
        let (headers, names) = ([header.as_ptr()], [c"streamlib.h".as_ptr()]);
        let mut program = null_mut();
        // SAFETY: all texts end with a 0 and are copied, there is one header and its name, and a pointer is written.
        done(unsafe {
            sys::nvrtcCreateProgram(
                &raw mut program,
                text.as_ptr(),
                name.as_ptr(),
                1,
                headers.as_ptr(),
                names.as_ptr(),
            )
        })?;
        Ok(Self(program))
    }

    /// The code of a card.
    fn cubin(&self) -> Result<Vec<u8>> {
        let mut len = 0;
        // SAFETY: the program was compiled, and a number is written.
        done(unsafe { sys::nvrtcGetCUBINSize(self.0, &raw mut len) })?;
        let mut image = vec![0_u8; len];
        // SAFETY: there is room for as many bytes as it has just said.
        done(unsafe { sys::nvrtcGetCUBIN(self.0, image.as_mut_ptr().cast::<c_char>()) })?;
        Ok(image)
    }

    /// PTX, without the 0 at its end.
    fn ptx(&self) -> Result<Vec<u8>> {
        // SAFETY: the program was compiled.
        let mut text = unsafe { result::get_ptx(self.0) }
            .map_err(|error| Error::graph(format_args!("NVRTC: {error}")))?;
        text.pop();
        Ok(text.into_iter().map(|byte| byte as u8).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_gets_its_own_code_and_ptx_only_where_it_is_newer_than_the_compiler() -> Result<()> {
        let known = [50, 52, 75, 86, 90, 100];
        assert_eq!(Target::for_card(86, &known)?, Target::Card(86));
        assert_eq!(Target::Card(86).option(), "--gpu-architecture=sm_86");
        assert_eq!(Target::for_card(130, &known)?, Target::Ptx(100));
        assert_eq!(Target::Ptx(100).option(), "--gpu-architecture=compute_100");
        // Between two: what is older runs on it.
        assert_eq!(Target::for_card(89, &known)?, Target::Ptx(86));
        let told = Target::for_card(35, &known).err();
        assert_eq!(
            told.map(|error| error.to_string()).as_deref(),
            Some(
                "this NVRTC compiles for compute capabilities 50 to 100, and the card has 35: install the NVRTC of an older CUDA"
            )
        );
        Ok(())
    }
}
