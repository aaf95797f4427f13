use streamlib::prelude::*;

#[streamlib::main(threads = 4)]
async fn main() -> Result<()> {
    Ok(())
}
