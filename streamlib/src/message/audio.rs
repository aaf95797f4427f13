//! Sound, as a handle on pooled memory.

use std::fmt;
use std::time::Duration;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::Message;
use crate::memory::Buffer;
use crate::time::{TimedTick, Timestamp};
use crate::{Error, Result};

/// The fastest that sound is sampled: twice what the best converters do.
const MAX_SAMPLE_RATE: u32 = 1_536_000;
/// The most channels: a MADI link.
const MAX_CHANNELS: usize = 64;
/// The most values in a buffer: 1 GiB.
const MAX_VALUES: usize = 1 << 28;

/// A stretch of sound: samples × channels of `f32`, nominally from -1.0 to 1.0, interleaved.
///
/// A *sample* is one moment: a value for each channel. Like a [`VideoFrame`](super::VideoFrame) it is a
/// handle on pooled memory: cloning it counts a reference, writing to a shared one moves to a copy, and
/// one that is [`reset`](Self::reset) again and again allocates nothing.
///
/// ```
/// use std::time::Duration;
/// use streamlib::message::AudioBuffer;
///
/// // 20 ms of silence in stereo.
/// let mut sound = AudioBuffer::new(48_000, 2, 960)?;
/// assert_eq!(sound.duration(), Duration::from_millis(20));
///
/// sound.view_mut()[[100, 1]] = 0.5; // sample 100, right
/// assert_eq!(sound.samples()[201], 0.5);
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// The default buffer is empty: no samples, no channels, no rate, no memory.
#[derive(Clone, Default)]
pub struct AudioBuffer {
    buffer: Buffer,
    sample_rate: u32,
    channels: usize,
    len: usize,
    timestamp: Timestamp,
    frame_number: u64,
}

impl AudioBuffer {
    /// `len` samples of silence, on `channels` channels at `sample_rate` Hz. A buffer may have 0 samples.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the rate is 0 or above 1,536,000 Hz, when there are 0 or more than 64
    /// channels, when samples × channels is more than 2^28, or when the machine has no memory for it.
    pub fn new(sample_rate: u32, channels: usize, len: usize) -> Result<Self> {
        let mut sound = Self::default();
        sound.reset(sample_rate, channels, len)?; // in a new block, which is zero
        Ok(sound)
    }

    /// Sound with a copy of `samples`: the first sample's value for each channel, then the second's.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the number of values is no multiple of `channels`, when one is NaN or
    /// infinite, and as for [`new`](Self::new).
    ///
    /// ```
    /// use streamlib::message::AudioBuffer;
    ///
    /// let wrong = AudioBuffer::from_samples(48_000, 2, [0.0, 0.1, 0.2]);
    /// assert_eq!(wrong.unwrap_err().to_string(), "samples is 3 values; expected a multiple of the 2 channels");
    /// ```
    pub fn from_samples(
        sample_rate: u32,
        channels: usize,
        samples: impl AsRef<[f32]>,
    ) -> Result<Self> {
        let samples = samples.as_ref();
        check(
            sample_rate,
            channels,
            samples.len().div_ceil(channels.max(1)),
        )?;
        if !samples.len().is_multiple_of(channels) {
            return Err(Error::invalid(
                "samples",
                format_args!("{} values", samples.len()),
                format!("a multiple of the {channels} channels"),
            ));
        }
        if let Some(at) = samples.iter().position(|value| !value.is_finite()) {
            return Err(Error::invalid(
                format!("sample {} of channel {}", at / channels, at % channels),
                samples[at],
                "a finite number, nominally from -1 to 1",
            ));
        }
        let mut sound = Self::new(sample_rate, channels, samples.len() / channels)?;
        sound.samples_mut().copy_from_slice(samples);
        Ok(sound)
    }

    /// Makes this `len` samples for writing, in the memory it has when nobody else holds it, else in
    /// other memory from its pool. What the values are is unspecified: write all of them.
    ///
    /// # Errors
    /// As for [`new`](Self::new); the buffer is then unchanged.
    pub fn reset(&mut self, sample_rate: u32, channels: usize, len: usize) -> Result<()> {
        let values = check(sample_rate, channels, len)?;
        self.buffer.reset(values * size_of::<f32>())?;
        (self.sample_rate, self.channels, self.len) = (sample_rate, channels, len);
        Ok(())
    }

    /// Makes this a copy of `other`, time and number with it, in memory of its own. A copy of an empty
    /// buffer is empty.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the machine has no memory for it; the buffer is then unchanged.
    pub fn copy_from(&mut self, other: &Self) -> Result<()> {
        self.buffer
            .reset(other.buffer.len())?
            .copy_from_slice(&other.buffer);
        (self.sample_rate, self.channels, self.len) =
            (other.sample_rate, other.channels, other.len);
        (self.timestamp, self.frame_number) = (other.timestamp, other.frame_number);
        Ok(())
    }

