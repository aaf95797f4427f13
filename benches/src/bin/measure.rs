//! Makes one measurement and prints it as a line of JSON: `measure NAME`, `measure jitter RATE PRECISION`, `measure
//! jitter-beside RATE`, `measure jitter-running RATE`, `measure jitter-pictures PRECISION`.

use streamlib::prelude::*;
use streamlib_benches::edge::{self, Number};
use streamlib_benches::pictures::{self, HD};
use streamlib_benches::resize::{self, FilterType, Planes};
use streamlib_benches::{
    Figures, bars, blend, chain, hop, jitter, lower_third, profile, ring, stopped, throughput,
};

#[streamlib::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let name = word(0);
    let figures: Figures = match name {
        "ring-write-read" => ring::write_and_read(),
        "triple-buffer-write-read" => ring::triple_buffer_write_and_read(),
        "ring-clean-read" => ring::clean_read(),
        "triple-buffer-clean-read" => ring::triple_buffer_clean_read(),
        "ring-4-readers" => ring::write_and_four_reads(),
        "triple-buffer-4-readers" => ring::triple_buffer_write_and_four_reads(),
        "edge" => edge::beside::<Number, 1>(),
        "edge-4" => edge::beside::<Number, 4>(),
        "edge-frame" => edge::beside::<VideoFrame, 1>(),
        "edge-frame-4" => edge::beside::<VideoFrame, 4>(),
        "hop-inline" => hop::inline().await?,
        "hop-threads" => hop::threads().await?,
        "bare-futex" => hop::bare_futex(),
        "ten-threads" => hop::ten_threads().await?,
        "profile" => profile::cost().await?,
        "jitter" => jitter::ticks(word(1), word(2)).await?,
        "jitter-beside" => jitter::beside_cyclictest(word(1)).await?,
        "jitter-running" => jitter::while_it_runs(word(1)).await?,
        "jitter-pictures" => jitter::pictures(word(1)).await?,
        "jitter-pictures-running" => jitter::pictures_while_it_runs().await?,
        "bars-first" => bars::first(PixelFormat::Rgb8)?,
        "bars-first-rgba" => bars::first(PixelFormat::Rgba8)?,
        "bars-first-i420" => bars::first(PixelFormat::I420)?,
        "bars-cold" => bars::cold(PixelFormat::Rgb8)?,
        "bars-cold-rgba" => bars::cold(PixelFormat::Rgba8)?,
        "bars-cold-i420" => bars::cold(PixelFormat::I420)?,
        "bars-later" => bars::later().await?,
        "blend-rgba-2" => blend::layers(PixelFormat::Rgba8, 2).await?,
        "blend-rgba-4" => blend::layers(PixelFormat::Rgba8, 4).await?,
        "blend-rgba-8" => blend::layers(PixelFormat::Rgba8, 8).await?,
        "blend-i420-2" => blend::layers(PixelFormat::I420, 2).await?,
        "blend-i420-4" => blend::layers(PixelFormat::I420, 4).await?,
        "blend-i420-8" => blend::layers(PixelFormat::I420, 8).await?,
        "lower-third" => lower_third::standing().await?,
        "lower-third-sliding" => lower_third::sliding().await?,
        "rgba-uyvy" => pictures::convert(PixelFormat::Rgba8, PixelFormat::Uyvy).await?,
        "uyvy-rgba" => pictures::convert(PixelFormat::Uyvy, PixelFormat::Rgba8).await?,
        "rgb-i420" => pictures::convert(PixelFormat::Rgb8, PixelFormat::I420).await?,
        "v210-uyvy" => pictures::convert(PixelFormat::V210, PixelFormat::Uyvy).await?,
        "scale-i420-box" => pictures::scale(PixelFormat::I420, Filter::Box, true, HD).await?,
        "scale-rgba-box" => pictures::scale(PixelFormat::Rgba8, Filter::Box, true, HD).await?,
        "scale-i420" => pictures::scale(PixelFormat::I420, Filter::Bilinear, true, HD).await?,
        "scale-i420-bicubic" => {
            pictures::scale(PixelFormat::I420, Filter::Bicubic, true, HD).await?
        }
        "scale-i420-third" => {
            pictures::scale(PixelFormat::I420, Filter::Bilinear, true, (1280, 720)).await?
        }
        "scale-rgba" => pictures::scale(PixelFormat::Rgba8, Filter::Bilinear, true, HD).await?,
        "scale-rgba-bicubic" => {
            pictures::scale(PixelFormat::Rgba8, Filter::Bicubic, true, HD).await?
        }
        "scale-rgba-alpha" => {
            pictures::scale(PixelFormat::Rgba8, Filter::Bilinear, false, HD).await?
        }
        "scale-rgba-alpha-bicubic" => {
            pictures::scale(PixelFormat::Rgba8, Filter::Bicubic, false, HD).await?
        }
        "scale-split" => pictures::split().await?,
        "crate-i420-box" => resize::scale(Planes::I420, FilterType::Box)?,
        "crate-i420" => resize::scale(Planes::I420, FilterType::Bilinear)?,
        "crate-rgba" => resize::scale(Planes::Rgba, FilterType::Bilinear)?,
        "crate-rgba-bicubic" => resize::scale(Planes::Rgba, FilterType::CatmullRom)?,
        "crate-rgba-alpha-bicubic" => resize::scale(Planes::RgbaByAlpha, FilterType::CatmullRom)?,
        "crate-rgba-alpha" => resize::scale(Planes::RgbaByAlpha, FilterType::Bilinear)?,
        "chain" => chain::to_the_screen(Precision::Normal).await?,
        "chain-realtime" => chain::to_the_screen(Precision::Realtime).await?,
        "throughput-1" => throughput::one_stage().await?,
        "throughput-4" => throughput::four_stages().await?,
        "busy" => jitter::keep_busy(),
        "stops" => return stopped::watch(),
        #[cfg(target_os = "linux")]
        "process" => streamlib_benches::process::there_and_back(word(1)).await?,
        // The other sides of that, which print nothing.
        #[cfg(target_os = "linux")]
        "answer-iceoryx2" => return streamlib_benches::process::answer_iceoryx(word(1), word(2)),
        #[cfg(target_os = "linux")]
        "answer-socket" => return streamlib_benches::process::answer_socket(word(1)),
        _ => {
            return Err(Error::invalid(
                "measure's argument",
                name,
                "the name of a measurement, as in benches/src/bin/measure.rs",
            ));
        }
    };
    println!("{figures}");
    Ok(())
}
