//! What is measured on a card: only when it is asked for by name, since most machines have none.

use super::row::{Comparison, Goal, Row, beside, row};
use super::side::Side::{Card, SameRun};

/// A composite beside a copy on the card that moves as many bytes: 80 % of its speed.
const fn composite(name: &'static str) -> Row {
    Row {
        name,
        peer: "a copy on the card",
        unit: "us",
        ours: "us",
        theirs: "copy_us",
        goal: Goal::Ratio(1.25),
    }
}

/// All of it.
pub const CARDS: &[Comparison] = &[
    beside(
        Card("gpu-composite-2-1080"),
        SameRun,
        &[composite("gpu-composite-2-1080")],
    ),
    beside(
        Card("gpu-composite-4-1080"),
        SameRun,
        &[composite("gpu-composite-4-1080")],
    ),
    beside(
        Card("gpu-composite-8-1080"),
        SameRun,
        &[composite("gpu-composite-8-1080")],
    ),
    beside(
        Card("gpu-composite-2-2160"),
        SameRun,
        &[composite("gpu-composite-2-2160")],
    ),
    beside(
        Card("gpu-composite-4-2160"),
        SameRun,
        &[composite("gpu-composite-4-2160")],
    ),
    beside(
        Card("gpu-composite-8-2160"),
        SameRun,
        &[composite("gpu-composite-8-2160")],
    ),
    beside(
        Card("gpu-host"),
        SameRun,
        &[
            row("gpu-host-5-actors", "itself", "us", "us", Goal::Ours(20.0)),
            row(
                "gpu-host-chain",
                "itself",
                "us",
                "chain_us",
                Goal::Ours(5.0),
            ),
        ],
    ),
    beside(
        Card("gpu-live"),
        SameRun,
        &[Row {
            name: "gpu-live-2160p60",
            peer: "a period",
            unit: "us",
            ours: "us",
            theirs: "period_us",
            goal: Goal::Ratio(1.0),
        }],
    ),
];
