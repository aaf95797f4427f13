//! Which vectors the processor has, found while running.

/// What the processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Simd {
    Portable,
    /// Only made where AVX2 was found.
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Simd {
    pub fn found() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            return Self::Avx2;
        }
        Self::Portable
    }
}
