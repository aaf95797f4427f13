//! A lower third at 1080p in RGBA, with a clock in it that runs, beside GStreamer's Pango and FFmpeg's drawtext.

use super::row::{Comparison, Goal, Row, beside, row};
use super::side::Side::{Ffmpeg, GStreamer, Measure};

use Goal::{Free, Ratio};

/// Two lines of text on a shade, and a running time.
const PANGO: [&str; 2] = [
    "cost",
    "videotestsrc pattern=black num-buffers=1 \
     ! video/x-raw,format=RGBA,width=1920,height=1080,framerate=60/1 \
     ! imagefreeze num-buffers=300 \
     ! textoverlay text=\"Ada Lovelace\" font-desc=\"Sans Bold 30\" shaded-background=true \
       halignment=left valignment=bottom xpad=160 ypad=160 \
     ! textoverlay text=Mathematician font-desc=\"Sans 18\" shaded-background=true \
       halignment=left valignment=bottom xpad=160 ypad=110 \
     ! timeoverlay font-desc=\"Sans 18\" halignment=right valignment=bottom xpad=730 ypad=110 \
     ! fakesink name=sink sync=false",
];

macro_rules! drawtext {
    ($text:literal, $look:literal) => {
        concat!(
            ",drawtext=fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:text=",
            $text,
            ":",
            $look
        )
    };
}

/// A panel, two lines of text and a running time. (The panel covers by colour alone: what would set its alpha too,
/// `replace=1`, crashes FFmpeg 5.1.)
const DRAWTEXT: &str = concat!(
    "color=c=black@0:s=1920x1080:r=60,format=rgba",
    ",drawbox=x=120:y=820:w=1100:h=150:color=0x003c82@0.9:t=fill",
    drawtext!("Ada Lovelace", "fontsize=64:fontcolor=white:x=160:y=832"),
    drawtext!(
        "Mathematician",
        "fontsize=38:fontcolor=0xbed7ff:x=160:y=908"
    ),
    drawtext!("%{pts} %{n}", "fontsize=38:fontcolor=white:x=890:y=908"),
    "[out]"
);

const GST: &str = "GStreamer textoverlay";
const FF: &str = "FFmpeg drawtext";

const fn cpu(name: &'static str, peer: &'static str) -> Row {
    row(name, peer, "us", "cpu_us", Ratio(0.5))
}

const fn fps(name: &'static str, peer: &'static str) -> Row {
    row(name, peer, "fps", "fps", Free)
}

const FFMPEG: super::side::Side = Ffmpeg {
    graph: DRAWTEXT,
    frames: 300,
};

/// Ours stands, where only its clock changes, and slides, where all of it does.
pub const GRAPHICS: &[Comparison] = &[
    beside(
        Measure("lower-third"),
        GStreamer(&PANGO),
        &[cpu("lower-third", GST), fps("lower-third-fps", GST)],
    ),
    beside(
        Measure("lower-third"),
        FFMPEG,
        &[cpu("lower-third", FF), fps("lower-third-fps", FF)],
    ),
    beside(
        Measure("lower-third-sliding"),
        GStreamer(&PANGO),
        &[
            cpu("lower-third-sliding", GST),
            fps("lower-third-sliding-fps", GST),
        ],
    ),
    beside(
        Measure("lower-third-sliding"),
        FFMPEG,
        &[
            cpu("lower-third-sliding", FF),
            fps("lower-third-sliding-fps", FF),
        ],
    ),
];
