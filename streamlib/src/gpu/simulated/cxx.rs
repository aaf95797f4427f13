//! The kernels of the simulated card: the same text, compiled by a C++ compiler.

use std::collections::BTreeMap;
use std::ffi::{CString, c_void};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::gpu::{Argument, HEADER, Launch, Source};
use crate::{Error, Result};

/// What kernels find in CUDA.
const SHIM: &str = include_str!("shim.h");

/// As many parameters as a kernel has at most.
const MOST: usize = 32;

/// Runs the blocks of a kernel from one number to another.
type Run = unsafe extern "C" fn(*const u32, usize, usize, *mut *mut c_void);
/// How many parameters a kernel has, and how long they are.
type Sizes = unsafe extern "C" fn(*mut u32, u32) -> u32;

/// The compiler that `CXX` names, or `c++`.
fn compiler() -> PathBuf {
    std::env::var_os("CXX").map_or_else(|| "c++".into(), PathBuf::from)
}

/// Whether there is a compiler.
pub(super) fn check() -> Result<()> {
    let compiler = compiler();
    let said = Command::new(&compiler).arg("--version").output();
    match said {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(Error::graph(format_args!(
            "the simulated card compiles kernels as C++, and {} cannot be run: install g++ or clang, or name one in CXX",
            compiler.display()
        ))),
    }
}

/// Compiled kernels, which stay loaded: the same text is compiled once a program.
#[derive(Clone)]
pub(super) struct Library {
    name: String,
    handle: *mut c_void,
}

// SAFETY: what it points to is code, which is never unloaded, on whatever thread.
unsafe impl Send for Library {}

impl Library {
    /// Compiles kernels, if that has not been done.
    pub fn of(source: &Source) -> Result<Self> {
        static KNOWN: Mutex<BTreeMap<Source, Library>> = Mutex::new(BTreeMap::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(library) = known.get(source) {
            return Ok(library.clone());
        }
        let library = Self::compile(source)?;
        known.insert(source.clone(), library.clone());
        Ok(library)
    }

    /// Compiles kernels, in a folder for as long as that takes.
    fn compile(source: &Source) -> Result<Self> {
        if source.is_compiled() {
            return Err(Error::graph(format_args!(
                "`{}` was compiled for cards, which the simulated one cannot run: give it the kernels' text (`Source::cuda`)",
                source.name()
            )));
        }
        check()?;
        let folder = Folder::new()?;
        let (text, library) = (folder.0.join("kernels.cpp"), folder.0.join("kernels.so"));
        std::fs::write(&text, translated(source)).map_err(Error::Io)?;
        std::fs::write(folder.0.join("streamlib.h"), HEADER).map_err(Error::Io)?;
        let mut command = Command::new(compiler());
        command
            .args(["-std=c++17", "-O2", "-shared", "-fPIC", "-ffp-contract=off"])
            .args(["-w", "-fno-diagnostics-show-caret", "-o"])
            .arg(&library)
            .arg(&text);
        let output = command.output().map_err(Error::Io)?;
        if !output.status.success() {
            return Err(source.refused(&String::from_utf8_lossy(&output.stderr)));
        }
        let path =
            CString::new(library.into_os_string().into_encoded_bytes()).map_err(Error::other)?;
        // SAFETY: the path ends with a 0, and what is loaded has no initialisers that do anything.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            return Err(Error::graph(format_args!(
                "the kernels of `{}` cannot be loaded",
                source.name()
            )));
        }
        Ok(Self {
            name: source.name().to_owned(),
            handle,
        })
    }

    fn symbol(&self, prefix: &str, kernel: &str) -> Option<*mut c_void> {
        let name = CString::new(format!("streamlib_{prefix}_{kernel}")).ok()?;
        // SAFETY: the library is open, and the name ends with a 0.
        let symbol = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        (!symbol.is_null()).then_some(symbol)
    }

    /// The kernel of that name.
    pub fn function(&self, kernel: &str) -> Result<Function> {
        let symbols = self.symbol("run", kernel).zip(self.symbol("sizes", kernel));
        let Some((run, sizes)) = symbols else {
            return Err(Error::graph(format_args!(
                "`{}` has no kernel `extern \"C\" __global__ void {kernel}(…)`",
                self.name
            )));
        };
        // SAFETY: `translated` has written both, with these types.
        let (run, sizes) = unsafe {
            (
                std::mem::transmute::<*mut c_void, Run>(run),
                std::mem::transmute::<*mut c_void, Sizes>(sizes),
            )
        };
        let mut parameters = [0; MOST];
        // SAFETY: there is room for so many.
        let count = unsafe { sizes(parameters.as_mut_ptr(), MOST as u32) };
        Ok(Function {
            name: kernel.to_owned(),
            run,
            parameters: parameters[..MOST.min(count as usize)].to_vec(),
        })
    }
}

