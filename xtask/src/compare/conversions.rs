//! Conversions at 1080p and scaling from 2160p, beside GStreamer's videoconvert and videoscale (told to use one thread) and
//! FFmpeg's swscale (on as many as it likes, so that its processor time is what compares). The peers run with their own
//! default rounding and colour siting. Where a picture becomes smaller, our filters widen; so do swscale's and the crate's of the
//! same names, and videoscale's Catmull-Rom. Its `bilinear2` does so at a third of the size, where it is our triangle of five by
//! five, but not at half of it: there it is the mean of two by two, as without being told, which is our `Box`.

use super::row::{Comparison, Goal, Row, a_frame, beside, both, row};
use super::side::Side::{Ffmpeg, GStreamer, Measure, SameRun};

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

const GST: &str = "GStreamer videoconvert";
const GST_SCALE: &str = "GStreamer videoscale";
const FF: &str = "FFmpeg swscale";
const CRATE: &str = "fast_image_resize";

const RGBA_UYVY: [Comparison; 2] = both!(
    "rgba-uyvy",
    1.0,
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
    ),
    FF
);
const UYVY_RGBA: [Comparison; 2] = both!(
    "uyvy-rgba",
    1.0,
    gstreamer!(
        "UYVY",
        "width=1920,height=1080",
        "200",
        "videoconvert n-threads=1",
        "format=RGBA"
    ),
    GST,
    ffmpeg!("uyvy422", "1920x1080", 200, "in_color_matrix=bt709", "rgba"),
    FF
);
const RGB_I420: [Comparison; 2] = both!(
    "rgb-i420",
    1.0,
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
    ),
    FF
);
/// The mean of two by two on both sides, which is what videoscale does unless it is told, and swscale's `area`.
const SCALE_I420_BOX: [Comparison; 2] = both!(
    "scale-i420-box",
    1.0,
    gstreamer!(
        "I420",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1",
        "width=1920,height=1080"
    ),
    "videoscale, 2 taps",
    ffmpeg!(
        "yuv420p",
        "3840x2160",
        60,
        "1920:1080:flags=area",
        "yuv420p"
    ),
    "FFmpeg swscale, area"
);
const SCALE_RGBA_BOX: [Comparison; 2] = both!(
    "scale-rgba-box",
    1.0,
    gstreamer!(
        "RGBA",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1",
        "width=1920,height=1080"
    ),
    "videoscale, 2 taps",
    ffmpeg!("rgba", "3840x2160", 60, "1920:1080:flags=area", "rgba"),
    "FFmpeg swscale, area"
);

/// The triangle of four by four on both sides. (videoscale's `bilinear2` is the mean of two by two at this size.)
const SCALE_I420: [Comparison; 1] = [a_frame!(
    "scale-i420",
    1.0,
    ffmpeg!(
        "yuv420p",
        "3840x2160",
        60,
        "1920:1080:flags=bilinear",
        "yuv420p"
    ),
    FF
)];
const SCALE_I420_BICUBIC: [Comparison; 2] = both!(
    "scale-i420-bicubic",
    1.0,
    gstreamer!(
        "I420",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1 method=catrom",
        "width=1920,height=1080"
    ),
    GST_SCALE,
    ffmpeg!(
        "yuv420p",
        "3840x2160",
        60,
        "1920:1080:flags=bicubic:param0=0:param1=0.5",
        "yuv420p"
    ),
    FF
);
const SCALE_RGBA: [Comparison; 1] = [a_frame!(
    "scale-rgba",
    1.0,
    ffmpeg!("rgba", "3840x2160", 60, "1920:1080:flags=bilinear", "rgba"),
    FF
)];
const SCALE_RGBA_BICUBIC: [Comparison; 2] = both!(
    "scale-rgba-bicubic",
    1.0,
    gstreamer!(
        "RGBA",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1 method=catrom",
        "width=1920,height=1080"
    ),
    GST_SCALE,
    ffmpeg!(
        "rgba",
        "3840x2160",
        60,
        "1920:1080:flags=bicubic:param0=0:param1=0.5",
        "rgba"
    ),
    FF
);

/// What we do unless we are told, eight by eight pixels, beside what videoscale does, two by two: not the same work, so the
/// figures have no goal. The rows of `scale-i420-box` have the same work.
const SCALE_DEFAULT: [Comparison; 1] = [beside(
    Measure("scale-i420-bicubic"),
    gstreamer!(
        "I420",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1",
        "width=1920,height=1080"
    ),
    &[row(
        "scale-i420-bicubic",
        "videoscale, 2 taps",
        "us",
        "cpu_us",
        Goal::Free,
    )],
)];

/// The same filter on both sides: a triangle of five by five.
const SCALE_THIRD: [Comparison; 1] = [a_frame!(
    "scale-i420-third",
    1.0,
    gstreamer!(
        "I420",
        "width=3840,height=2160",
        "60",
        "videoscale n-threads=1 method=bilinear2",
        "width=1280,height=720"
    ),
    "videoscale, bilinear2"
)];

/// The crate, on one thread, with the same filters; pixels that are translucent are weighed by their alpha by both.
const SCALE_CRATE: [Comparison; 6] = [
    a_frame!("scale-i420-box", 1.0, Measure("crate-i420-box"), CRATE),
    a_frame!("scale-i420", 1.0, Measure("crate-i420"), CRATE),
    a_frame!("scale-rgba", 1.0, Measure("crate-rgba"), CRATE),
    a_frame!(
        "scale-rgba-bicubic",
        1.0,
        Measure("crate-rgba-bicubic"),
        CRATE
    ),
    a_frame!("scale-rgba-alpha", 1.0, Measure("crate-rgba-alpha"), CRATE),
    a_frame!(
        "scale-rgba-alpha-bicubic",
        1.0,
        Measure("crate-rgba-alpha-bicubic"),
        CRATE
    ),
];

/// What bands on several cores give where one does not hold the rate; on two cores half is the limit.
const SCALE_SPLIT: [Comparison; 1] = [beside(
    Measure("scale-split"),
    SameRun,
    &[Row {
        name: "scale-split",
        peer: "the same on one core",
        unit: "us",
        ours: "us",
        theirs: "whole_us",
        goal: Goal::Ratio(0.7),
    }],
)];

/// Unpacking V210 to 8 bits; in FFmpeg V210 is no pixel format but a codec.
const V210: [Comparison; 1] = [a_frame!(
    "v210-uyvy",
    1.0,
    gstreamer!(
        "v210",
        "width=1920,height=1080",
        "200",
        "videoconvert n-threads=1 dither=none",
        "format=UYVY"
    ),
    GST
)];

/// All of them.
pub fn conversions() -> impl Iterator<Item = &'static Comparison> {
    [
        &RGBA_UYVY[..],
        &UYVY_RGBA,
        &RGB_I420,
        &V210,
        &SCALE_I420_BOX,
        &SCALE_RGBA_BOX,
        &SCALE_I420,
        &SCALE_I420_BICUBIC,
        &SCALE_RGBA,
        &SCALE_RGBA_BICUBIC,
        &SCALE_THIRD,
        &SCALE_DEFAULT,
        &SCALE_CRATE,
        &SCALE_SPLIT,
    ]
    .into_iter()
    .flatten()
}
