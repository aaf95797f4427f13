//! Files that are read whole, up to a size, with errors that say which file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::{Error, Result};

/// The most that is read: as much as the largest picture is in memory.
const MOST: u64 = 1 << 30;

/// The bytes of a file.
///
/// # Errors
/// [`Error::Io`], with the path, when it cannot be read; [`Error::Invalid`] when it is larger than anything that is
/// read here.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    read_up_to(MOST, path).map_err(|error| at(path, error))
}

fn read_up_to(most: u64, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if read as u64 > most {
        let expected = format!("at most {} MiB", most >> 20);
        return Err(Error::invalid("the file", "larger than that", expected));
    }
    Ok(bytes)
}

/// The error, with the file that it is about.
pub(super) fn at(path: &Path, error: Error) -> Error {
    match error {
        Error::Io(error) => Error::Io(io::Error::new(
            error.kind(),
            format!("{}: {error}", path.display()),
        )),
        Error::Invalid {
            what,
            given,
            expected,
        } => Error::Invalid {
            what: format!("{}: {what}", path.display()).into(),
            given,
            expected,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_without_end_is_refused() {
        let path = Path::new("/dev/zero");
        let error = read_up_to(1 << 20, path).map_err(|error| at(path, error));
        assert_eq!(
            error.expect_err("it has no end").to_string(),
            "/dev/zero: the file is larger than that; expected at most 1 MiB"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("/nowhere/at/all.png")).expect_err("it is not there");
        assert!(
            error.to_string().starts_with("/nowhere/at/all.png: "),
            "{error}"
        );
    }
}
