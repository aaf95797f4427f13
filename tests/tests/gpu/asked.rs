//! A card that is asked for and is not there fails the tests.

use streamlib::gpu::Device;
use streamlib::prelude::*;
use streamlib_tests::cards::asked_for;

#[test]
fn a_card_that_is_asked_for_and_not_there_fails_the_tests() -> Result<()> {
    if asked_for().is_some() || Device::open(0).is_ok() {
        return Ok(()); // it is there, or this is what fails below
    }
    let program = std::env::current_exe().map_err(Error::Io)?;
    for (asked, passes) in [("cuda", false), ("0", false), ("simulated", true)] {
        let run = std::process::Command::new(&program)
            .args([
                "--exact",
                "pictures::formats_that_a_card_does_not_know_are_told",
            ])
            .args(["pictures::pictures_come_back_from_a_card_as_they_were"])
            .env("STREAMLIB_GPU", asked)
            .output()
            .map_err(Error::Io)?;
        assert_eq!(run.status.success(), passes, "{asked}");
        let said = String::from_utf8_lossy(&run.stdout);
        let counted = if passes {
            "2 passed; 0 failed"
        } else {
            "1 passed; 1 failed"
        };
        assert!(said.contains(counted), "{said}");
    }
    Ok(())
}
