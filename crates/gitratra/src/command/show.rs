//! `show`: views, clones, referrers and paths in the terminal, or as JSON.

use anyhow::{Result, bail};
use gitratra_answer::{
    AllDownloads, Asked, RepoAccount, Standing, Stars, Told, machines, marks, people,
};
use gitratra_core::figures::Step;
use gitratra_core::machine::MachineTotal;
use gitratra_core::page::PageNames;
use gitratra_core::people::People;
use gitratra_core::spike::Mark;
use gitratra_core::{
    Day, DayRange, Metric, Profile, Ranked, Ranking, RepoId, Series, Timestamp, Window,
};
use gitratra_render::term::{
    FleetLine, ShowCounters, ShowFleet, ShowRanking, ShowRepo, show_fleet, show_repo,
};
use gitratra_store::{CounterRun, Store};

use crate::Exit;
use crate::args::{By, Show, ShownMetric};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

use super::{Found, repos};

mod account;
mod beside;

pub(super) async fn run(args: &Show, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked: Asked = args.range.parse()?;
    let store = connect::store(settings).await?;
    let exit = match &args.repo {
        Some(text) => one(&store, text, (asked, args), settings, voice).await,
        None if metrics(args.metric).is_empty() => {
            bail!("name a repository: views and clones alone are shown of all at once")
        }
        None => fleet(&store, asked, args, voice).await,
    };
    store.close().await;
    exit
}

const fn metrics(shown: Option<ShownMetric>) -> &'static [Metric] {
    match shown {
        None => &Metric::ALL,
        Some(ShownMetric::Views) => &[Metric::Views],
        Some(ShownMetric::Clones) => &[Metric::Clones],
        Some(_) => &[],
    }
}

const fn rankings(shown: Option<ShownMetric>) -> &'static [Ranking] {
    match shown {
        None => &Ranking::ALL,
        Some(ShownMetric::Referrers) => &[Ranking::Referrers],
        Some(ShownMetric::Paths) => &[Ranking::Paths],
        Some(_) => &[],
    }
}

pub(super) const fn step(by: Option<By>) -> Step {
    match by {
        None | Some(By::Day) => Step::Day,
        Some(By::Week) => Step::Week,
        Some(By::Month) => Step::Month,
    }
}

/// What is known of one repository, as far as it is shown.
#[derive(Default)]
struct Known {
    series: Series,
    /// In the order of [`Metric::ALL`].
    people: [People; 2],
    /// The newest lists that were asked for.
    lists: Vec<(Ranking, Window, Vec<Ranked>)>,
    /// Stars, forks and what else is counted beside traffic, by day.
    counters: Vec<CounterRun>,
    /// What all lists say of any range, where that was asked for.
    sources: Vec<Told>,
    machines: Option<MachineTotal>,
    stars: Option<Stars>,
    downloads: Option<AllDownloads>,
    marks: Vec<Mark>,
    profile: Option<(Timestamp, Profile)>,
}

impl Known {
    /// The days alone, which is all that a line of a fleet shows.
    async fn days(store: &Store, repo: RepoId, range: Option<DayRange>) -> Result<Self> {
        Ok(Self {
            series: Series::new(store.days(repo, range).await?),
            ..Self::default()
        })
    }

    /// Adds what else tells of a range, or of all days.
    async fn read_figures(
        &mut self,
        store: &Store,
        repo: RepoId,
        range: Option<DayRange>,
    ) -> Result<()> {
        for (metric, known) in Metric::ALL.into_iter().zip(&mut self.people) {
            *known = people(store, repo, metric, &self.series, range).await?;
        }
        self.counters = store.counters(repo, None).await?;
        Ok(())
    }

    /// Adds what is counted beside traffic, where it is asked for.
    async fn read_beside(
        &mut self,
        store: &Store,
        repo: RepoId,
        range: Option<DayRange>,
        (asked, args): (Asked, &Show),
        settings: &Settings,
    ) -> Result<()> {
        self.marks = marks(store, repo).await?;
        if args.json.json {
            self.profile = store.profile(repo).await?;
        }
        let of = (asked, self.series.range());
        let is_asked =
            |metric| args.metric == Some(metric) || (args.json.json && args.metric.is_none());
        if let (Some(range), true) = (range, metrics(args.metric).contains(&Metric::Clones)) {
            self.machines = machines(store, repo, &self.series, range).await?;
        }
        if is_asked(ShownMetric::Stars) {
            let step = args.by.map(|by| step(Some(by)));
            self.stars = Stars::read(store, repo, of, step).await?;
        }
        if is_asked(ShownMetric::Downloads) {
            let rules = settings.platform_rules()?;
            self.downloads = AllDownloads::read(store, repo, of, &rules).await?;
        }
        Ok(())
    }

