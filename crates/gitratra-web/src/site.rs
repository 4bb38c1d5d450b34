//! What all pages stand on: the store, the running program, and the rules of the house.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use gitratra_answer::About;
use gitratra_answer::fleet::BookShelf;
use gitratra_core::platform::Rule;
use gitratra_core::{RepoId, RepoName, Timestamp};
use gitratra_store::{FleetRepo, Store};

use crate::Watched;
use crate::layout::Frame;
use crate::params::Params;
use crate::problem::Problem;
use crate::spike_board::SpikeBoard;

/// Who may look without having said who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whoever reaches this machine from itself: everything, and settings too.
    Open,
    /// Everybody: public repositories, and nothing can be changed.
    Public,
}

/// The dashboard's foundation. Clones share it.
#[derive(Clone)]
pub struct Site {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    watched: Arc<dyn Watched>,
    rules: Vec<Rule>,
    mode: Mode,
    shelf: BookShelf,
    spikes: SpikeBoard,
}

impl Site {
    /// A site on a store, for a program that runs. `rules` are the user's own for platforms.
    #[must_use]
    pub fn new(store: Store, watched: Arc<dyn Watched>, rules: Vec<Rule>, mode: Mode) -> Self {
        Self {
            inner: Arc::new(Inner {
                shelf: BookShelf::new(store.clone()),
                spikes: SpikeBoard::default(),
                store,
                watched,
                rules,
                mode,
            }),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn watched(&self) -> &dyn Watched {
        &*self.inner.watched
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.inner.rules
    }

    pub(crate) fn shelf(&self) -> &BookShelf {
        &self.inner.shelf
    }

    pub(crate) fn spikes(&self) -> &SpikeBoard {
        &self.inner.spikes
    }

    pub(crate) fn mode(&self) -> Mode {
        self.inner.mode
    }

    /// GitHub's time as far as it is known.
    pub(crate) fn now(&self) -> Timestamp {
        self.inner.watched.now()
    }

    /// The repository of a name, if the viewer may see it: one that may not be seen and one that is
    /// not there are the same, also in the time that the answer takes.
    pub(crate) async fn repository(
        &self,
        viewer: &Viewer,
        name: &RepoName,
    ) -> Result<Named, Problem> {
        let found = self.store().find(name).await?;
        let id = found.as_ref().map_or(RepoId(0), |found| found.id);
        // Looked up in any case, so that time tells nothing.
        let about = About::read(self.store(), id).await?;
        match (found, about) {
            (Some(found), Some(about)) if viewer.sees(&about) => Ok(Named {
                is_former: found.is_former,
                about,
            }),
            _ => Err(Problem::NotFound),
        }
    }
}

/// A repository by one of its names.
pub(crate) struct Named {
    /// Whether the name is one that it had before.
    pub(crate) is_former: bool,
    pub(crate) about: About,
}

/// Who looks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Viewer {
    pub(crate) sees_private: bool,
    pub(crate) may_change: bool,
}

impl Viewer {
    pub(crate) fn sees(&self, about: &About) -> bool {
        self.sees_private || !about.is_private
    }

    pub(crate) fn sees_in_fleet(&self, repo: &FleetRepo) -> bool {
        self.sees_private || !repo.is_private
    }
}

/// A request for a page: who asks, for what, and the frame it is to be in.
pub(crate) struct Call {
    pub(crate) viewer: Viewer,
    pub(crate) params: Params,
    pub(crate) frame: Frame,
}

impl FromRequestParts<Site> for Call {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let is_open = site.mode() == Mode::Open;
        let viewer = Viewer {
            sees_private: is_open,
            may_change: is_open,
        };
        let frame = Frame {
            may_change: viewer.may_change,
            has_pages: true,
            ..Frame::of(parts)
        };
        Ok(Self {
            params: Params::from_request_parts(parts, site).await?,
            viewer,
            frame,
        })
    }
}
