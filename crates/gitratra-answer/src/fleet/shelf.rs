//! The books that are in use: read once for all who ask, kept for a while, and let go.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use gitratra_core::figures::Step;
use gitratra_core::{DayRange, RepoId};
use gitratra_store::{Store, StoreError};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::answer::FleetAnswer;
use super::book::{Book, step_of};
use super::kept::Kept;
use super::question::{FleetQuestion, Sees};
use super::roll::Roll;
use crate::Asked;

/// What is shown where nobody asks for something else.
const USUAL: Asked = Asked::Last(30);
/// How many books are kept.
const BOOKS: usize = 3;
/// A book that nobody opened for so long is let go.
const UNUSED: Duration = Duration::from_mins(10);
/// How often that is looked for.
const ROUND: Duration = Duration::from_mins(1);
/// Ranges of more days take their time to read, and do not keep the others waiting.
const LONG_DAYS: i64 = 100;
/// Longer ranges are cut to the days that are known.
const LONGEST_DAYS: i64 = 10_000;

/// Keeps the books that are in use. Clones share them.
///
/// A book is good for some seconds: ten, or longer where it takes long to read, and never longer than
/// a minute. What other processes write shows itself after that time; after what this one writes,
/// [`BookShelf::forget`] shows it at once.
#[derive(Clone)]
pub struct BookShelf {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    roll: Arc<Kept<Roll>>,
    shelf: Mutex<Shelf>,
    /// At most one book of few days and one of many are read at once, beside the usual one, which
    /// nobody has to wait for because others ask for something else.
    usual: Arc<Semaphore>,
    few: Arc<Semaphore>,
    many: Arc<Semaphore>,
}

/// What tells one book from another.
type Title = (DayRange, Step);

#[derive(Default)]
struct Shelf {
    books: Vec<(Title, Arc<Kept<Book>>)>,
    /// The book that most come for, which makes no room for others.
    usual: Option<Title>,
    is_tended: bool,
}

impl BookShelf {
    /// An empty shelf.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                roll: Kept::new(Arc::new(Semaphore::new(1))),
                shelf: Mutex::default(),
                usual: Arc::new(Semaphore::new(1)),
                few: Arc::new(Semaphore::new(1)),
                many: Arc::new(Semaphore::new(1)),
            }),
        }
    }

    /// Answers a question about a range; nothing where the viewer sees no day of it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn ask(
        &self,
        asked: Asked,
        step: Option<Step>,
        question: &FleetQuestion<'_>,
    ) -> Result<Option<FleetAnswer>, StoreError> {
        let book = self.book_of(asked, step, question.sees).await?;
        Ok(book.map(|book| book.ask(question)))
    }

    /// The same with a table that begins after a repository, wherever that stands by now, and how many
    /// lines were left out; where it is not found any more, as many as the question says.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn ask_after(
        &self,
        asked: Asked,
        step: Option<Step>,
        question: &FleetQuestion<'_>,
        after: RepoId,
    ) -> Result<Option<(usize, FleetAnswer)>, StoreError> {
        let book = self.book_of(asked, step, question.sees).await?;
        Ok(book.map(|book| {
            let offset = book.lines_to(question, after).unwrap_or(question.offset);
            let question = FleetQuestion {
                offset,
                ..*question
            };
            (offset, book.ask(&question))
        }))
    }

    async fn book_of(
        &self,
        asked: Asked,
        step: Option<Step>,
        sees: Sees<'_>,
    ) -> Result<Option<Arc<Book>>, StoreError> {
        let known = self.roll().await?.known(sees);
        let range = known.and_then(|known| {
            let range = asked.of(known)?;
            match range.days() > LONGEST_DAYS {
                true => range.intersection(known),
                false => Some(range),
            }
        });
        let Some(range) = range else {
            return Ok(None);
        };
        // Folded otherwise, the same days are another book, and not what most come for.
        let usual = step_of(range, None);
        if asked == USUAL && step_of(range, step) == usual {
            self.inner.shelf().usual = Some((range, usual));
        }
        Ok(Some(self.book(range, step).await?))
    }

    /// Who is in the fleet.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn roll(&self) -> Result<Arc<Roll>, StoreError> {
        self.tend();
        let store = self.inner.store.clone();
        let read = move |_| {
            let store = store.clone();
            async move { Roll::read(&store).await }
        };
        self.inner.roll.value(read).await
    }

    /// The book of a range.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn book(&self, range: DayRange, step: Option<Step>) -> Result<Arc<Book>, StoreError> {
        let step = step_of(range, step);
        let kept = self.inner.place(range, step);
        self.tend();
        let shelf = self.clone();
        let read = move |pace| {
            let shelf = shelf.clone();
            async move {
                let roll = shelf.roll().await?;
                Book::read(&shelf.inner.store, roll, (range, Some(step)), pace).await
            }
        };
        kept.value(read).await
    }

    /// Lets everything go that was read so far, so that whoever asks next is told what is there now.
    pub fn forget(&self) {
        self.inner.roll.forget();
        for (_, kept) in &self.inner.shelf().books {
            kept.forget();
        }
    }

    /// How many books are kept.
    #[must_use]
    pub fn books(&self) -> usize {
        self.inner.shelf().books.len()
    }

    /// Sees to it that what is not used is let go.
    fn tend(&self) {
        let mut shelf = self.inner.shelf();
        if std::mem::replace(&mut shelf.is_tended, true) {
            return;
        }
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(tend(inner));
    }
}

/// Lets go what is not used, until there is nothing left.
async fn tend(inner: Weak<Inner>) {
    loop {
        tokio::time::sleep(ROUND).await;
        let Some(inner) = inner.upgrade() else { return };
        let is_used = |used_at: Instant| used_at.elapsed() < UNUSED;
        let mut shelf = inner.shelf();
        shelf.books.retain(|(_, kept)| is_used(kept.used_at()));
        if shelf.books.is_empty() && !is_used(inner.roll.used_at()) {
            inner.roll.forget();
            shelf.is_tended = false;
            return;
        }
    }
}

impl Inner {
    /// The place of a book, making room where there is none.
    fn place(&self, range: DayRange, step: Step) -> Arc<Kept<Book>> {
        let title = (range, step);
        let mut shelf = self.shelf();
        if let Some((_, kept)) = shelf.books.iter().find(|(of, _)| *of == title) {
            return kept.clone();
        }
        if shelf.books.len() >= BOOKS {
            let usual = shelf.usual;
            let places = shelf.books.iter().enumerate();
            let others = places.filter(|(_, (of, _))| Some(*of) != usual);
            let oldest = others.min_by_key(|(_, (_, kept))| kept.used_at());
            if let Some((at, _)) = oldest {
                shelf.books.swap_remove(at);
            }
        }
        let is_long = range.days() > LONG_DAYS;
        let permits = match (shelf.usual == Some(title), is_long) {
            (true, _) => &self.usual,
            (false, true) => &self.many,
            (false, false) => &self.few,
        };
        let kept = Kept::new(permits.clone());
        shelf.books.push((title, kept.clone()));
        kept
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
