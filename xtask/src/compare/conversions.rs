//! Conversions at 1080p and scaling from 2160p, beside GStreamer's videoconvert and videoscale (told to use one thread) and
//! FFmpeg's swscale (on as many as it likes, so that its processor time is what compares). The peers run with their own
//! default rounding and colour siting, and their filters called bilinear may be narrower than ours, which widens when a
//! picture becomes smaller.

use super::row::{Comparison, Goal, Row, beside, row};
use super::side::Side::{Ffmpeg, GStreamer, Measure};

use Goal::{Free, Ratio};

/// A still picture of one format, sent `frames` times through an element of GStreamer.
macro_rules! gstreamer {
    ($from:literal, $size:literal, $frames:literal, $element:literal, $to:literal) => {
        GStreamer(&[
            "cost",
            concat!(
                "videotestsrc pattern=smpte75 num-buffers=1 ! video/x-raw,format=",
                $from,
                ",",
                $size,
                ",framerate=60/1 ! imagefreeze num-buffers=",
                $frames,
                " ! ",
                $element,
                " ! video/x-raw,",
                $to,
                " ! fakesink name=sink sync=false",
            ),
        ])
    };
}

/// A still picture of one format, sent 200 times through FFmpeg's scale filter.
macro_rules! ffmpeg {
    ($from:literal, $size:literal, $frames:literal, $scale:literal, $to:literal) => {
        Ffmpeg {
            graph: concat!(
                "testsrc2=s=",
                $size,
                ":r=60,trim=end_frame=1,format=",
                $from,
                ",loop=-1:1,scale=",
                $scale,
                ",format=",
                $to,
                "[out]",
            ),
            frames: $frames,
        }
    };
}

const fn cpu(name: &'static str, peer: &'static str) -> Row {
    row(name, peer, "us", "cpu_us", Ratio(1.0))
}

const fn fps(name: &'static str, peer: &'static str) -> Row {
    row(name, peer, "fps", "fps", Free)
}

const GST: &str = "GStreamer videoconvert";
const GST_SCALE: &str = "GStreamer videoscale";
const FF: &str = "FFmpeg swscale";

macro_rules! both {
    ($ours:literal, $gst:expr, $gst_peer:expr, $ff:expr) => {
        [
            beside(
                Measure($ours),
                $gst,
                &[
                    cpu($ours, $gst_peer),
                    fps(concat!($ours, "-fps"), $gst_peer),
                ],
            ),
            beside(
                Measure($ours),
                $ff,
                &[cpu($ours, FF), fps(concat!($ours, "-fps"), FF)],
            ),
        ]
    };
}

const RGBA_UYVY: [Comparison; 2] = both!(
    "rgba-uyvy",
    gstreamer!(
        "RGBA",
        "width=1920,height=1080",
        "200",
        "videoconvert n-threads=1",
        "format=UYVY"
    ),
    GST,
    ffmpeg!(
        "rgba",
        "1920x1080",
        200,
        "out_color_matrix=bt709",
        "uyvy422"
    )
);
const UYVY_RGBA: [Comparison; 2] = both!(
    "uyvy-rgba",
    gstreamer!(
        "UYVY",
        "width=1920,height=1080",
        "200",
        "videoconvert n-threads=1",
        "format=RGBA"
    ),
    GST,
    ffmpeg!("uyvy422", "1920x1080", 200, "in_color_matrix=bt709", "rgba")
);
const RGB_I420: [Comparison; 2] = both!(
    "rgb-i420",
    gstreamer!(
        "RGB",
        "width=1920,height=1080",
        "200",
        "videoconvert n-threads=1",
        "format=I420"
    ),
    GST,
    ffmpeg!(
        "rgb24",
        "1920x1080",
        200,
        "out_color_matrix=bt709",
        "yuv420p"
    )
);
const SCALE_I420: [Comparison; 2] = both!(
    "scale-i420",
    gstreamer!(
        "I420",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1 method=bilinear envelope=2",
        "width=1920,height=1080"
    ),
    GST_SCALE,
    ffmpeg!(
        "yuv420p",
        "3840x2160",
        60,
        "1920:1080:flags=bilinear",
        "yuv420p"
    )
);
const SCALE_RGBA: [Comparison; 2] = both!(
    "scale-rgba",
    gstreamer!(
        "RGBA",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1 method=bilinear envelope=2",
        "width=1920,height=1080"
    ),
    GST_SCALE,
    ffmpeg!("rgba", "3840x2160", 60, "1920:1080:flags=bilinear", "rgba")
);

/// Unpacking V210 to 8 bits; in FFmpeg V210 is no pixel format but a codec.
const V210: [Comparison; 1] = [beside(
    Measure("v210-uyvy"),
    gstreamer!(
        "v210",
        "width=1920,height=1080",
        "200",
        "videoconvert n-threads=1 dither=none",
        "format=UYVY"
    ),
    &[cpu("v210-uyvy", GST), fps("v210-uyvy-fps", GST)],
)];

/// All of them.
pub fn conversions() -> impl Iterator<Item = &'static Comparison> {
    [
        &RGBA_UYVY[..],
        &UYVY_RGBA,
        &RGB_I420,
        &V210,
        &SCALE_I420,
        &SCALE_RGBA,
    ]
    .into_iter()
    .flatten()
}
