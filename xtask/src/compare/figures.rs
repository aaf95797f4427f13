//! Figures with names, read from a line of JSON or made of times.

/// Figures with names.
#[derive(Debug, PartialEq)]
pub struct Figures(Vec<(String, f64)>);

impl Figures {
    /// Figures by their names.
    pub fn of<const N: usize>(figures: [(&str, f64); N]) -> Self {
        Self(figures.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// Reads the last line that is a flat JSON object of numbers: `{"p50_us": 4.1, "lost": 0}`.
    ///
    /// # Errors
    /// When there is no such line.
    pub fn read(output: &str) -> Result<Self, String> {
        let parse = |line: &str| {
            let inside = line.trim().strip_prefix('{')?.strip_suffix('}')?;
            let figures = inside.split(',').map(|pair| {
                let (name, value) = pair.split_once(':')?;
                Some((
                    name.trim().trim_matches('"').to_owned(),
                    value.trim().parse().ok()?,
                ))
            });
            figures.collect::<Option<Vec<_>>>()
        };
        match output.lines().rev().find_map(parse) {
            Some(figures) => Ok(Self(figures)),
            None => Err(format!(
                "expected a line of figures as JSON, got {output:?}"
            )),
        }
    }

    /// Median, 99th and 99.9th percentile and maximum of `times` in nanoseconds, and between the first
    /// two, as microseconds; the first tenth is left out, as it is on our side.
    pub fn quantiles(times: &[u64]) -> Self {
        let mut sorted = times[times.len() / 10..].to_vec();
        sorted.sort_unstable();
        let quantile = |q: f64| {
            let rank = (q * sorted.len() as f64).ceil() as usize;
            sorted
                .get(rank.saturating_sub(1))
                .map_or(f64::NAN, |&ns| ns as f64 / 1e3)
        };
        let (p50, p99) = (quantile(0.5), quantile(0.99));
        let figures = [
            ("p50_us", p50),
            ("p99_us", p99),
            ("p999_us", quantile(0.999)),
            ("max_us", quantile(1.0)),
            ("spread_us", p99 - p50),
        ];
        Self::of(figures)
    }

    /// One figure.
    pub fn one(name: &str, value: f64) -> Self {
        Self(vec![(name.to_owned(), value)])
    }

    /// One more figure.
    pub fn and(mut self, name: &str, value: f64) -> Self {
        self.0.push((name.to_owned(), value));
        self
    }

    /// The figure of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_last_line_of_figures() {
        let figures = Figures::read("warming {up}\n{\"p50_us\": 4.5, \"lost\": 0}\n").unwrap();
        assert_eq!(figures.get("p50_us"), Some(4.5));
        assert_eq!(figures.get("lost"), Some(0.0));
        assert_eq!(figures.get("p99_us"), None);
        assert!(Figures::read("nothing").is_err());
        assert!(Figures::read("{\"us\": fast}").is_err());
    }

    #[test]
    fn takes_quantiles_after_the_first_tenth() {
        let mut times = vec![1_000_000; 100];
        times.extend((1..=900).map(|time| time * 1_000));
        let figures = Figures::quantiles(&times);
        assert_eq!(figures.get("p50_us"), Some(450.0));
        assert_eq!(figures.get("p999_us"), Some(900.0));
    }
}
