//! Which of the ways in which a device can send pictures comes nearest to what was asked for.

use super::encoding::Encoding;

/// One way in which a device can send pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) encoding: Encoding,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Frames in a thousand seconds; 0 when the device does not say.
    pub(super) millifps: u32,
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) size: (u32, u32),
    pub(super) millifps: u32,
}

/// 1080p30, which most cameras come near to.
impl Default for Wish {
    fn default() -> Self {
        Self {
            size: (1920, 1080),
            millifps: 30_000,
        }
    }
}

/// The mode whose size is nearest; of those the one that is fast enough, or the fastest; of those the one
/// that is the least work; of those the one nearest to the rate.
pub(super) fn choose(modes: &[Mode], wish: Wish) -> Option<Mode> {
    let rank = |mode: &Mode| {
        let size = (
            mode.width.abs_diff(wish.size.0),
            mode.height.abs_diff(wish.size.1),
        );
        (
            u64::from(size.0) + u64::from(size.1),
            wish.millifps.saturating_sub(mode.millifps),
            mode.encoding,
            mode.millifps,
        )
    };
    modes.iter().copied().min_by_key(rank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn mode(encoding: Encoding, width: u32, height: u32, fps: u32) -> Mode {
        Mode {
            encoding,
            width,
            height,
            millifps: fps * 1_000,
        }
    }

    /// As a usual webcam has them.
    const WEBCAM: [Mode; 6] = [
        mode(Encoding::Yuyv, 640, 480, 30),
        mode(Encoding::Yuyv, 1280, 720, 10),
        mode(Encoding::Yuyv, 1920, 1080, 5),
        mode(Encoding::Jpeg, 1280, 720, 60),
        mode(Encoding::Jpeg, 1280, 720, 30),
        mode(Encoding::Jpeg, 1920, 1080, 30),
    ];

    fn chosen(width: u32, height: u32, fps: u32) -> Mode {
        let wish = Wish {
            size: (width, height),
            millifps: fps * 1_000,
        };
        choose(&WEBCAM, wish).expect("there are some")
    }

    #[test]
    fn size_counts_first_then_rate_then_work() {
        assert_eq!(choose(&WEBCAM, Wish::default()), Some(WEBCAM[5]));
        assert_eq!(
            chosen(1920, 1080, 5),
            WEBCAM[2],
            "uncompressed where it is fast enough"
        );
        assert_eq!(
            chosen(1280, 720, 25),
            WEBCAM[4],
            "no faster than it has to be"
        );
        assert_eq!(chosen(1280, 720, 50), WEBCAM[3]);
        assert_eq!(
            chosen(1280, 720, 120),
            WEBCAM[3],
            "the fastest that there is"
        );
        assert_eq!(chosen(1, 1, 30), WEBCAM[0]);
        assert_eq!(choose(&[], Wish::default()), None);
    }

    proptest! {
        #[test]
        fn no_other_mode_of_that_size_is_faster_when_it_is_too_slow(
            sizes in prop::collection::vec((1_u32..4, 1_u32..4, 0_u32..90), 1..20),
            width in 1_u32..5, height in 1_u32..5, fps in 0_u32..90,
        ) {
            let modes: Vec<Mode> = sizes.iter()
                .map(|&(width, height, fps)| mode(Encoding::Uyvy, width, height, fps)).collect();
            let wish = Wish { size: (width, height), millifps: fps * 1_000 };
            let chosen = choose(&modes, wish).expect("there are some");
            let same = modes.iter().filter(|mode| (mode.width, mode.height) == (chosen.width, chosen.height));
            let fastest = same.map(|mode| mode.millifps).max().expect("itself");
            prop_assert!(chosen.millifps >= wish.millifps || chosen.millifps == fastest);
            let distance = |mode: &Mode| mode.width.abs_diff(width) + mode.height.abs_diff(height);
            prop_assert!(modes.iter().all(|mode| distance(mode) >= distance(&chosen)));
        }
    }
}