    /// Adds the newest lists.
    async fn read_lists(&mut self, store: &Store, repo: RepoId, asked: &[Ranking]) -> Result<()> {
        for ranking in asked {
            if let Some((window, lines)) = store.newest_ranked(repo, *ranking).await? {
                self.lists.push((*ranking, window, lines));
            }
        }
        Ok(())
    }

    /// Adds what all lists say of any range.
    async fn read_sources(
        &mut self,
        store: &Store,
        found: &Found,
        asked: &[Ranking],
    ) -> Result<()> {
        let known = store.repositories().await?.into_iter();
        let mut known = known.filter(|known| known.repository.id == found.id);
        let former = known.next().map_or_else(Vec::new, |known| known.former);
        let names = PageNames::new(found.name.clone(), former);
        for ranking in asked {
            let told = Told::read(store, found.id, (*ranking, &names), &self.series, None).await?;
            if !told.sources.windows().is_empty() {
                self.sources.push(told);
            }
        }
        Ok(())
    }

    /// What was counted last by the end of a range, and first within it.
    fn counters(&self, range: DayRange) -> Option<Standing> {
        Standing::of(
            &self.counters,
            range,
            self.series.range().map(DayRange::last),
        )
    }

    /// The marks of a range; of a range that ends with the newest day, also those since.
    fn marks_in(&self, range: Option<DayRange>) -> impl Iterator<Item = &Mark> {
        let newest = self.series.range().map(DayRange::last);
        let range = range.map(|range| {
            let is_open = newest.is_none_or(|newest| range.last() >= newest);
            let last = if is_open { Day::MAX } else { range.last() };
            DayRange::new(range.first(), last).unwrap_or(range)
        });
        let is_inside = move |mark: &&Mark| range.is_some_and(|range| range.contains(mark.day));
        self.marks.iter().filter(is_inside)
    }

    const fn people(&self, metric: Metric) -> &People {
        let [views, clones] = &self.people;
        match metric {
            Metric::Views => views,
            Metric::Clones => clones,
        }
    }
}

async fn one(
    store: &Store,
    text: &str,
    (asked, args): (Asked, &Show),
    settings: &Settings,
    voice: Voice,
) -> Result<Exit> {
    let found = super::find(store, text, voice).await?;
    let mut known = Known::days(store, found.id, None).await?;
    let range = known.series.range().and_then(|known| asked.of(known));
    known.read_figures(store, found.id, range).await?;
    known
        .read_beside(store, found.id, range, (asked, args), settings)
        .await?;
    let asked_lists = rankings(args.metric);
    known.read_lists(store, found.id, asked_lists).await?;
    // Where lists alone are asked for, the range itself is told below the newest window.
    let has_sources = args.json.json || metrics(args.metric).is_empty();
    if has_sources {
        known.read_sources(store, &found, asked_lists).await?;
    }
    let known = known;
    let series = &known.series;
    let name = found.name.to_string();
    let former = found.former.map(|former| former.to_string());
    if args.json.json {
        voice.json(&account::of(&name, &known, range, args))?;
        return Ok(Exit::Done);
    }
    let range = match (range, series.range()) {
        (Some(range), _) => range,
        (None, Some(known)) if metrics(args.metric).is_empty() => known,
        (None, Some(known)) => {
            voice.say(&format!(
                "there is nothing of {name} in {}: days from {known} are known",
                args.range
            ));
            return Ok(Exit::Done);
        }
        (None, None) => DayRange::ALL,
    };
    let rankings: Vec<ShowRanking<'_>> = known
        .lists
        .iter()
        .map(|(ranking, window, lines)| ShowRanking {
            ranking: *ranking,
            window: *window,
            lines,
        })
        .collect();
    let mut page = show_repo(
        &ShowRepo {
            name: &name,
            former_name: former.as_deref(),
            range,
            step: step(args.by),
            metrics: metrics(args.metric),
            series,
            people: &known.people,
            counters: known.counters(range).map(shown_counters),
            machines: known.machines,
            marks: &known.marks_in(Some(range)).collect::<Vec<_>>(),
            rankings: &rankings,
            has_table: false,
        },
        voice.page(),
    );
    page += &beside_page(&known, asked, args, voice);
    if range != DayRange::ALL {
        for told in &known.sources {
            page.push('\n');
            page += &beside::sources_page(told, range, voice);
        }
    }
    voice.data(&page)?;
    Ok(Exit::Done)
}

