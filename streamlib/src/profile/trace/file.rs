//! The file of a trace, which is whole after every write.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

/// A file with one array of JSON, to which elements are added.
pub(super) struct ArrayFile {
    file: File,
    /// Where the next element goes; `None` in a pipe, which has no places.
    end: Option<u64>,
    is_empty: bool,
}

impl ArrayFile {
    pub(super) fn create(path: &Path) -> std::io::Result<Self> {
        // Not opened for reading: whoever gives a pipe wants to read it elsewhere.
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        let end = file.stream_position().ok();
        Ok(Self {
            file,
            end,
            is_empty: true,
        })
    }

    /// Adds elements, written as JSON with commas between them. The array is closed after them, and
    /// opened again by the next: killed at any other instant, the program leaves an array that is whole.
    pub(super) fn add(&mut self, elements: &str) -> std::io::Result<()> {
        let opening = if self.is_empty { "[\n" } else { ",\n" };
        let closing = if self.end.is_some() { "\n]\n" } else { "" };
        let text = format!("{opening}{elements}{closing}");
        if let Some(end) = &mut self.end {
            self.file.seek(SeekFrom::Start(*end))?;
            *end += (text.len() - closing.len()) as u64;
        }
        self.is_empty = false;
        self.file.write_all(text.as_bytes())
    }
}
