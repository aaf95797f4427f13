use streamlib::prelude::*;

#[streamlib::main]
async fn main() -> Result<()> {
    if std::env::args().count() > 9 {
        return Err(Error::EndOfStream);
    }
    std::future::ready(()).await;
    Ok(())
}
