//! Makes the pictures of the documentation: each is what an actor sends, rendered on a virtual clock.
//!
//! `cargo run --release -p streamlib-gallery` writes them all to `docs/src/pictures`; names behind it say which.
//! A file beside this one holds the pictures of an actor, a function each: `pub async fn NAME(to: PathBuf)`. (`strip` is an
//! actor that they use.)

mod color_correct;
mod compositor;
mod convert;
mod crossfade;
mod delay;
mod drawing;
mod frame_rate;
mod scale;
mod snapshot;
mod strip;
mod switch;
mod test_pattern;
mod transform;

use std::path::{Path, PathBuf};
use std::pin::Pin;

use streamlib::prelude::*;

/// A picture: its name, and what writes it into the file that it is given.
type Picture = (
    &'static str,
    fn(PathBuf) -> Pin<Box<dyn Future<Output = Result<()>>>>,
);

macro_rules! pictures {
    ($($file:ident: [$($name:ident),* $(,)?];)*) => {
        &[$($((stringify!($name), |to| Box::pin($file::$name(to)))),*),*]
    };
}

const PICTURES: &[Picture] = pictures! {
    test_pattern: [
        smpte_bars, smpte_hd_bars, ebu_bars, zone_plate, multiburst, moving_box,
    ];
    compositor: [compositor];
    crossfade: [crossfade];
    switch: [switch];
    frame_rate: [frame_rate];
    delay: [delay];
    convert: [convert];
    transform: [transform];
    scale: [scale];
    color_correct: [color_correct];
    snapshot: [snapshot];
    drawing: [lower_third, clock, level_meter];
};

/// The most that a picture of the documentation may be, in bytes.
const MOST_BYTES: u64 = 40_000;

#[streamlib::main]
async fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let known = |name: &String| PICTURES.iter().any(|(known, _)| known == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let all: Vec<_> = PICTURES.iter().map(|(name, _)| *name).collect();
        return Err(Error::invalid("the picture", unknown, all.join(", ")));
    }
    for (name, draw) in PICTURES {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            let file = committed(name);
            draw(file.clone()).await?;
            let bytes = std::fs::metadata(&file)?.len();
            println!("{name}: {bytes} bytes");
            if bytes > MOST_BYTES {
                return Err(Error::invalid(
                    *name,
                    format_args!("{bytes} bytes"),
                    format!("{MOST_BYTES} bytes at most: make it smaller"),
                ));
            }
        }
    }
    Ok(())
}

/// Where a picture of the documentation is.
fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/src/pictures")
        .join(name)
        .with_extension("png")
}

#[cfg(test)]
mod tests {
    use streamlib::actors::images;

    use super::*;

    /// The mean by which a channel may differ: how a letter is smoothed may depend on the processor.
    const TOLERANCE: f64 = 0.5;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_pictures_of_the_documentation_are_what_the_actors_send() -> Result<()> {
        for (name, draw) in PICTURES {
            let file = std::env::temp_dir().join(format!("{name}-{}.png", std::process::id()));
            draw(file.clone()).await?;
            let drawn = images::load_png(&file)?;
            std::fs::remove_file(&file)?;
            let committed = images::load_png(committed(name))?;
            assert_eq!(drawn.dimensions(), committed.dimensions(), "{name}");
            let mean = difference(&drawn, &committed);
            assert!(
                mean < TOLERANCE,
                "{name} differs by {mean}; cargo run --release -p streamlib-gallery {name}"
            );
        }
        Ok(())
    }

    /// Of the channels, in the mean.
    fn difference(a: &VideoFrame, b: &VideoFrame) -> f64 {
        let channels = a.pixels().iter().zip(b.pixels());
        let sum: u64 = channels.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / a.pixels().len() as f64
    }
}