/// A kernel.
pub(super) struct Function {
    name: String,
    run: Run,
    parameters: Vec<u32>,
}

impl Function {
    /// The kernel with its arguments, which have to be of the sizes of its parameters.
    pub fn with(&self, launch: &Launch<'_>) -> Result<Called> {
        let given: Vec<u32> = launch
            .arguments
            .iter()
            .map(|argument| argument.len() as u32)
            .collect();
        if given != self.parameters {
            return Err(Error::invalid(
                format!("arguments of kernel `{}`", self.name),
                format_args!("{given:?} bytes long"),
                format!("{:?} bytes, as its parameters are", self.parameters),
            ));
        }
        let ((gx, gy, gz), (bx, by, bz)) = (launch.grid, launch.block);
        if [gx, gy, gz, bx, by, bz].contains(&0)
            || u64::from(bx) * u64::from(by) * u64::from(bz) > 1024
        {
            return Err(Error::invalid(
                format!("blocks and threads of kernel `{}`", self.name),
                format_args!("{:?} of {:?}", launch.grid, launch.block),
                "1 or more of each, and at most 1024 threads a block, as cards have",
            ));
        }
        Ok(Called {
            run: self.run,
            extents: [gx, gy, gz, bx, by, bz],
            arguments: launch.arguments.iter().map(Value::of).collect(),
        })
    }
}

/// The value of an argument, aligned for whatever it is.
#[derive(Clone, Copy)]
#[repr(align(16))]
struct Aligned {
    _bytes: [u8; 16],
}

struct Value(Vec<Aligned>);

impl Value {
    fn of(argument: &Argument<'_>) -> Self {
        let count = argument.len().div_ceil(16).max(1);
        let mut value = vec![Aligned { _bytes: [0; 16] }; count];
        // SAFETY: the value has `len` bytes, and there is room for as many.
        unsafe {
            argument
                .pointer()
                .cast::<u8>()
                .copy_to_nonoverlapping(value.as_mut_ptr().cast(), argument.len());
        }
        Self(value)
    }
}

/// A kernel that was launched.
pub(super) struct Called {
    run: Run,
    extents: [u32; 6],
    arguments: Vec<Value>,
}

impl Called {
    pub fn blocks(&self) -> usize {
        self.extents[..3]
            .iter()
            .map(|&count| count as usize)
            .product()
    }

    /// Runs the blocks from number `from` up to `to`.
    ///
    /// # Safety
    /// What the arguments lead to is there, and the library is open.
    pub unsafe fn run(&self, from: usize, to: usize) {
        let mut arguments = [std::ptr::null_mut(); MOST];
        for (place, value) in arguments.iter_mut().zip(&self.arguments) {
            *place = value.0.as_ptr().cast_mut().cast();
        }
        // SAFETY: `with` has compared the arguments with the parameters; the kernel has copies of them.
        unsafe { (self.run)(self.extents.as_ptr(), from, to, arguments.as_mut_ptr()) };
    }
}

/// The kernels as C++, and for each what calls it.
fn translated(source: &Source) -> String {
    let mut text = format!(
        "#line 1 \"shim.h\"\n{SHIM}\n#line 1 \"{}\"\n{}\n#line 1 \"calls\"\n",
        source.name(),
        source.text()
    );
    for kernel in kernels(source.text()) {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "extern \"C\" void streamlib_run_{kernel}(const unsigned *e, std::size_t f, std::size_t l, void **a) {{ \
             streamlib::run({kernel}, e, f, l, a); }}\n\
             extern \"C\" unsigned streamlib_sizes_{kernel}(unsigned *to, unsigned most) {{ \
             return streamlib::sizes({kernel}, to, most); }}"
        );
    }
    text
}

/// The names of the kernels in a text: what stands between `__global__ void` and `(`.
fn kernels(text: &str) -> impl Iterator<Item = &str> {
    text.split("__global__").skip(1).filter_map(|rest| {
        let (before, _) = rest.split_once('(')?;
        let name = before.trim().strip_prefix("void")?.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (!name.is_empty() && name.chars().all(is_name)).then_some(name)
    })
}

/// A folder that goes when it is not needed any more.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        // Relaxed: only the number counts.
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("streamlib-kernels-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).map_err(Error::Io)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_found_by_their_names() {
        let text = "extern \"C\" __global__ void one(int a) {}\nstatic __device__ int f();\n\
                    extern \"C\" __global__\nvoid two (float *b) {}\n";
        assert_eq!(kernels(text).collect::<Vec<_>>(), ["one", "two"]);
    }
}
