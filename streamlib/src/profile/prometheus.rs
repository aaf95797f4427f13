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
