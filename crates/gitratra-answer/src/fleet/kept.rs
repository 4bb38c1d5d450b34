//! One value that is read now and then, kept for a while, and read once however many ask for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use gitratra_store::StoreError;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

/// However cheap it is to read, a value is good for so long.
const SHORTEST: Duration = Duration::from_secs(10);
/// However dear it is to read, a value is good for no longer.
const LONGEST: Duration = Duration::from_secs(60);
/// A value is good for so many times as long as it takes to read.
const WORTH: u32 = 100;

/// How urgent it is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Somebody waits: as fast as can be.
    Awaited,
    /// Nobody waits: without taking much from those who ask for something else.
    Ahead,
}

type Told<T> = watch::Sender<Option<Result<Arc<T>, StoreError>>>;

/// The value.
pub(super) struct Kept<T> {
    state: Mutex<State<T>>,
    /// How many values of this kind are read at once.
    permits: Arc<Semaphore>,
}

struct State<T> {
    held: Option<Held<T>>,
    /// Whoever is reading, as long as it lives.
    reading: Weak<Told<T>>,
    used_at: Instant,
}

struct Held<T> {
    value: Arc<T>,
    /// When reading it began.
    since: Instant,
    /// How long reading it took.
    cost: Duration,
}

impl<T> Held<T> {
    /// How old it may be to be told at all.
    fn limit(&self) -> Duration {
        (self.cost * WORTH).clamp(SHORTEST, LONGEST)
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    pub(super) fn new(permits: Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                held: None,
                reading: Weak::new(),
                used_at: Instant::now(),
            }),
            permits,
        })
    }

    /// The value as it was read at most some seconds ago. From two thirds of that time on it is read
    /// anew meanwhile; where it is older, or was forgotten, the next one is waited for.
    pub(super) async fn value<R>(
        self: &Arc<Self>,
        read: impl Fn(Pace) -> R + Send + Sync + 'static,
    ) -> Result<Arc<T>, StoreError>
    where
        R: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let read = Arc::new(read);
        let mut told = {
            let mut state = self.state();
            state.used_at = Instant::now();
            let good = state.held.as_ref().and_then(|held| {
                let age = held.since.elapsed();
                let is_fresh = age < held.limit() * 2 / 3;
                (age < held.limit()).then(|| (held.value.clone(), is_fresh))
            });
            match good {
                Some((value, true)) => return Ok(value),
                Some((value, false)) => {
                    if state.reading.strong_count() == 0 {
                        self.start(&mut state, read, Pace::Ahead);
                    }
                    return Ok(value);
                }
                None => match state.reading.upgrade() {
                    Some(reading) => reading.subscribe(),
                    None => self.start(&mut state, read.clone(), Pace::Awaited),
                },
            }
        };
        if let Ok(result) = told.wait_for(Option::is_some).await
            && let Some(result) = &*result
        {
            return result.clone();
        }
        // Whoever was reading came to grief; let the fault show itself here.
        read(Pace::Awaited).await.map(Arc::new)
    }

    /// Lets the value go, and keeps none that is being read.
    pub(super) fn forget(&self) {
        let mut state = self.state();
        state.held = None;
        state.reading = Weak::new();
    }

    /// When somebody last asked for it.
    pub(super) fn used_at(&self) -> Instant {
        self.state().used_at
    }

    fn start<R>(
        self: &Arc<Self>,
        state: &mut State<T>,
        read: Arc<impl Fn(Pace) -> R + Send + Sync + 'static>,
        pace: Pace,
    ) -> watch::Receiver<Option<Result<Arc<T>, StoreError>>>
    where
        R: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let (told, receiver) = watch::channel(None);
        let told = Arc::new(told);
        state.reading = Arc::downgrade(&told);
        let kept = self.clone();
        tokio::spawn(async move {
            let _permit = kept.permits.acquire().await;
            if pace == Pace::Awaited && kept.is_in_vain(&told) {
                return;
            }
            let since = Instant::now();
            let result = read(pace).await.map(Arc::new);
            kept.keep(&told, &result, since);
            told.send_replace(Some(result));
        });
        receiver
    }

    /// Whether everybody who waited has gone; then nobody can begin to wait any more.
    fn is_in_vain(&self, told: &Arc<Told<T>>) -> bool {
        let mut state = self.state();
        let is_in_vain = told.receiver_count() == 0;
        if is_in_vain && std::ptr::eq(state.reading.as_ptr(), Arc::as_ptr(told)) {
            state.reading = Weak::new();
        }
        is_in_vain
    }

    /// Keeps what was read, where it was not forgotten meanwhile.
    fn keep(&self, told: &Arc<Told<T>>, result: &Result<Arc<T>, StoreError>, since: Instant) {
        let mut state = self.state();
        if !std::ptr::eq(state.reading.as_ptr(), Arc::as_ptr(told)) {
            return;
        }
        state.reading = Weak::new();
        if let Ok(value) = result {
            state.held = Some(Held {
                value: value.clone(),
                since,
                cost: since.elapsed(),
            });
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
