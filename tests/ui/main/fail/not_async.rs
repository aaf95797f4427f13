use streamlib::prelude::*;

#[streamlib::main]
fn main() -> Result<()> {
    Ok(())
}
