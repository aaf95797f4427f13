//! What becomes of a layer when its source falls silent.

use std::time::Duration;

/// What becomes of a layer that gets no new pictures. Times are those of the compositor's ticks, from the
/// first tick on which the last picture was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lost {
    /// Its last picture stays.
    Keep,
    /// It is left out.
    LeaveOut {
        /// How long after its last picture; at once when zero.
        after: Duration,
    },
    /// Its last picture fades to black, and stays black.
    Fade {
        /// How long after its last picture that begins.
        after: Duration,
        /// How long it takes.
        over: Duration,
    },
}

impl Lost {
    /// How much of the layer's light is left this long after its last picture came; `None` when it is left out.
    pub(super) fn light(self, age: Duration) -> Option<f32> {
        match self {
            Self::Keep => Some(1.0),
            Self::LeaveOut { after } => (age < after).then_some(1.0),
            Self::Fade { after, over } => {
                let faded = age.saturating_sub(after);
                if faded.is_zero() {
                    return Some(1.0);
                }
                Some((1.0 - faded.as_secs_f32() / over.as_secs_f32()).max(0.0)) // 0 for no time at all
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_layer_keeps_its_light_as_long_as_it_is_told() {
        let [second, none] = [Duration::from_secs(1), Duration::ZERO];
        assert_eq!(Lost::Keep.light(second * 1000), Some(1.0));
        assert_eq!(Lost::LeaveOut { after: none }.light(none), None);
        assert_eq!(
            Lost::LeaveOut { after: second }.light(second / 2),
            Some(1.0)
        );
        let fade = Lost::Fade {
            after: second,
            over: second * 2,
        };
        let light = [1, 2, 3, 4].map(|age| fade.light(second * age));
        assert_eq!(light, [Some(1.0), Some(0.5), Some(0.0), Some(0.0)]);
        assert_eq!(
            Lost::Fade {
                after: none,
                over: none
            }
            .light(second),
            Some(0.0)
        );
    }
}
