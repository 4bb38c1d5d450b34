//! One repository: everything that is known of it in a range.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gitratra_answer::{About, RepoAnswer, RepoQuestion};
use gitratra_core::{Metric, RepoName, plan};
use maud::{Markup, html};

use super::words;
use crate::embed;
use crate::layout;
use crate::params::{Params, View};
use crate::problem::Problem;
use crate::site::{Call, Site};

mod beside;
mod controls;
mod happened;
mod key;
mod sources;
mod traffic;

pub(super) use traffic::large;

/// A repository of an address and what is known of it in the range of the address.
pub(crate) struct Read {
    pub(crate) about: About,
    /// Nothing where nothing is known of the range, and where it has another name now.
    pub(crate) answer: Option<RepoAnswer>,
    /// Whether its name is written otherwise now.
    pub(crate) is_moved: bool,
}

/// Reads what an address asks for.
pub(crate) async fn read(
    site: &Site,
    call: &Call,
    owner: &str,
    repo: &str,
) -> Result<Read, Problem> {
    // What can be no name is as little there as what nobody has.
    let name = RepoName::new(owner, repo).map_err(|_| Problem::NotFound)?;
    let named = site.repository(&call.viewer, &name).await?;
    let about = named.about;
    if named.is_moved {
        return Ok(Read {
            about,
            answer: None,
            is_moved: true,
        });
    }
    let view = View::of(&call.params)?;
    let range = about.known.and_then(|known| view.asked.of(known));
    if range.is_some_and(|range| !View::is_sane(range)) {
        return Err(Problem::Bad("the range is longer than 40 years".to_owned()));
    }
    let question = RepoQuestion {
        asked: view.asked,
        over: view.over,
        step: view.step,
        rules: site.rules(),
    };
    let answer = RepoAnswer::read(site.store(), &about, &question).await?;
    Ok(Read {
        about,
        answer,
        is_moved: false,
    })
}

pub(crate) async fn page(
    State(site): State<Site>,
    Path((owner, repo)): Path<(String, String)>,
    call: Call,
) -> Result<Response, Problem> {
    let read = read(&site, &call, &owner, &repo).await?;
    if read.is_moved {
        return Ok(moved(&read.about.name, &call.params));
    }
    let view = View::of(&call.params)?;
    let shown = Shown {
        site: &site,
        about: &read.about,
        view: &view,
        params: &call.params,
    };
    let mut pictures = pictures(&read.about.name);
    if read.about.is_private && call.viewer.may_change() {
        for picture in &mut pictures {
            *picture = embed::signed(&site, picture, read.about.id).await?;
        }
    }
    let may_change = call.viewer.may_change();
    let body = shown.body(read.answer.as_ref(), &pictures, may_change);
    let page = layout::page(&call.frame, &read.about.name.to_string(), &body);
    Ok(page.into_response())
}

/// The present address of a repository that was asked for by another name.
fn moved(name: &RepoName, params: &Params) -> Response {
    let to = format!("{}{params}", words::path_of(name));
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
}

/// What all parts of the page need.
#[derive(Clone, Copy)]
struct Shown<'a> {
    site: &'a Site,
    about: &'a About,
    view: &'a View,
    params: &'a Params,
}

