//! What all pages stand on: the store, the running program, and the rules of the house.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use gitratra_answer::About;
use gitratra_answer::fleet::BookShelf;
use gitratra_core::platform::Rule;
use gitratra_core::{RepoId, RepoName, Role, Timestamp};
use gitratra_store::{FleetRepo, Store};

use crate::Watched;
use crate::access::{self, Access, HasAccess, Refused, Viewer};
use crate::api::ApiOrigin;
use crate::layout::Frame;
use crate::params::Params;
use crate::problem::Problem;
use crate::replica::Replica;
use crate::spike_board::SpikeBoard;

/// The dashboard's foundation. Clones share it.
#[derive(Clone)]
pub struct Site {
    inner: Arc<Inner>,
    api_origins: Arc<[ApiOrigin]>,
    /// Where pages are read from as long as that is good enough.
    replica: Option<Replica>,
}

struct Inner {
    store: Store,
    watched: Arc<dyn Watched>,
    rules: Vec<Rule>,
    access: Access,
    shelf: BookShelf,
    spikes: SpikeBoard,
}

impl Site {
    /// A site on a store, for a program that runs. `rules` are the user's own for platforms.
    #[must_use]
    pub fn new(store: Store, watched: Arc<dyn Watched>, rules: Vec<Rule>, access: Access) -> Self {
        Self {
            inner: Arc::new(Inner {
                shelf: BookShelf::new(store.clone()),
                spikes: SpikeBoard::default(),
                store,
                watched,
                rules,
                access,
            }),
            api_origins: Arc::new([]),
            replica: None,
        }
    }

    /// The same, read from a copy that the store's server makes of itself ([`Store::follow`]) wherever
    /// that has what matters. Who may look, and whatever is changed, stays with the store.
    #[must_use]
    pub fn with_copy(self, copy: Store) -> Self {
        Self {
            replica: Some(Replica::new(copy)),
            ..self
        }
    }

    pub(crate) fn replica(&self) -> Option<&Replica> {
        self.replica.as_ref()
    }

    /// The site whose pages are read from the copy alone.
    pub(crate) fn of_copy(&self) -> Option<Self> {
        let copy = self.replica.as_ref()?.copy().clone();
        let inner = Inner {
            shelf: BookShelf::new(copy.clone()),
            spikes: SpikeBoard::default(),
            store: copy,
            watched: Arc::clone(&self.inner.watched),
            rules: self.inner.rules.clone(),
            access: self.inner.access.clone(),
        };
        Some(Self {
            inner: Arc::new(inner),
            ..self.clone()
        })
    }

    /// The same, with pages of these origins that may read the API from a browser; without, none may.
    #[must_use]
    pub fn with_api_origins(self, origins: Vec<ApiOrigin>) -> Self {
        Self {
            api_origins: origins.into(),
            ..self
        }
    }

    pub(crate) fn api_origins(&self) -> &[ApiOrigin] {
        &self.api_origins
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

    /// Whether a proxy of ours stands before it.
    pub(crate) fn has_proxy(&self) -> bool {
        self.inner.access.rules().has_proxy
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
        // Looked up in any case, and nothing more before it is clear that it may be seen, so that
        // time tells nothing.
        let known = self.store().repository(id).await?;
        let known = known.filter(|known| {
            let repo = &known.repository;
            viewer.scope.sees(repo.id, &repo.name, repo.is_private)
        });
        let (Some(found), Some(known)) = (found, known) else {
            return Err(Problem::NotFound);
        };
        let mut about = About::of(self.store(), known).await?;
        let problems = about.problems.into_iter();
        about.problems = problems.map(|problem| viewer.told(problem)).collect();
        Ok(Named {
            // Also where only its letters are written otherwise.
            is_moved: found.is_former || about.name.to_string() != name.to_string(),
            about,
        })
    }
}

/// A repository by one of its names.
pub(crate) struct Named {
    /// Whether its name is written otherwise now.
    pub(crate) is_moved: bool,
    pub(crate) about: About,
}

impl HasAccess for Site {
    fn access(&self) -> &Access {
        &self.inner.access
    }
}

impl Viewer {
    pub(crate) fn sees(&self, about: &About) -> bool {
        self.scope.sees(about.id, &about.name, about.is_private)
    }

    pub(crate) fn sees_in_fleet(&self, repo: &FleetRepo) -> bool {
        self.scope.sees(repo.id, &repo.name, repo.is_private)
    }

    /// What went wrong, as they may know it: texts of GitHub's with addresses and names of credentials
    /// are for those who can mend it.
    pub(crate) fn told(&self, problem: gitratra_store::Problem) -> gitratra_store::Problem {
        match self.may_change() {
            true => problem,
            false => gitratra_store::Problem {
                message: "GitHub's answer was not good".to_owned(),
                action: String::new(),
                ..problem
            },
        }
    }

    /// Whether they may change what is tracked and noted.
    pub(crate) fn may_change(&self) -> bool {
        self.may(Role::Editor)
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
        let refused = |refused: Refused| match refused {
            Refused::Store(error) => Problem::Store(error),
            Refused::Token => Problem::LogIn("/".to_owned()),
        };
        let viewer = Viewer::from_request_parts(parts, site).await;
        let viewer = viewer.map_err(refused)?;
        let frame = access::frame(site.access(), &viewer, parts).await;
        Ok(Self {
            params: Params::from_request_parts(parts, site).await?,
            frame: frame.map_err(refused)?,
            viewer,
        })
    }
}
