//! The examples against the golden programs, where these lie beside the checkout.

use std::fs;
use std::path::Path;

/// Compares every program of `../shared/golden` with the example of that name; without that folder
/// there is nothing to compare with.
///
/// # Errors
/// The first line that differs, or the example that is missing.
pub fn compare(root: &Path) -> Result<(), String> {
    let golden = root.join("../shared/golden");
    if !golden.is_dir() {
        println!("no ../shared/golden here: nothing to compare with");
        return Ok(());
    }
    let listing =
        fs::read_dir(&golden).map_err(|error| format!("{}: {error}", golden.display()))?;
    for entry in listing.flatten() {
        let name = entry.file_name();
        if Path::new(&name)
            .extension()
            .is_none_or(|extension| extension != "rs")
        {
            continue;
        }
        let example = root.join("examples").join(&name);
        let read = |path: &Path| {
            fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let (wanted, found) = (read(&entry.path())?, read(&example)?);
        if wanted != found {
            let line = wanted
                .lines()
                .zip(found.lines())
                .take_while(|(a, b)| a == b)
                .count()
                + 1;
            let name = name.display();
            return Err(format!(
                "examples/{name} differs from shared/golden/{name} at line {line}"
            ));
        }
        println!("{} is as it should be", name.display());
    }
    Ok(())
}
