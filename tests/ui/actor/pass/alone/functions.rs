#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]
//! Functions that are actors.

use streamlib::prelude::*;

/// Mean brightness of the picture.
///
/// More about it.
#[actor(dispatcher = inline)]
pub fn luma(
    /// What is measured.
    #[input]
    video: &VideoFrame,
    /// What it is multiplied by.
    gain: f64,
) -> DataMessage<f64> {
    DataMessage::new(gain * f64::from(video.width()))
}

/// Prints.
#[actor]
fn print(#[input] number: &DataMessage<f64>) {
    println!("{}", **number);
}

/// Everything a parameter can be.
#[actor(on_error = stop, clock = SoftwareClock::new(self.rate))]
#[derive(Debug)]
#[allow(unused_variables, clippy::needless_pass_by_value)]
fn all<T: Message + Clone, const N: usize, F>(
    #[streamlib::input(slots = 5)] mut first: &T,
    #[input] r#type: Option<&VideoFrame>,
    #[input(every = 8, slots = 12)] port: &mut Input<DataMessage<u64>>,
    #[input(optional)] open: &mut Input<DataMessage<u64>>,
    #[input] layers: &mut Inputs<VideoFrame>,
    #[output] left: &mut Output<T>,
    #[streamlib::output] right: &mut streamlib::prelude::Output<DataMessage<u64>>,
    TimedTick { frame_number, .. }: TimedTick,
    name: &str,
    list: &[u8],
    path: &std::path::PathBuf,
    label: &'static str,
    mut count: u64,
    seen: &mut Vec<u64>,
    array: [u8; N],
    make: &mut F,
    rate: Rate,
) -> Result<Option<DataMessage<u64>>>
where
    F: FnMut(&str) -> bool + Send,
{
    if frame_number == 0 {
        first = &*first;
        drop(first.clone());
    }
    count += frame_number;
    seen.push(count);
    if make(name) {
        return Ok(None);
    }
    Ok(Some(DataMessage::new(count)))
}

/// With a pattern in place of a name.
#[actor]
async fn waits(_: TimedTick, #[input] number: Option<&DataMessage<u64>>, by: u64) -> Option<DataMessage<u64>> {
    let number = **number?;
    std::future::ready(()).await;
    Some(DataMessage::new(number + by))
}

#[actor]
fn r#match(tick: TimedTick) -> DataMessage<u64> {
    DataMessage::new(tick.frame_number)
}

/// Errors of any kind.
#[actor]
fn parses(#[input] text: &DataMessage<String>) -> std::result::Result<DataMessage<u64>, std::num::ParseIntError> {
    Ok(DataMessage::new(text.parse()?))
}

mod inner {
    use streamlib::prelude::*;

    /// In another module.
    #[actor]
    pub(super) fn plus(#[input] number: &DataMessage<u64>, by: u64) -> DataMessage<u64> {
        DataMessage::new(**number + by)
    }
}

macro_rules! sends {
    ($name:ident, $ty:ty, $value:expr) => {
        /// Made by a macro.
        #[actor]
        fn $name(value: &mut $ty) -> DataMessage<$ty> {
            *value += $value;
            DataMessage::new(*value)
        }
    };
}
sends!(counts, u64, 1);

fn main() {
    /// In a function.
    #[actor]
    fn gain(#[input] number: &DataMessage<u64>, gain: u64) -> DataMessage<f64> {
        DataMessage::new((**number * gain) as f64)
    }
    let _ = pipeline! {
        bars = TestPattern::new(Pattern::White).fps(60);
        bars >> luma(0.5) >> print();
    };
    let _ = pipeline! {
        counts = counts(0).fps(60);
        plus = inner::plus(2);
        counts.output >> plus.number;
        plus >> waits(3) >> gain(1) >> print();
        clock house = VirtualClock::new(Rate::fps(60));
        r#match = r#match() @ house;
        counts >> Null::new();
        r#match >> Null::new();
    };
    let _ = parses();
    let all = all::<VideoFrame, 1, _>("name", [1, 2], "path".into(), "label", 3, Vec::new(), [0], |name| name.is_empty(), Rate::fps(2));
    let _: All<VideoFrame, 1, _> = all;
}
