//! The package that the programs are written into, and what cargo and rustc say about them.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{fs, io::Write};

use super::program::Program;
use crate::succeed;

/// A package of its own below the target folder, so that nothing else is rebuilt.
pub struct Package {
    folder: PathBuf,
}

impl Package {
    /// Writes the package, with all programs.
    ///
    /// # Errors
    /// What could not be written.
    pub fn write() -> Result<Self, String> {
        let folder = crate::target().join("cost/programs");
        let package = Self { folder };
        package.put("Cargo.toml", &manifest())?;
        let lock = crate::workspace().join("Cargo.lock");
        let lock = fs::read_to_string(&lock).map_err(|error| told(&lock, &error))?;
        package.put("Cargo.lock", &lock)?;
        for program in Program::all() {
            package.edit(program, 3)?;
        }
        Ok(package)
    }

    /// Writes a program with this factor in one of its lines.
    fn edit(&self, program: Program, factor: u64) -> Result<(), String> {
        self.put(
            &format!("src/bin/{}.rs", program.name()),
            &program.text(factor),
        )
    }

    /// Checks a program, so that the next check is one of an edit.
    pub fn warm(&self, program: Program) -> Result<(), String> {
        succeed(&mut self.check(program)).map(drop)
    }

    /// Seconds that `cargo check` takes after an edit of one line; each time another edit.
    pub fn recheck(&self, program: Program, run: usize) -> Result<f64, String> {
        // Of another length each time: what stands below it moves.
        self.edit(program, if run.is_multiple_of(2) { 77 } else { 7 })?;
        let mut check = self.check(program);
        let begin = Instant::now();
        succeed(&mut check)?;
        Ok(begin.elapsed().as_secs_f64())
    }

    /// Lines of the expanded program that its author did not type; both formatted.
    pub fn expanded_lines(&self, program: Program) -> Result<usize, String> {
        let name = program.name();
        let mut expand = self.cargo("rustc", program);
        // In a folder of its own: some build scripts ask whether nightly features are there.
        expand
            .args(["--profile", "check", "--", "-Zunpretty=expanded"])
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", crate::target().join("cost/expanded"));
        let expanded = lines(&format(&succeed(&mut expand)?)?);
        let typed = lines(&format(&program.text(3))?);
        expanded.checked_sub(typed).ok_or(format!(
            "{name} is {expanded} lines expanded, {typed} typed"
        ))
    }

    /// Bytes of machine code in the program as it is released.
    pub fn code_size(&self, program: Program) -> Result<u64, String> {
        succeed(self.cargo("build", program).arg("--release"))?;
        let binary = crate::target().join("cost/release").join(program.name());
        text_size(&succeed(Command::new("size").arg("-A").arg(binary))?)
    }

    fn check(&self, program: Program) -> Command {
        self.cargo("check", program)
    }

    fn cargo(&self, word: &str, program: Program) -> Command {
        let mut command = crate::cargo();
        command
            .args([word, "--quiet", "--bin", &program.name(), "--manifest-path"])
            .arg(self.folder.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", crate::target().join("cost"));
        command
    }

    fn put(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(name);
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(|error| told(folder, &error))?;
        fs::write(&path, text).map_err(|error| told(&path, &error))
    }
}

fn told(path: &std::path::Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The workspace's members would have its settings; this is no member.
fn manifest() -> String {
    format!(
        "[package]\nname = \"cost\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\nstreamlib = {{ path = {:?}, default-features = false }}\n\n\
         [workspace]\n",
        crate::workspace().join("streamlib")
    )
}

/// `text` as rustfmt writes it.
fn format(text: &str) -> Result<String, String> {
    let failed = |error| format!("rustfmt: {error}");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(crate::workspace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = rustfmt.stdin.take() {
        stdin.write_all(text.as_bytes()).map_err(failed)?;
    }
    let output = rustfmt.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err(format!("rustfmt failed ({})", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The lines that are not empty.
fn lines(text: &str) -> usize {
    text.lines().filter(|line| !line.trim().is_empty()).count()
}

/// The size of `.text` in what `size -A` prints.
fn text_size(table: &str) -> Result<u64, String> {
    let size = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next()? == ".text").then(|| words.next()?.parse().ok())?
    };
    table.lines().find_map(size).ok_or(format!(
        "expected a line of .text from `size -A`, got {table:?}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_size_of_the_code() {
        let table =
            "a  :\nsection   size   addr\n.rodata  12  4096\n.text  2045656  500192\nTotal 3\n";
        assert_eq!(text_size(table), Ok(2_045_656));
        assert!(text_size("section size addr\n").is_err());
    }

    #[test]
    fn counts_lines_as_they_are_formatted() {
        let text = format("fn  a( ) { 1; }\n\n\nfn b() {}\n").unwrap();
        assert_eq!(lines(&text), 4);
        assert!(format("fn (").is_err());
    }
}
