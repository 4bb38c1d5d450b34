//! An answer that is worked out at most once in a while, however many ask for it.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// The last answer and when it was worked out.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    age: Duration,
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Recent<T> {
    /// Answers may be so old.
    pub(crate) fn new(age: Duration) -> Self {
        Self {
            age,
            last: Mutex::new(None),
        }
    }

    /// The last answer, or a new one where that is too old. Who asks meanwhile waits for it.
    pub(crate) async fn or(&self, work: impl Future<Output = T>) -> T {
        let mut last = self.last.lock().await;
        if let Some((at, value)) = &*last
            && at.elapsed() < self.age
        {
            return value.clone();
        }
        let value = work.await;
        *last = Some((Instant::now(), value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_who_ask_at_once_cost_one_answer() {
        let recent = Recent::new(Duration::from_secs(3600));
        let worked = AtomicU32::new(0);
        let work = || async {
            tokio::task::yield_now().await;
            worked.fetch_add(1, Ordering::Relaxed)
        };
        let (a, b, c) = tokio::join!(recent.or(work()), recent.or(work()), recent.or(work()));
        assert_eq!((a, b, c), (0, 0, 0));
    }

    #[tokio::test]
    async fn an_old_answer_is_not_given() {
        let recent = Recent::new(Duration::ZERO);
        assert_eq!(recent.or(async { 1 }).await, 1);
        assert_eq!(recent.or(async { 2 }).await, 2);
    }
}