fn shown_counters(standing: Standing) -> ShowCounters {
    let Standing {
        day,
        counters,
        before,
    } = standing;
    ShowCounters {
        day,
        counters,
        before,
    }
}

/// What was asked for and is counted beside traffic.
fn beside_page(known: &Known, asked: Asked, args: &Show, voice: Voice) -> String {
    let part = match args.metric {
        Some(ShownMetric::Stars) => {
            let stars = known.stars.as_ref();
            stars.map(|stars| beside::stars_page(stars, voice))
        }
        Some(ShownMetric::Downloads) => {
            let all = known.downloads.as_ref();
            all.map(|all| beside::downloads_page(all, voice))
        }
        Some(ShownMetric::Forks) => {
            let step = args.by.map(|by| step(Some(by)));
            beside::forks_page(&known.counters, (asked, &known.series), step, voice)
        }
        _ => return String::new(),
    };
    let none = || format!("nothing of that is known in {}\n", args.range);
    format!("\n{}", part.unwrap_or_else(none))
}

async fn fleet(store: &Store, asked: Asked, args: &Show, voice: Voice) -> Result<Exit> {
    let known = repos::held(store).await?;
    // A relative range ends on the same day for all: the newest that any of them has.
    let newest = known.iter().filter_map(|repo| repo.held.newest_of_any());
    let newest: Option<Day> = newest.max();
    let mut all: Vec<(String, Known)> = Vec::new();
    let mut first: Option<Day> = None;
    for repo in known {
        let Some(id) = repo.id else { continue };
        let needed = match (asked, newest) {
            (Asked::All, _) | (_, None) => None,
            (asked, Some(newest)) => {
                let ever = DayRange::new(Day::MIN, newest).unwrap_or(DayRange::ALL);
                match asked.of(ever) {
                    Some(range) => DayRange::new(range.before().first(), range.last()),
                    None => return nothing_within(args, voice),
                }
            }
        };
        let mut known = Known::days(store, id, needed).await?;
        if args.json.json {
            known.read_figures(store, id, needed).await?;
        }
        let begins = known.series.range().map(DayRange::first);
        first = first.into_iter().chain(begins).min();
        all.push((repo.name.to_string(), known));
    }
    let Some(newest) = newest else {
        voice.say("nothing was read yet: `gitratra sync OWNER/NAME` begins, `gitratra demo` shows how it looks");
        return match args.json.json {
            true => voice.json(&[(); 0]).map(|()| Exit::Done),
            false => Ok(Exit::Done),
        };
    };
    let known = first.and_then(|first| DayRange::new(first, newest));
    let Some(range) = known.and_then(|known| asked.of(known)) else {
        return nothing_within(args, voice);
    };
    if args.json.json {
        let accounts: Vec<RepoAccount<'_>> = all
            .iter()
            .map(|(name, known)| account::of(name, known, Some(range), args))
            .collect();
        voice.json(&accounts)?;
        return Ok(Exit::Done);
    }
    let lines: Vec<FleetLine<'_>> = all
        .iter()
        .map(|(name, known)| FleetLine {
            name,
            series: &known.series,
        })
        .collect();
    let metric = match args.metric {
        Some(ShownMetric::Clones) => Metric::Clones,
        _ => Metric::Views,
    };
    voice.data(&show_fleet(
        &ShowFleet {
            range,
            metric,
            lines: &lines,
        },
        voice.page(),
    ))?;
    Ok(Exit::Done)
}

/// The account of a range in which no day of any repository is known.
fn nothing_within(args: &Show, voice: Voice) -> Result<Exit> {
    if args.json.json {
        voice.json(&[(); 0])?;
    } else {
        voice.say(&format!("there is nothing in {}", args.range));
    }
    Ok(Exit::Done)
}
