//! The clock that measures waiting. It never tells the time of day: that is GitHub's `Date`.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Measures and spends time; a test brings one that does not really wait.
pub trait Clock: Send + Sync {
    /// Time since some fixed moment; it never goes back.
    fn now(&self) -> Duration;

    /// Returns once `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The machine's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock {
    origin: Instant,
    /// How many times faster than real time it runs.
    speed: f64,
}

impl TokioClock {
    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self::at_speed(1.0)
    }

    /// A clock that runs so many times faster than real time, for simulations; above zero.
    #[must_use]
    pub fn at_speed(speed: f64) -> Self {
        Self {
            origin: Instant::now(),
            speed: speed.max(f64::MIN_POSITIVE),
        }
    }
}

impl Default for TokioClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Duration {
        self.origin.elapsed().mul_f64(self.speed)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let wait = duration.as_secs_f64() / self.speed;
        let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX);
        Box::pin(tokio::time::sleep(wait))
    }
}
