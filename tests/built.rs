//! A package whose kernels are compiled when it is built, by the build script that the book shows.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A package with a file of kernels, for as long as this is there.
pub struct Package(PathBuf);

impl Package {
    /// One whose `kernels/invert.cu` has this text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(kernels: &str) -> std::io::Result<Self> {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        // Relaxed: only the number counts.
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("streamlib-built-{}-{number}", std::process::id());
        let package = Self(std::env::temp_dir().join(name));
        for folder in ["kernels", "out"] {
            std::fs::create_dir_all(package.0.join(folder))?;
        }
        std::fs::write(package.0.join("kernels/invert.cu"), kernels)?;
        Ok(package)
    }

    /// Runs a build script in it, as Cargo does.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn build(&self, script: &str) -> std::io::Result<Output> {
        Command::new(script)
            .current_dir(&self.0)
            .env("OUT_DIR", self.0.join("out"))
            .output()
    }

    /// What it made.
    ///
    /// # Errors
    /// When it has made nothing.
    pub fn ptx(&self) -> std::io::Result<String> {
        std::fs::read_to_string(self.0.join("out/invert.ptx"))
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
