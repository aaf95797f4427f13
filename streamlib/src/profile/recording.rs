//! What turns the profile on: the environment, or the program.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::trace::Trace;
use crate::Result;

/// Whether graphs that start are measured, and where their trace goes.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) trace: Option<Arc<Trace>>,
    /// Whether the table is printed when a graph has stopped.
    pub(super) print: bool,
}

/// Those that the program has turned on, the newest last.
static PROGRAM: Mutex<Vec<(u64, Settings)>> = Mutex::new(Vec::new());

fn program() -> MutexGuard<'static, Vec<(u64, Settings)>> {
    PROGRAM.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The settings for a graph that starts now.
pub(super) fn settings() -> Option<Settings> {
    let newest = program().last().map(|(_, settings)| settings.clone());
    newest.or_else(|| environment().clone())
}

/// What `STREAMLIB_PROFILE` asks for.
fn environment() -> &'static Option<Settings> {
    static SETTINGS: OnceLock<Option<Settings>> = OnceLock::new();
    SETTINGS.get_or_init(|| {
        let value = std::env::var_os("STREAMLIB_PROFILE")?;
        let trace = match Asked::by(&value) {
            Asked::Nothing => return None,
            Asked::Table => None,
            Asked::Unclear => {
                eprintln!(
                    "streamlib: STREAMLIB_PROFILE is {}: expected 1 for a table, 0 for none, or a file for a trace; \
                     there is a table (for a file of that name, write ./{0})",
                    value.display()
                );
                None
            }
            Asked::Trace => match Trace::create(Path::new(&value)) {
                Ok(trace) => Some(trace),
                Err(error) => {
                    eprintln!(
                        "streamlib: STREAMLIB_PROFILE is {}, and no trace can be written there: {error}",
                        value.display()
                    );
                    None
                }
            },
        };
        Some(Settings { trace, print: true })
    })
}

/// What a value of `STREAMLIB_PROFILE` asks for.
#[derive(Debug, PartialEq)]
enum Asked {
    Nothing,
    Table,
    /// A table and a trace in the file of that name.
    Trace,
    /// A number, which hardly anybody means as the name of a file.
    Unclear,
}

impl Asked {
    fn by(value: &OsStr) -> Self {
        let value = value.to_string_lossy().to_ascii_lowercase();
        match value.trim() {
            "" | "0" | "off" | "false" | "no" => Self::Nothing,
            "1" | "on" | "true" | "yes" => Self::Table,
            other if other.bytes().all(|byte| byte.is_ascii_digit()) => Self::Unclear,
            _ => Self::Trace,
        }
    }
}

/// Graphs that start while this lives are measured.
///
/// Dropping it changes nothing about graphs that run already, except that a trace ends with it.
#[must_use = "graphs are measured that start while it lives"]
#[derive(Debug)]
pub struct Recording {
    id: u64,
}

/// Measures the graphs that start while what is returned lives; [`Pipeline::profile`](crate::Pipeline::profile)
/// tells what was found. Where several such live, the newest holds for a graph that starts.
pub fn start() -> Recording {
    begin(None)
}

/// The same, and writes their trace to the file `path`.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when the file can't be created.
pub fn trace(path: impl AsRef<Path>) -> Result<Recording> {
    Ok(begin(Some(Trace::create(path.as_ref())?)))
}

fn begin(trace: Option<Arc<Trace>>) -> Recording {
    let mut program = program();
    let id = program.last().map_or(0, |(id, _)| id + 1);
    let settings = Settings {
        trace,
        print: false,
    };
    program.push((id, settings));
    Recording { id }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let mut program = program();
        let place = program.iter().position(|(id, _)| *id == self.id);
        let ended = place.map(|place| program.remove(place));
        // Writing the rest may take its time.
        drop(program);
        if let Some((_, Settings { trace, .. })) = ended
            && let Some(trace) = trace
        {
            trace.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_or_a_number_is_not_a_file() {
        for (values, asked) in [
            ("|0|off|OFF|False|no| ", Asked::Nothing),
            ("1|on|TRUE|True|Yes|1 ", Asked::Table),
            ("2|00|11", Asked::Unclear),
            ("trace.json|./2|/tmp/on|2.json|-1", Asked::Trace),
        ] {
            for value in values.split('|') {
                assert_eq!(Asked::by(OsStr::new(value)), asked, "{value:?}");
            }
        }
    }
}
