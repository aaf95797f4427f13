//! What turns the profile on: the environment, or the program.

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
        let trace = match value.to_str() {
            Some("" | "0" | "off" | "false" | "no") => return None,
            Some("1" | "on" | "true" | "yes") => None,
            _ => match Trace::create(Path::new(&value)) {
                Ok(trace) => Some(trace),
                Err(error) => {
                    eprintln!(
                        "streamlib: STREAMLIB_PROFILE is {}, and no trace can be written there: {error}",
                        Path::new(&value).display()
                    );
                    None
                }
            },
        };
        Some(Settings { trace, print: true })
    })
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
