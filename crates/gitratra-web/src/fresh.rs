//! What must be as it is now: asked anew for whoever comes, and shared only by those who came before
//! it was asked.
//!
//! Several of this program may stand at one store. What one of them changes the next request has to
//! find changed, whichever of them that meets, so nothing that decides who sees what is remembered.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// Who waits for longer for somebody else's question asks by themselves.
const PATIENCE: Duration = Duration::from_secs(1);

/// The last answer, with when its question began.
#[derive(Debug)]
pub(crate) struct Fresh<T> {
    last: Mutex<Option<(Instant, T)>>,
}

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self {
            last: Mutex::new(None),
        }
    }
}

impl<T: Clone> Fresh<T> {
    /// An answer to a question that began no earlier than this: however many come, one question is
    /// asked at a time.
    ///
    /// # Errors
    /// What asking ends with.
    pub(crate) async fn or<E>(&self, ask: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let came = Instant::now();
        let Ok(mut last) = tokio::time::timeout(PATIENCE, self.last.lock()).await else {
            return ask.await;
        };
        if let Some((began, answer)) = &*last
            && *began >= came
        {
            return Ok(answer.clone());
        }
        let began = Instant::now();
        let answer = ask.await?;
        *last = Some((began, answer.clone()));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn only_those_who_came_before_the_question_share_its_answer() {
        let fresh = Fresh::default();
        let asked = AtomicU32::new(0);
        let ask = || async {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            // The others come while the first question is on its way.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            Ok::<_, ()>(number)
        };
        let all = tokio::join!(
            fresh.or(ask()),
            async {
                tokio::task::yield_now().await;
                fresh.or(ask()).await
            },
            async {
                tokio::task::yield_now().await;
                fresh.or(ask()).await
            }
        );
        assert_eq!(all, (Ok(0), Ok(1), Ok(1)));
        assert_eq!(fresh.or(ask()).await, Ok(2));
    }

    #[tokio::test]
    async fn a_question_that_failed_is_asked_again() {
        let fresh = Fresh::default();
        assert_eq!(fresh.or(async { Err::<u8, _>("no") }).await, Err("no"));
        assert_eq!(fresh.or(async { Ok::<u8, &str>(1) }).await, Ok(1));
    }
}
