//! What time the master has now, estimated from packets that each took an unknown time to come.

/// So many exchanges each way make a beginning.
const BEGINNING: usize = 5;
/// The prior standard deviation of the oscillator's frequency: 100 parts in a million.
const PRIOR_FREQUENCY: f64 = 1e-4;
/// The greatest frequency deviation that is believed.
const MOST_FREQUENCY: f64 = 1e-3;
/// How an oscillator's frequency wanders, as variance a nanosecond: 10 parts in 10⁹ in a second.
const FREQUENCY_WANDER: f64 = 1e-16 / 1e9;
/// How the path delay wanders, in square nanoseconds a nanosecond: 30 ns in a second.
const DELAY_WANDER: f64 = 900.0 / 1e9;
/// The standard deviation of a packet's timestamps: the least to begin with, and the least there is.
const FIRST_NOISE: f64 = 20_000.0;
const LEAST_NOISE: f64 = 100.0;
/// How much of the newest deviation goes into the noise.
const NOISE_GAIN: f64 = 1.0 / 16.0;
/// A deviation of more standard deviations than this counts as one of this many.
const CLIP: f64 = 3.0;
/// And one of more than this counts for nothing.
const STRAGGLER: f64 = 6.0;
/// What a deviation may at most add to the noise, as a multiple of it: so little that a few stragglers
/// don't.
const MOST_NOISE: f64 = 3.0;
/// So many clipped deviations of one way in a row, all on one side, are no noise: the master has moved, or
/// the path is another.
const SURPRISE: i32 = 8;
/// A packet that comes later than this after a newer one says nothing any more.
const LATE_NANOS: i64 = 2_000_000_000;

/// Which way a packet went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Sync: the master stamped its sending, we its coming.
    FromMaster,
    /// Delay request: we stamped its sending, the master its coming.
    ToMaster,
    /// No packet: the two clocks were read at one moment.
    Reading,
}

/// One event, stamped by both clocks, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub direction: Direction,
    /// On the monotonic clock of this machine.
    pub local: i64,
    /// On the master's clock.
    pub master: i64,
}

/// A Kalman filter of three states: the offset of the master's time from the monotonic clock, its rate
/// of change, and the mean path delay.
///
/// The noise of the packets is measured as they come. One that deviates by far pulls no more than one that
/// deviates by three standard deviations, one that deviates by six pulls nothing, and a row of them says
/// that the master has moved.
#[derive(Clone, Debug)]
pub(super) struct Estimate {
    /// Master minus local at the first exchange; `offset` is what there is beyond it.
    base: i64,
    /// The local time of the state.
    at: i64,
    /// Offset (ns), frequency (ns / ns), path delay (ns).
    state: [f64; 3],
    variance: [[f64; 3]; 3],
    /// The variance of the packets from the master, and to it.
    noise: [f64; 2],
    /// How many deviations in a row were clipped, each way; the sign is theirs.
    clipped: [i32; 2],
    /// Exchanges from the master, and to it.
    seen: [u32; 2],
    /// Whether there is a path between the clocks, whose delay is to be measured.
    path: bool,
}

impl Estimate {
    /// Begins with the median of some exchanges, so that no single one decides; `None` while there are
    /// too few.
    pub(super) fn begin(exchanges: &[Exchange]) -> Option<Self> {
        let last = exchanges.last()?;
        let path = last.direction != Direction::Reading;
        let (here, base) = (last.local, last.master - last.local);
        let offsets = |to_master: bool| {
            let way = exchanges
                .iter()
                .filter(|exchange| (exchange.direction == Direction::ToMaster) == to_master);
            let offset = |exchange: &Exchange| (exchange.master - exchange.local - base) as f64;
            way.map(offset).collect::<Vec<_>>()
        };
        let (coming, coming_noise) = median(offsets(false))?;
        let (going, going_noise) = if path {
            median(offsets(true))?
        } else {
            (coming, coming_noise)
        };
        let noise = [coming_noise, going_noise].map(|noise| noise.max(FIRST_NOISE).powi(2));
        // Medians of five, and an unknown frequency over the time that they took.
        let took = exchanges.first().map_or(0, |first| here - first.local) as f64;
        let offset = (noise[0] + noise[1]) / 10.0 + (PRIOR_FREQUENCY * took).powi(2) / 4.0;
        let delay = if path { offset } else { 0.0 };
        Some(Self {
            base,
            at: here,
            state: [f64::midpoint(coming, going), 0.0, (going - coming) / 2.0],
            variance: diagonal([offset, PRIOR_FREQUENCY.powi(2), delay]),
            noise,
            clipped: [0; 2],
            seen: [0; 2],
            path,
        })
    }

    /// The master's time at a local time.
    pub(super) fn time(&self, local: i64) -> i64 {
        let ahead = (local - self.at) as f64;
        let offset = self.state[0] + self.state[1] * ahead;
        local
            .saturating_add(self.base)
            .saturating_add(offset as i64)
    }

    /// By how much the master's clock is faster than ours: 1e-6 is one part in a million.
    pub(super) fn frequency(&self) -> f64 {
        self.state[1]
    }

    /// The mean path delay, in nanoseconds.
    pub(super) fn path_delay(&self) -> f64 {
        self.state[2]
    }

    /// The standard deviation of [`time`](Self::time) at a local time, in nanoseconds.
    pub(super) fn deviation(&self, local: i64) -> f64 {
        let mut ahead = self.clone();
        ahead.advance(local);
        ahead.variance[0][0].max(0.0).sqrt()
    }

