//! The jitter of ticks, |interval − period|: every rate and precision, idle and with all cores busy.
//!
//! Three things are measured. `tick` is the wake-up of the clock's thread, beside that of
//! cyclictest's at real-time priority; at `realtime` both run on one core at the same time, which
//! neither does where that is not allowed. `actor` is what an actor on `threads` sees, a hop behind it, beside
//! the source pad of GStreamer's live `videotestsrc`. `picture` has work to do: an actor on `threads` draws a picture of 1080p60 on every
//! tick, and another sees it; beside it a live `videotestsrc` draws as many, and a sink behind a queue sees them.
//!
//! A virtual machine's cores are taken away for milliseconds now and then, and with every core busy oftener. `running` are an
//! actor's ticks, or its pictures, less those that a thread ahead of all others, on either core, has seen that happen to; beside
//! them, all.

use std::sync::LazyLock;

use super::row::Goal::{Free, Ours, Ratio};
use super::row::{Comparison, Goal, Row};
use super::side::Side::{
    Cyclictest, GStreamer, Measure, MeasureOf, SameRun, Ticks, TicksBesideCyclictest,
    TicksWhileRunning,
};

/// About ten seconds of ticks a side, and beside cyclictest 2000 ticks at least.
pub static JITTER: LazyLock<Vec<Comparison>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (fps, interval_us, gstreamer) in [
        ("23.976", 41_708, &["jitter", "24000/1001", "240"]),
        ("60", 16_667, &["jitter", "60/1", "600"]),
        ("240", 4_167, &["jitter", "240/1", "2400"]),
    ] {
        for busy in [false, true] {
            // At the same time, so that what holds up the one holds up the other: the longest waits of a machine are
            // few, and in runs after each other they decide for whom they happen to come.
            let named = Named {
                fps,
                busy,
                precision: "realtime",
                what: "tick",
                peer: "cyclictest",
            };
            all.push(Comparison {
                ours: TicksBesideCyclictest { fps },
                theirs: SameRun,
                busy,
                on_screen: false,
                runs: 3,
                rows: named.rows(TICK, BESIDE, [Free, Ours(1_000.0), Ratio(1.5), Free, Free]),
            });
            for precision in ["normal", "low_power"] {
                let loops = 10_000_000 / interval_us;
                let named = Named {
                    fps,
                    busy,
                    precision,
                    what: "tick",
                    peer: "cyclictest",
                };
                all.push(Comparison {
                    ours: Ticks { fps, precision },
                    theirs: Cyclictest { interval_us, loops },
                    busy,
                    on_screen: false,
                    runs: 3,
                    rows: named.rows(TICK, TICK, [Free; 5]),
                });
            }
            for precision in ["realtime", "normal"] {
                let named = Named {
                    fps,
                    busy,
                    precision,
                    what: "actor",
                    peer: "GStreamer live source",
                };
                all.push(Comparison {
                    ours: Ticks { fps, precision },
                    theirs: GStreamer(gstreamer),
                    busy,
                    on_screen: false,
                    runs: 3,
                    rows: named.rows(
                        ACTOR,
                        TICK,
                        [Free, Free, Free, Free, spread(precision, busy)],
                    ),
                });
            }
            let named = Named {
                fps,
                busy,
                precision: "realtime",
                what: "running",
                peer: "all ticks of the run",
            };
            all.push(Comparison {
                ours: TicksWhileRunning { fps },
                theirs: SameRun,
                busy,
                on_screen: false,
                runs: 3,
                rows: named.rows(RUNNING, ACTOR, [Free, Free, Free, Free, Ours(1_000.0)]),
            });
        }
    }
    all.extend(pictures());
    all.extend([false, true].map(pictures_while_running));
    all
});

/// With pictures drawn on every tick; the same goals as without.
fn pictures() -> impl Iterator<Item = Comparison> {
    let load = [false, true].into_iter();
    let each = load.flat_map(|busy| ["realtime", "normal"].map(|precision| (busy, precision)));
    each.map(|(busy, precision)| {
        let named = Named {
            fps: "1080p60",
            busy,
            precision,
            what: "picture",
            peer: "GStreamer, ball",
        };
        let goals = [Free, Free, Free, Free, spread(precision, busy)];
        Comparison {
            ours: MeasureOf("jitter-pictures", precision),
            theirs: GStreamer(&["pictures", "60/1", "600"]),
            busy,
            on_screen: false,
            runs: 3,
            rows: named.rows(TICK, TICK, goals),
        }
    })
}

/// Those during which no core stood still, beside all.
fn pictures_while_running(busy: bool) -> Comparison {
    let named = Named {
        fps: "1080p60",
        busy,
        precision: "realtime",
        what: "running",
        peer: "all pictures of the run",
    };
    Comparison {
        ours: Measure("jitter-pictures-running"),
        theirs: SameRun,
        busy,
        on_screen: false,
        runs: 3,
        rows: named.rows(RUNNING, TICK, [Free, Free, Free, Free, Ours(1_000.0)]),
    }
}

/// `realtime` holds the bound on any machine, the default on an idle one.
fn spread(precision: &str, busy: bool) -> Goal {
    match (precision, busy) {
        ("normal", true) => Free,
        _ => Ours(1_000.0),
    }
}

/// What peers call their figures.
const TICK: [&str; 5] = ["p50_us", "p99_us", "p999_us", "max_us", "spread_us"];
/// The same of an actor of ours.
const ACTOR: [&str; 5] = [
    "actor_p50_us",
    "actor_p99_us",
    "actor_p999_us",
    "actor_max_us",
    "actor_spread_us",
];

/// The same of the ticks, or pictures, during which no core stood still.
const RUNNING: [&str; 5] = [
    "running_p50_us",
    "running_p99_us",
    "running_p999_us",
    "running_max_us",
    "running_spread_us",
];

/// Those of cyclictest, where it runs beside us.
const BESIDE: [&str; 5] = [
    "cyclictest_p50_us",
    "cyclictest_p99_us",
    "cyclictest_p999_us",
    "cyclictest_max_us",
    "cyclictest_spread_us",
];

/// What the names of a comparison's rows are made of.
struct Named {
    fps: &'static str,
    busy: bool,
    precision: &'static str,
    what: &'static str,
    peer: &'static str,
}

impl Named {
    fn rows(
        &self,
        ours: [&'static str; 5],
        theirs: [&'static str; 5],
        goals: [Goal; 5],
    ) -> &'static [Row] {
        let Self {
            fps,
            precision,
            what,
            peer,
            ..
        } = self;
        let load = if self.busy { "busy" } else { "idle" };
        let rows = ["p50", "p99", "p999", "max", "p99-p50"]
            .into_iter()
            .zip(theirs);
        let rows = rows.zip(ours.into_iter().zip(goals));
        let rows = rows.map(|((name, theirs), (ours, goal))| Row {
            // The table is made once, and stays.
            name: format!("jitter-{fps}-{load}-{precision}-{what}-{name}").leak(),
            peer,
            unit: "us",
            ours,
            theirs,
            goal,
        });
        rows.collect::<Vec<_>>().leak()
    }
}
