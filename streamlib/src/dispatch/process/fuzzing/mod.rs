//! What a worker may do, for the fuzzer: scripts of bytes, by which it does it, to a program that reads it as it reads any worker.

mod answers;
mod letters;

#[cfg(fuzzing)]
pub use answers::answers;
#[cfg(fuzzing)]
pub use letters::letters;

/// What is left of a script.
struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// The next byte; 0 at the end.
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::Result;

    /// That the fuzzer begins with this script, among others.
    pub fn is_seed(target: &str, name: &str, script: &[u8]) -> Result<()> {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
        let folder = seeds.join(target);
        if std::env::var_os("STREAMLIB_SEEDS").is_some() {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join(name), script)?;
        }
        assert!(
            std::fs::read(folder.join(name)).is_ok_and(|seed| seed == script),
            "{name} is another one now; run this test with STREAMLIB_SEEDS=1 to write it"
        );
        Ok(())
    }
}