impl Shown<'_> {
    fn body(
        &self,
        answer: Option<&RepoAnswer>,
        pictures: &[String; 2],
        may_change: bool,
    ) -> Markup {
        html! {
            (self.title())
            (self.troubles())
            @if let Some(answer) = answer {
                (controls::controls(self, answer))
                (key::figures(self, answer))
                (traffic::panel(self, answer, Metric::Views))
                (traffic::panel(self, answer, Metric::Clones))
                (happened::panel(self, answer, may_change))
                (sources::panels(self, answer))
                (beside::panels(self, answer))
                (traffic::weekdays(answer))
                (embeds(self, pictures, may_change))
            } @else {
                (self.nothing())
            }
        }
    }

    fn title(&self) -> Markup {
        let About {
            name,
            is_private,
            is_archived,
            is_fork,
            gone,
            profile,
            ..
        } = self.about;
        let profile = profile.as_ref().map(|(_, profile)| profile);
        html! {
            div class="title" {
                h1 {
                    a href={ "/?owner=" (name.owner()) } { (name.owner()) }
                    span class="muted" { " / " }
                    (name.name())
                }
                @if *is_private { span class="tag" { "private" } }
                @if *is_fork { span class="tag" { "fork" } }
                @if *is_archived { span class="tag" { "archived" } }
                @if let Some(gone) = gone { span class="tag bad" { "gone: GitHub answers " (gone.status) } }
                @if let Some(text) = profile.and_then(|profile| profile.description.as_deref()) {
                    p { (text) }
                }
                p class="muted small" {
                    (self.safety())
                    @if let Some(former) = self.about.former.first() { " · was called " (former) }
                    " · "
                    a href={ "https://github.com/" (name) } rel="noreferrer" { "on GitHub" }
                }
            }
        }
    }

    /// Up to when it is known, and how long nothing can be lost.
    fn safety(&self) -> Markup {
        let now = self.site.now();
        let Some(newest) = self.about.held.newest() else {
            return html! { "no day was read yet" };
        };
        let safe = plan::days_safe(newest, now);
        let is_over = self.about.gone.is_some();
        html! {
            "newest day " (words::day(newest))
            @if !is_over {
                " · "
                @if safe == 0 { span class="tag bad" { "days are being lost" } }
                @else if safe <= 3 { span class="tag warn" { "safe for " (words::counted(safe.into(), "day")) } }
                @else { "safe for " (words::counted(safe.into(), "day")) }
            }
        }
    }

    /// What went wrong with it last, and what to do.
    fn troubles(&self) -> Markup {
        html! {
            @if !self.about.problems.is_empty() {
                div class="notice warn" role="status" {
                    "The last questions to GitHub failed:"
                    ul {
                        @for problem in &self.about.problems {
                            li { (problem.endpoint.word()) ": " (problem.message) @if !problem.action.is_empty() { " – " (problem.action) } }
                        }
                    }
                }
            }
        }
    }

    fn nothing(&self) -> Markup {
        html! {
            section class="panel" {
                @match self.about.known {
                    Some(known) => {
                        p { "Nothing is known of it in " (self.view.range) ". Days from " (words::days(known)) " are." }
                        p { a class="button" href=(self.params.with("range", Some("all")).with("from", None).with("to", None)) { "Show them" } }
                    }
                    None => p { "No day of it was read yet. The collector reads it soon; GitHub publishes a day between about 06:30 and 09:00 UTC of the next." }
                }
            }
        }
    }
}

/// Where the badge and the chart of a repository are.
fn pictures(name: &RepoName) -> [String; 2] {
    [
        format!("/badge/{name}/views.svg?range=30d"),
        format!("/chart/{name}/views.svg?range=90d&theme=auto"),
    ]
}

/// Badges and charts for a README, with what to paste.
fn embeds(shown: &Shown<'_>, [badge, chart]: &[String; 2], may_change: bool) -> Markup {
    let name = &shown.about.name;
    html! {
        section class="panel" aria-labelledby="embed" {
            header { h2 id="embed" { "Show it elsewhere" } }
            div class="pair" {
                (embed("badge", "A badge", badge, name))
                (embed("picture", "A chart", chart, name))
            }
            @if shown.about.is_private {
                p class="muted small" {
                    @if may_change { "The repository is private: whoever has these signed addresses sees these two pictures, and nothing else." }
                    @else { "The repository is private: these addresses work for those who are logged in." }
                }
            }
        }
    }
}

fn embed(id: &str, label: &str, path: &str, name: &RepoName) -> Markup {
    let markdown = format!("![views of {name}]({path})");
    let id = format!("embed-{id}");
    html! {
        div {
            h3 { (label) }
            p { img src=(path) alt={ "views of " (name) } loading="lazy"; }
            label for=(id) class="small muted" { "Markdown; put your host in front of the path" }
            textarea id=(id) class="code" rows="2" readonly { (markdown) }
            button type="button" data-copies=(id) hidden { "Copy" }
        }
    }
}
