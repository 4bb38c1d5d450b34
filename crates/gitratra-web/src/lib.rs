//! What the running program answers over HTTP: whether it is well, and numbers for Prometheus.
