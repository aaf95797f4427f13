//! Layers at 1080p, all but the lowest half transparent, beside GStreamer's compositor and FFmpeg's overlay.

use super::row::{Comparison, Goal, Row, beside, row};
use super::side::Side::{Ffmpeg, GStreamer, Measure};

use Goal::{Free, Ratio};

/// A still picture that is sent 60 times to a pad of GStreamer's compositor.
macro_rules! sent {
    ($format:literal, $pattern:literal, $pad:literal) => {
        concat!(
            " videotestsrc pattern=",
            $pattern,
            " num-buffers=1 ! video/x-raw,format=",
            $format,
            ",width=1920,height=1080,framerate=60/1 ! imagefreeze num-buffers=60 ! mix.sink_",
            $pad,
        )
    };
}

/// GStreamer's compositor with a lowest layer and those on its other pads.
macro_rules! gstreamer {
    ($format:literal, $($pad:literal)+) => {
        GStreamer(&[
            "cost",
            concat!(
                "compositor name=mix", $(" sink_", $pad, "::alpha=0.5",)+
                " ! video/x-raw,format=", $format,
                ",width=1920,height=1080 ! fakesink name=sink sync=false",
                sent!($format, "smpte75", "0"), $(sent!($format, "snow", $pad),)+
            ),
        ])
    };
}

/// FFmpeg's overlay of still pictures, one for each layer above the lowest: its own name, and those of what is
/// under it and of what they make.
macro_rules! ffmpeg {
    ($below:literal, $above:literal, $overlay:literal, $($layer:literal $under:literal $made:literal)+) => {
        Ffmpeg {
            graph: concat!(
                "smptebars=s=1920x1080:r=60,trim=end_frame=1,format=", $below, ",loop=-1:1[l0]", $(
                ";testsrc=s=1920x1080:r=60,trim=end_frame=1,format=rgba,colorchannelmixer=aa=0.5,format=",
                $above, ",loop=-1:1[", $layer, "];[", $under, "][", $layer, "]overlay=format=", $overlay,
                "[", $made, "]",
            )+),
            frames: 60,
        }
    };
}

const fn cpu(name: &'static str, peer: &'static str, goal: Goal) -> Row {
    row(name, peer, "us", "cpu_us", goal)
}

const fn fps(name: &'static str, peer: &'static str) -> Row {
    row(name, peer, "fps", "fps", Free)
}

const GST: &str = "GStreamer compositor";
const FF: &str = "FFmpeg overlay";

/// The layers of both formats. The goals are for two; more are to be no worse.
pub const LAYERS: &[Comparison] = &[
    beside(
        Measure("blend-rgba-2"),
        gstreamer!("RGBA", "1"),
        &[
            cpu("blend-rgba-2", GST, Ratio(0.15)),
            fps("blend-rgba-2-fps", GST),
        ],
    ),
    beside(
        Measure("blend-rgba-2"),
        ffmpeg!("rgba", "rgba", "rgb", "l1" "l0" "out"),
        &[
            cpu("blend-rgba-2", FF, Ratio(0.15)),
            fps("blend-rgba-2-fps", FF),
        ],
    ),
    beside(
        Measure("blend-rgba-4"),
        gstreamer!("RGBA", "1" "2" "3"),
        &[
            cpu("blend-rgba-4", GST, Ratio(0.15)),
            fps("blend-rgba-4-fps", GST),
        ],
    ),
    beside(
        Measure("blend-rgba-4"),
        ffmpeg!("rgba", "rgba", "rgb", "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "out"),
        &[
            cpu("blend-rgba-4", FF, Ratio(0.15)),
            fps("blend-rgba-4-fps", FF),
        ],
    ),
    beside(
        Measure("blend-rgba-8"),
        gstreamer!("RGBA", "1" "2" "3" "4" "5" "6" "7"),
        &[
            cpu("blend-rgba-8", GST, Ratio(0.15)),
            fps("blend-rgba-8-fps", GST),
        ],
    ),
    beside(
        Measure("blend-rgba-8"),
        ffmpeg!("rgba", "rgba", "rgb", "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "m3" "l4" "m3" "m4" "l5" "m4" "m5" "l6" "m5" "m6" "l7" "m6" "out"),
        &[
            cpu("blend-rgba-8", FF, Ratio(0.15)),
            fps("blend-rgba-8-fps", FF),
        ],
    ),
    beside(
        Measure("blend-i420-2"),
        gstreamer!("I420", "1"),
        &[
            cpu("blend-i420-2", GST, Ratio(1.0)),
            fps("blend-i420-2-fps", GST),
        ],
    ),
    beside(
        Measure("blend-i420-2"),
        ffmpeg!("yuv420p", "yuva420p", "yuv420", "l1" "l0" "out"),
        &[
            cpu("blend-i420-2", FF, Ratio(1.0)),
            fps("blend-i420-2-fps", FF),
        ],
    ),
    beside(
        Measure("blend-i420-4"),
        gstreamer!("I420", "1" "2" "3"),
        &[
            cpu("blend-i420-4", GST, Ratio(1.0)),
            fps("blend-i420-4-fps", GST),
        ],
    ),
    beside(
        Measure("blend-i420-4"),
        ffmpeg!("yuv420p", "yuva420p", "yuv420", "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "out"),
        &[
            cpu("blend-i420-4", FF, Ratio(1.0)),
            fps("blend-i420-4-fps", FF),
        ],
    ),
    beside(
        Measure("blend-i420-8"),
        gstreamer!("I420", "1" "2" "3" "4" "5" "6" "7"),
        &[
            cpu("blend-i420-8", GST, Ratio(1.0)),
            fps("blend-i420-8-fps", GST),
        ],
    ),
    beside(
        Measure("blend-i420-8"),
        ffmpeg!("yuv420p", "yuva420p", "yuv420", "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "m3" "l4" "m3" "m4" "l5" "m4" "m5" "l6" "m5" "m6" "l7" "m6" "out"),
        &[
            cpu("blend-i420-8", FF, Ratio(1.0)),
            fps("blend-i420-8-fps", FF),
        ],
    ),
];