    /// Samples a second, in Hz; 0 only for an empty buffer.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Values a sample; 0 only for an empty buffer.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Samples, each with a value for every channel.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How long it sounds, rounded down to a nanosecond.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let nanos = self.len as u64 * 1_000_000_000; // at most 2^28 · 2^30: it fits
        Duration::from_nanos(nanos.checked_div(u64::from(self.sample_rate)).unwrap_or(0))
    }

    /// When the buffer was published: the time of the tick.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Which tick of its clock it was published on.
    #[must_use]
    pub fn frame_number(&self) -> u64 {
        self.frame_number
    }

    /// The values: the first sample's for each channel, then the second's.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        self.buffer.as_f32()
    }

    /// The values for writing, copied first when somebody else holds them too. What is written is not
    /// checked: keep it finite.
    ///
    /// # Panics
    /// As `Vec` does, when a copy is needed and the machine has no memory for it.
    pub fn samples_mut(&mut self) -> &mut [f32] {
        self.buffer.make_mut_f32()
    }

    /// The sound as an array of samples × channels.
    ///
    /// # Panics
    /// Never: there is a value for every channel of every sample.
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.len, self.channels), self.samples())
            .expect("samples × channels values")
    }

    /// The sound as an array of samples × channels for writing; see [`samples_mut`](Self::samples_mut).
    ///
    /// # Panics
    /// As [`samples_mut`](Self::samples_mut).
    pub fn view_mut(&mut self) -> ArrayViewMut2<'_, f32> {
        let shape = (self.len, self.channels);
        ArrayViewMut2::from_shape(shape, self.samples_mut()).expect("samples × channels values")
    }

    /// Whether both hold the same memory, so that nothing was copied between them.
    #[must_use]
    pub fn shares_samples_with(&self, other: &Self) -> bool {
        self.buffer.shares_with(&other.buffer)
    }
}

/// How many values there are, if that can be.
fn check(sample_rate: u32, channels: usize, len: usize) -> Result<usize> {
    if sample_rate == 0 || sample_rate > MAX_SAMPLE_RATE {
        return Err(Error::invalid(
            "sample rate",
            format_args!("{sample_rate} Hz"),
            format!("1 to {MAX_SAMPLE_RATE} Hz, such as 48000"),
        ));
    }
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(Error::invalid(
            "channels",
            channels,
            format!("1 to {MAX_CHANNELS} channels"),
        ));
    }
    len.checked_mul(channels)
        .filter(|&values| values <= MAX_VALUES)
        .ok_or_else(|| {
            let most = MAX_VALUES / channels;
            Error::invalid(
                "audio length",
                format_args!("{len} samples"),
                format!("at most {most} on {channels} channels"),
            )
        })
}

/// Sound without its samples.
#[cfg(all(feature = "process", target_os = "linux"))]
#[derive(serde::Serialize, serde::Deserialize)]
struct Head {
    sample_rate: u32,
    channels: u32,
    len: u32,
    timestamp: Timestamp,
    frame_number: u64,
    samples: Option<super::Lent>,
}

/// To another process: the samples stay where they are.
#[cfg(all(feature = "process", target_os = "linux"))]
#[diagnostic::do_not_recommend]
impl<A, K> super::Crosses<A, K> for AudioBuffer {
    fn write(&self, to: &mut super::Writing<'_>) -> Result<()> {
        let samples = to.lend(&self.buffer)?;
        to.value(&Head {
            sample_rate: self.sample_rate,
            channels: self.channels as u32, // at most 64
            len: self.len as u32,           // at most 2^28
            timestamp: self.timestamp,
            frame_number: self.frame_number,
            samples,
        })
    }

    fn read(from: &mut super::Reading<'_>) -> Result<Self> {
        let head: Head = from.value()?;
        let (channels, len) = (head.channels as usize, head.len as usize);
        let values = if head.channels == 0 {
            0
        } else {
            check(head.sample_rate, channels, len)?
        };
        Ok(Self {
            buffer: from.borrow(head.samples, values * size_of::<f32>())?,
            sample_rate: head.sample_rate,
            channels,
            len: if channels == 0 { 0 } else { len },
            timestamp: head.timestamp,
            frame_number: head.frame_number,
        })
    }
}

impl Message for AudioBuffer {
    const NAME: &'static str = "AudioBuffer";

    fn stamp(&mut self, tick: TimedTick) {
        self.timestamp = tick.timestamp;
        self.frame_number = tick.frame_number;
    }
}

/// All but the values.
impl fmt::Debug for AudioBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sample_rate,
            channels,
            len,
            timestamp,
            frame_number,
            ..
        } = self;
        f.debug_struct("AudioBuffer")
            .field("sample_rate", sample_rate)
            .field("channels", channels)
            .field("len", len)
            .field("timestamp", timestamp)
            .field("frame_number", frame_number)
            .finish_non_exhaustive()
    }
}
