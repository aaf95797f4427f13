//! Shows what is counted to Prometheus.

use std::net::SocketAddr;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

use crate::{Error, Result};

/// The limits between which the times of `process` are counted, in seconds.
const LIMITS: [f64; 14] = [
    1e-6, 5e-6, 2e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1,
];

/// Shows the counts of all graphs that start from here on at `http://ADDRESS/metrics`, for as long as the
/// program runs. Whatever else the program tells the `metrics` crate is shown too.
///
/// ```no_run
/// streamlib::profile::prometheus(([127, 0, 0, 1], 9000))?;
/// # Ok::<(), streamlib::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Other`] when the address can't be listened at, or the program has a recorder already.
pub fn prometheus(address: impl Into<SocketAddr>) -> Result<()> {
    let address = address.into();
    let name = Matcher::Full("streamlib_process_seconds".to_owned());
    PrometheusBuilder::new()
        .with_http_listener(address)
        .set_buckets_for_metric(name, &LIMITS)
        .and_then(PrometheusBuilder::install)
        .map_err(|error| Error::other(format!("no metrics can be shown at {address}: {error}")))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use crate::prelude::*;

    fn scrape(address: SocketAddr) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }

    use super::*;

    #[test]
    fn prometheus_reads_what_is_counted() -> Result<()> {
        // A port that is free now, and hardly taken within a moment.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        prometheus(address)?;
        let again = prometheus(address).err();
        assert!(again.is_some_and(|error| error.to_string().contains("127.0.0.1")));
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build()?;
        runtime.block_on(async {
            for _ in 0..2 {
                let clock = VirtualClock::fps(60);
                let show = pipeline! {
                    clock house = clock.clone();
                    bars = TestPattern::new(Pattern::SmpteBars).size(64, 36) @ house;
                    null = Null::<VideoFrame>::new();
                    bars >> null;
                }?;
                clock.advance(100).await?;
                show.stop().await?;
            }
            Ok::<(), Error>(())
        })?;
        let until = Instant::now() + Duration::from_secs(20);
        let labels = r#"actor="null",type="Null",on="threads""#;
        let (ticks, times) = (
            format!("streamlib_ticks_total{{{labels}}} 200"),
            format!("streamlib_process_seconds_count{{{labels}}} 200"),
        );
        loop {
            let text = scrape(address).unwrap_or_default();
            let has = |line: &str| text.lines().any(|found| found == line);
            if has(&ticks) && has(&times) {
                assert!(
                    has(&format!("streamlib_actor_running{{{labels}}} 0")),
                    "{text}"
                );
                assert!(has("# TYPE streamlib_process_seconds histogram"), "{text}");
                return Ok(());
            }
            assert!(Instant::now() < until, "not {ticks} in\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