    /// The standard deviation of the packets, in nanoseconds.
    pub(super) fn noise(&self) -> f64 {
        self.noise[0].max(self.noise[1]).sqrt()
    }

    /// Exchanges from the master (readings among them), and to it.
    pub(super) fn seen(&self) -> [u32; 2] {
        self.seen
    }

    /// Whether there is a path between the clocks, whose delay is to be measured.
    pub(super) fn has_path(&self) -> bool {
        self.path
    }

    /// What an exchange says against the estimate, in nanoseconds: positive when the master is later.
    pub(super) fn deviation_of(&self, exchange: Exchange) -> f64 {
        let (row, _) = self.row(exchange);
        self.measured(exchange) - dot(row, self.state)
    }

    /// Takes an exchange in. False when it is the last of a row that no noise explains.
    pub(super) fn take(&mut self, exchange: Exchange) -> bool {
        if exchange.local < self.at - LATE_NANOS {
            return true;
        }
        self.advance(exchange.local);
        let (row, way) = self.row(exchange);
        let deviation = self.measured(exchange) - dot(row, self.state);
        let column = self.variance.map(|line| dot(line, row));
        let known = dot(row, column);
        let noise = self.noise[way].max(LEAST_NOISE.powi(2));
        let total = known + noise;
        let limit = CLIP * total.sqrt();
        let excess = (deviation * deviation - known).clamp(0.0, MOST_NOISE * noise);
        self.noise[way] = noise + NOISE_GAIN * (excess - noise);
        self.seen[way] = self.seen[way].saturating_add(1);

        if deviation.abs() <= STRAGGLER * total.sqrt() {
            let believed = deviation.clamp(-limit, limit);
            let gain = column.map(|value| value / total);
            for (state, gain) in self.state.iter_mut().zip(gain) {
                *state += gain * believed;
            }
            self.state[1] = self.state[1].clamp(-MOST_FREQUENCY, MOST_FREQUENCY);
            self.variance = joseph(self.variance, gain, row, noise);
        }
        let clipped = &mut self.clipped[way];
        *clipped = match () {
            () if deviation > limit => (*clipped).max(0) + 1,
            () if deviation < -limit => (*clipped).min(0) - 1,
            () => 0,
        };
        if clipped.abs() < SURPRISE {
            return true;
        }
        self.clipped = [0; 2];
        self.doubt(deviation.abs());
        false
    }

    /// Offset and delay may be wrong by so many nanoseconds: what comes next counts for more.
    pub(super) fn doubt(&mut self, nanos: f64) {
        self.variance[0][0] += nanos * nanos;
        self.variance[2][2] += nanos * nanos;
    }

    fn measured(&self, exchange: Exchange) -> f64 {
        (exchange.master - exchange.local - self.base) as f64
    }

    /// How an exchange depends on the state, and which noise is its.
    fn row(&self, exchange: Exchange) -> ([f64; 3], usize) {
        let ahead = (exchange.local - self.at) as f64;
        match exchange.direction {
            Direction::FromMaster => ([1.0, ahead, -1.0], 0),
            Direction::ToMaster => ([1.0, ahead, 1.0], 1),
            Direction::Reading => ([1.0, ahead, 0.0], 0),
        }
    }

    /// Lets the time go on to `local`; earlier times are left to the row of the exchange.
    fn advance(&mut self, local: i64) {
        let step = (local - self.at) as f64;
        if step <= 0.0 {
            return;
        }
        self.at = local;
        self.state[0] += self.state[1] * step;
        let v = &mut self.variance;
        let wander = FREQUENCY_WANDER * step;
        v[0][0] += step * (v[0][1] + v[1][0] + step * v[1][1]) + wander * step * step / 3.0;
        v[0][1] += step * v[1][1] + wander * step / 2.0;
        v[1][0] = v[0][1];
        v[0][2] += step * v[1][2];
        v[2][0] = v[0][2];
        v[1][1] += wander;
        v[2][2] += DELAY_WANDER * step;
    }
}

/// The median of at least [`BEGINNING`] values, and how far they are from it: the standard deviation, if
/// they are spread as noise is.
fn median(mut values: Vec<f64>) -> Option<(f64, f64)> {
    if values.len() < BEGINNING {
        return None;
    }
    let middle = values.len() / 2;
    let (_, median, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let median = *median;
    let mut away: Vec<_> = values.iter().map(|value| (value - median).abs()).collect();
    let (_, deviation, _) = away.select_nth_unstable_by(middle, f64::total_cmp);
    Some((median, 1.5 * *deviation))
}

fn diagonal(values: [f64; 3]) -> [[f64; 3]; 3] {
    let [a, b, c] = values;
    [[a, 0.0, 0.0], [0.0, b, 0.0], [0.0, 0.0, c]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The variance after a measurement in Joseph's form, which stays symmetric and positive whatever is
/// rounded: (1 − g·r) V (1 − g·r)ᵀ + g noise gᵀ.
fn joseph(variance: [[f64; 3]; 3], gain: [f64; 3], row: [f64; 3], noise: f64) -> [[f64; 3]; 3] {
    let mut left = diagonal([1.0; 3]);
    for (line, gain) in left.iter_mut().zip(gain) {
        for (cell, row) in line.iter_mut().zip(row) {
            *cell -= gain * row;
        }
    }
    let half = left.map(|line| variance.map(|column| dot(line, column)));
    let mut result = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            result[i][j] = dot(half[i], left[j]) + gain[i] * noise * gain[j];
        }
    }
    result
}
