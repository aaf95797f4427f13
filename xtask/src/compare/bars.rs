//! SMPTE bars at 1080p, beside GStreamer's: the first picture, drawn, and each later one, which is the same again.
//!
//! A picture is drawn in memory that was there before, by both, since videotestsrc uses its buffers again (`bars-first`); and
//! as the first of a program, in memory that is new to both (`bars-cold`).

use super::row::Goal::Ratio;
use super::row::{Comparison, Row, beside, row};
use super::side::Side::{GStreamer, Measure};

/// Bars that videotestsrc draws anew for every frame.
macro_rules! drawn {
    ($format:literal) => {
        GStreamer(&[
            "cost",
            concat!(
                "videotestsrc pattern=smpte75 num-buffers=300 ! video/x-raw,format=",
                $format,
                ",width=1920,height=1080 ! fakesink name=sink sync=false",
            ),
        ])
    };
}

/// The first of them, from when videotestsrc asks for memory.
macro_rules! cold {
    ($format:literal) => {
        GStreamer(&[
            "first",
            concat!(
                "videotestsrc name=source pattern=smpte75 num-buffers=1 ! video/x-raw,format=",
                $format,
                ",width=1920,height=1080 ! fakesink name=sink sync=false",
            ),
        ])
    };
}

const fn cost(name: &'static str, peer: &'static str) -> Row {
    row(name, peer, "us", "cpu_us", Ratio(1.0))
}

const DRAWN: &str = "GStreamer smpte75";

/// In three formats, and once later.
pub const BARS: [Comparison; 7] = [
    beside(
        Measure("bars-first"),
        drawn!("RGB"),
        &[cost("bars-first", DRAWN)],
    ),
    beside(
        Measure("bars-first-rgba"),
        drawn!("RGBA"),
        &[cost("bars-first-rgba", DRAWN)],
    ),
    beside(
        Measure("bars-first-i420"),
        drawn!("I420"),
        &[cost("bars-first-i420", DRAWN)],
    ),
    beside(
        Measure("bars-cold"),
        cold!("RGB"),
        &[cost("bars-cold", DRAWN)],
    ),
    beside(
        Measure("bars-cold-rgba"),
        cold!("RGBA"),
        &[cost("bars-cold-rgba", DRAWN)],
    ),
    beside(
        Measure("bars-cold-i420"),
        cold!("I420"),
        &[cost("bars-cold-i420", DRAWN)],
    ),
    beside(
        Measure("bars-later"),
        GStreamer(&[
            "cost",
            "videotestsrc pattern=smpte75 num-buffers=1 \
             ! video/x-raw,format=RGB,width=1920,height=1080,framerate=60/1 \
             ! imagefreeze num-buffers=200000 ! fakesink name=sink sync=false",
        ]),
        &[cost("bars-later", "GStreamer imagefreeze")],
    ),
];
