//! Layers at 1080p, all but the lowest half transparent, beside GStreamer's compositor and FFmpeg's overlay.

use super::row::{Comparison, both};
use super::side::Side::{Ffmpeg, GStreamer};

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

const GST: &str = "GStreamer compositor";
const FF: &str = "FFmpeg overlay";

/// What DESIGN.md asks for, of two layers.
const RGBA: f64 = 0.15;
const I420: f64 = 1.0;
/// It has no goal for more of RGBA: the figures are shown.
const MORE: f64 = f64::INFINITY;

const RGBA_2: [Comparison; 2] = both!(
    "blend-rgba-2",
    RGBA,
    gstreamer!("RGBA", "1"),
    GST,
    ffmpeg!("rgba", "rgba", "rgb", "l1" "l0" "out"),
    FF
);
const RGBA_4: [Comparison; 2] = both!(
    "blend-rgba-4",
    MORE,
    gstreamer!("RGBA", "1" "2" "3"),
    GST,
    ffmpeg!("rgba", "rgba", "rgb", "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "out"),
    FF
);
const RGBA_8: [Comparison; 2] = both!(
    "blend-rgba-8",
    MORE,
    gstreamer!("RGBA", "1" "2" "3" "4" "5" "6" "7"),
    GST,
    ffmpeg!(
        "rgba", "rgba", "rgb",
        "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "m3" "l4" "m3" "m4" "l5" "m4" "m5" "l6" "m5" "m6" "l7" "m6" "out"
    ),
    FF
);
const I420_2: [Comparison; 2] = both!(
    "blend-i420-2",
    I420,
    gstreamer!("I420", "1"),
    GST,
    ffmpeg!("yuv420p", "yuva420p", "yuv420", "l1" "l0" "out"),
    FF
);
const I420_4: [Comparison; 2] = both!(
    "blend-i420-4",
    I420,
    gstreamer!("I420", "1" "2" "3"),
    GST,
    ffmpeg!("yuv420p", "yuva420p", "yuv420", "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "out"),
    FF
);
const I420_8: [Comparison; 2] = both!(
    "blend-i420-8",
    I420,
    gstreamer!("I420", "1" "2" "3" "4" "5" "6" "7"),
    GST,
    ffmpeg!(
        "yuv420p", "yuva420p", "yuv420",
        "l1" "l0" "m1" "l2" "m1" "m2" "l3" "m2" "m3" "l4" "m3" "m4" "l5" "m4" "m5" "l6" "m5" "m6" "l7" "m6" "out"
    ),
    FF
);

/// The layers of both formats. The goals are for two; more of I420 are to be no worse.
pub fn layers() -> impl Iterator<Item = &'static Comparison> {
    [&RGBA_2, &RGBA_4, &RGBA_8, &I420_2, &I420_4, &I420_8]
        .into_iter()
        .flatten()
}
