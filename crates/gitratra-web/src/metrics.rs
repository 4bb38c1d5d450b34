//! A snapshot as OpenMetrics text, and that as the older text format.
//!
//! Nothing is kept between two scrapes. Names of private repositories leave this module only where
//! the snapshot says so.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use gitratra_answer::fleet::FleetAnswer;
use gitratra_core::{Day, RepoId, Timestamp};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabelSet, EncodeMetric, LabelSetEncoder, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use crate::Snapshot;

mod traffic;

use traffic::Values;

/// The media type of [`open_metrics`].
pub(crate) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The media type of [`classic`].
pub(crate) const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The numbers as OpenMetrics 1.0 text.
///
/// *Source*: <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>
#[must_use]
pub(crate) fn open_metrics(snapshot: Snapshot, fleet: Option<&FleetAnswer>) -> String {
    let mut registry = Registry::default();
    let values = fleet.map(Values::of).unwrap_or_default();
    registry.register_collector(Box::new(Numbers::new(snapshot, values)));
    let mut page = String::new();
    text::encode(&mut page, &registry).expect("writing to a string cannot fail");
    page
}

/// The same page in the text format that came before, for tools that know no other.
///
/// *Source*: <https://prometheus.io/docs/instrumenting/exposition_formats/>. Its families have the
/// names of their samples; it has no units, no type "info" and no end mark.
#[must_use]
pub(crate) fn classic(page: &str) -> String {
    let typed = page.lines().filter_map(|line| {
        let (name, kind) = line.strip_prefix("# TYPE ")?.split_once(' ')?;
        let suffix = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => return None,
        };
        Some((name, suffix))
    });
    let suffixes: HashMap<&str, &str> = typed.collect();
    let mut text = String::with_capacity(page.len());
    for line in page.lines() {
        let about = line.strip_prefix("# ");
        let parts = about.and_then(|about| {
            let (word, rest) = about.split_once(' ')?;
            let (name, rest) = rest.split_once(' ')?;
            Some((word, name, rest))
        });
        match parts {
            Some(("UNIT", ..)) => {}
            Some((word @ ("HELP" | "TYPE"), name, rest)) => {
                let suffix = suffixes.get(name).copied().unwrap_or_default();
                let rest = match (word, rest) {
                    ("TYPE", "info") => "gauge",
                    _ => rest,
                };
                text.extend(["# ", word, " ", name, suffix, " ", rest, "\n"]);
            }
            _ if line == "# EOF" => {}
            _ => text.extend([line, "\n"]),
        }
    }
    text
}

/// Labels of one number: names and values.
struct Labels<'a>(Vec<(&'static str, &'a str)>);

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.0.as_slice().encode(encoder)
    }
}

/// A number with its labels.
type Sample<'a> = (Vec<(&'static str, &'a str)>, i64);

#[derive(Debug)]
struct Numbers {
    snapshot: Snapshot,
    values: Values,
    /// What each repository is called, none as another.
    labels: HashMap<RepoId, String>,
}

impl Collector for Numbers {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let page = &mut encoder;
        self.about_repositories(page)?;
        self.about_traffic(page)?;
        if !self.snapshot.is_part {
            self.about_github(page)?;
            self.about_the_collector(page)?;
        }
        self.about_the_process(page)
    }
}

impl Numbers {
    fn new(snapshot: Snapshot, values: Values) -> Self {
        let mut known = HashSet::new();
        let states = snapshot.repos.iter();
        let states = states.map(|repo| (repo.id, &repo.name, repo.is_private));
        let told = values.repos();
        let repos: Vec<_> = states
            .chain(told)
            .filter(|(id, ..)| known.insert(*id))
            .collect();
        let texts = unique(repos.iter().map(|(id, name, is_private)| {
            let text = match *is_private && !snapshot.shows_private {
                true => format!("private-{id}"),
                false => name.to_string(),
            };
            (text, id.0)
        }));
        let labels = repos.iter().map(|(id, ..)| *id).zip(texts).collect();
        Self {
            snapshot,
            values,
            labels,
        }
    }

    fn about_repositories(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let repos = &self.snapshot.repos;
        let named = || repos.iter().map(|repo| (&self.labels[&repo.id], repo));
        gauges(
            page,
            "gitratra_days_safe",
            "Days left, today included, until a day of the repository that was not read is lost.",
            None,
            named().filter_map(|(label, repo)| {
                let days = i64::from(repo.days_safe?);
                Some((vec![("repo", label.as_str())], days))
            }),
        )?;
        gauges(
            page,
            "gitratra_newest_day_timestamp",
            "Midnight UTC at which the newest day held of the repository began.",
            Some(&Unit::Seconds),
            named().flat_map(|(label, repo)| {
                let metrics = [("views", repo.newest_views), ("clones", repo.newest_clones)];
                metrics.into_iter().filter_map(move |(metric, day)| {
                    let labels = vec![("repo", label.as_str()), ("metric", metric)];
                    Some((labels, beginning(day?)))
                })
            }),
        )?;
        let states = [
            ("tracked", self.snapshot.tracked),
            ("behind", self.snapshot.behind),
            ("failing", self.snapshot.failing),
            ("gone", self.snapshot.gone),
        ];
        gauges(
            page,
            "gitratra_repositories",
            "Repositories: all that are tracked; of these the ones that lack a published day, and \
             the ones of which a question failed last; and the ones that are gone.",
            None,
            states.map(|(state, count)| (vec![("state", state)], signed(count))),
        )?;
        gauges(
            page,
            "gitratra_next_loss_days",
            "The fewest days left of any tracked repository.",
            None,
            self.snapshot
                .next_loss_days
                .map(|days| (Vec::new(), days.into())),
        )
    }

    fn about_github(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let snapshot = &self.snapshot;
        counters(
            page,
            "gitratra_requests",
            "Requests to GitHub since the start, by outcome.",
            tallies("outcome", &snapshot.requests),
        )?;
        counters(
            page,
            "gitratra_failures",
            "Questions to GitHub that failed in the end since the start, by kind.",
            tallies("kind", &snapshot.failures),
        )?;
        let labels = unique(
            snapshot
                .rates
                .iter()
                .zip(1..)
                .map(|(rate, at)| (rate.label.clone(), at)),
        );
        let rates = || labels.iter().map(String::as_str).zip(&snapshot.rates);
        gauges(
            page,
            "gitratra_rate_limit",
            "Requests that GitHub allows a credential in an hour.",
            None,
            rates().map(|(label, rate)| (vec![("credential", label)], signed(rate.limit))),
        )?;
        gauges(
            page,
            "gitratra_rate_limit_remaining",
            "Requests that a credential has left of them.",
            None,
            rates().map(|(label, rate)| (vec![("credential", label)], signed(rate.remaining))),
        )?;
        gauges(
            page,
            "gitratra_rate_reset_timestamp",
            "When the hour of a credential starts anew, by GitHub's clock.",
            Some(&Unit::Seconds),
            rates().map(|(label, rate)| (vec![("credential", label)], rate.reset_at.as_second())),
        )
    }

    fn about_the_collector(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let snapshot = &self.snapshot;
        gauges(
            page,
            "gitratra_last_pass_timestamp",
            "When the last pass ended, by GitHub's clock.",
            Some(&Unit::Seconds),
            moment(snapshot.last_pass_at),
        )?;
        gauges(
            page,
            "gitratra_last_stored_timestamp",
            "When anything was last stored, by GitHub's clock.",
            Some(&Unit::Seconds),
            moment(snapshot.last_stored_at),
        )?;
        counters(
            page,
            "gitratra_store_errors",
            "Errors of the store since the start.",
            [(Vec::new(), snapshot.store_errors)],
        )?;
        gauges(
            page,
            "gitratra_alarms_open",
            "Troubles that are open.",
            None,
            [(Vec::new(), signed(snapshot.alarms_open))],
        )?;
        let lag = snapshot.replica.and_then(|replica| replica.lag);
        gauges(
            page,
            "gitratra_replica_lag",
            "How far the copy of the store lags behind from which pages are read.",
            Some(&Unit::Seconds),
            lag.map(|lag| (Vec::new(), signed(lag.as_secs()))),
        )?;
        gauges(
            page,
            "gitratra_replica_used",
            "Whether pages are read from the copy of the store: 1, or 0 while they are read from the \
             store itself.",
            None,
            snapshot
                .replica
                .map(|replica| (Vec::new(), replica.is_used.into())),
        )?;
        let count = |is_missed: bool| {
            let collectors = snapshot.collectors.as_ref()?.iter();
            let counted = collectors.filter(|one| one.is_missed == is_missed).count();
            Some(signed(counted as u64))
        };
        let states = [("present", count(false)), ("missed", count(true))];
        gauges(
            page,
            "gitratra_collectors",
            "Collectors that share the store: those that are there, and those that should be and \
             were not seen for half an hour.",
            None,
            states
                .into_iter()
                .filter_map(|(state, count)| Some((vec![("state", state)], count?))),
        )
    }

    fn about_the_process(&self, page: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "The version of the program.";
        let mut build = page.encode_descriptor("gitratra_build", help, None, MetricType::Info)?;
        build.encode_info(&Labels(vec![("version", &self.snapshot.version)]))?;
        gauges(
            page,
            "process_resident_memory",
            "Memory of the process that is in RAM.",
            Some(&Unit::Bytes),
            self.snapshot
                .resident_bytes
                .map(|bytes| (Vec::new(), signed(bytes))),
        )
    }
}

fn gauges<'a>(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    samples: impl IntoIterator<Item = Sample<'a>>,
) -> fmt::Result {
    let mut samples = samples.into_iter().peekable();
    if samples.peek().is_none() {
        return Ok(());
    }
    let mut family = page.encode_descriptor(name, help, unit, MetricType::Gauge)?;
    for (labels, value) in samples {
        if labels.is_empty() {
            return ConstGauge::new(value).encode(family);
        }
        ConstGauge::new(value).encode(family.encode_family(&Labels(labels))?)?;
    }
    Ok(())
}

fn counters<'a>(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (Vec<(&'static str, &'a str)>, u64)>,
) -> fmt::Result {
    let mut samples = samples.into_iter().peekable();
    if samples.peek().is_none() {
        return Ok(());
    }
    let mut family = page.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in samples {
        if labels.is_empty() {
            return ConstCounter::new(value).encode(family);
        }
        ConstCounter::new(value).encode(family.encode_family(&Labels(labels))?)?;
    }
    Ok(())
}

fn tallies<'a>(
    label: &'static str,
    counts: &'a BTreeMap<String, u64>,
) -> impl Iterator<Item = (Vec<(&'static str, &'a str)>, u64)> {
    let counts = counts.iter();
    counts.map(move |(of, count)| (vec![(label, of.as_str())], *count))
}

fn moment(at: Option<Timestamp>) -> Option<Sample<'static>> {
    at.map(|at| (Vec::new(), at.as_second()))
}

fn beginning(day: Day) -> i64 {
    day.start().as_second()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The labels, none twice: a second one of the same text gets its number, since a scrape in which
/// two numbers have one name is refused as a whole.
fn unique(labels: impl Iterator<Item = (String, u64)>) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (label, number) in labels {
        let label = if seen.contains(&label) {
            format!("{label} ({number})")
        } else {
            label
        };
        seen.insert(label.clone());
        found.push(label);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CollectorState, CredentialRate, RepoState};

    fn repo(id: u64, name: &str, is_private: bool) -> RepoState {
        RepoState {
            id: RepoId(id),
            name: name.parse().unwrap(),
            is_private,
            days_safe: Some(13),
            newest_views: "2026-03-09".parse().ok(),
            newest_clones: None,
            is_behind: false,
            is_failing: false,
            is_gone: false,
        }
    }

    fn snapshot() -> Snapshot {
        Snapshot {
            version: "1.2.3".to_owned(),
            repos: vec![repo(1, "octo/hello", false), repo(2, "octo/secret", true)],
            requests: [("ok".to_owned(), 7), ("not_modified".to_owned(), 5)].into(),
            failures: [("unreachable".to_owned(), 1)].into(),
            rates: vec![CredentialRate {
                label: "a \"b\" \\ c".to_owned(),
                limit: 5000,
                remaining: 4321,
                reset_at: Timestamp::from_second(1_773_136_800).unwrap(),
            }],
            last_pass_at: Timestamp::from_second(1_773_133_200).ok(),
            last_stored_at: None,
            tracked: 2,
            behind: 1,
            next_loss_days: Some(13),
            store_errors: 0,
            alarms_open: 1,
            collectors: Some(vec![collector(false), collector(true), collector(false)]),
            resident_bytes: Some(1 << 20),
            ..Snapshot::default()
        }
    }

    fn collector(is_missed: bool) -> CollectorState {
        CollectorState {
            host: "cellar".to_owned(),
            kind: "serve",
            since: Timestamp::UNIX_EPOCH,
            seen_at: Timestamp::UNIX_EPOCH,
            repos: 0,
            is_caretaker: false,
            is_missed,
        }
    }

    #[test]
    fn every_number_has_its_name_its_help_and_its_unit() {
        let expected = r#"# HELP gitratra_days_safe Days left, today included, until a day of the repository that was not read is lost.
# TYPE gitratra_days_safe gauge
gitratra_days_safe{repo="octo/hello"} 13
gitratra_days_safe{repo="private-2"} 13
# HELP gitratra_newest_day_timestamp_seconds Midnight UTC at which the newest day held of the repository began.
# TYPE gitratra_newest_day_timestamp_seconds gauge
# UNIT gitratra_newest_day_timestamp_seconds seconds
gitratra_newest_day_timestamp_seconds{repo="octo/hello",metric="views"} 1773014400
gitratra_newest_day_timestamp_seconds{repo="private-2",metric="views"} 1773014400
# HELP gitratra_repositories Repositories: all that are tracked; of these the ones that lack a published day, and the ones of which a question failed last; and the ones that are gone.
# TYPE gitratra_repositories gauge
gitratra_repositories{state="tracked"} 2
gitratra_repositories{state="behind"} 1
gitratra_repositories{state="failing"} 0
gitratra_repositories{state="gone"} 0
# HELP gitratra_next_loss_days The fewest days left of any tracked repository.
# TYPE gitratra_next_loss_days gauge
gitratra_next_loss_days 13
# HELP gitratra_requests Requests to GitHub since the start, by outcome.
# TYPE gitratra_requests counter
gitratra_requests_total{outcome="not_modified"} 5
gitratra_requests_total{outcome="ok"} 7
# HELP gitratra_failures Questions to GitHub that failed in the end since the start, by kind.
# TYPE gitratra_failures counter
gitratra_failures_total{kind="unreachable"} 1
# HELP gitratra_rate_limit Requests that GitHub allows a credential in an hour.
# TYPE gitratra_rate_limit gauge
gitratra_rate_limit{credential="a \"b\" \\ c"} 5000
# HELP gitratra_rate_limit_remaining Requests that a credential has left of them.
# TYPE gitratra_rate_limit_remaining gauge
gitratra_rate_limit_remaining{credential="a \"b\" \\ c"} 4321
# HELP gitratra_rate_reset_timestamp_seconds When the hour of a credential starts anew, by GitHub's clock.
# TYPE gitratra_rate_reset_timestamp_seconds gauge
# UNIT gitratra_rate_reset_timestamp_seconds seconds
gitratra_rate_reset_timestamp_seconds{credential="a \"b\" \\ c"} 1773136800
# HELP gitratra_last_pass_timestamp_seconds When the last pass ended, by GitHub's clock.
# TYPE gitratra_last_pass_timestamp_seconds gauge
# UNIT gitratra_last_pass_timestamp_seconds seconds
gitratra_last_pass_timestamp_seconds 1773133200
# HELP gitratra_store_errors Errors of the store since the start.
# TYPE gitratra_store_errors counter
gitratra_store_errors_total 0
# HELP gitratra_alarms_open Troubles that are open.
# TYPE gitratra_alarms_open gauge
gitratra_alarms_open 1
# HELP gitratra_collectors Collectors that share the store: those that are there, and those that should be and were not seen for half an hour.
# TYPE gitratra_collectors gauge
gitratra_collectors{state="present"} 2
gitratra_collectors{state="missed"} 1
# HELP gitratra_build The version of the program.
# TYPE gitratra_build info
gitratra_build_info{version="1.2.3"} 1
# HELP process_resident_memory_bytes Memory of the process that is in RAM.
# TYPE process_resident_memory_bytes gauge
# UNIT process_resident_memory_bytes bytes
process_resident_memory_bytes 1048576
# EOF
"#;
        assert_eq!(open_metrics(snapshot(), None), expected);
    }

    #[test]
    fn the_older_format_has_the_names_of_the_samples() {
        let text = classic(&open_metrics(snapshot(), None));
        for part in [
            "# TYPE gitratra_requests_total counter\ngitratra_requests_total{",
            "# HELP gitratra_build_info The version of the program.\n\
             # TYPE gitratra_build_info gauge\ngitratra_build_info{version=\"1.2.3\"} 1\n",
            "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 1048576\n",
            "gitratra_days_safe{repo=\"private-2\"} 13\n",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("# UNIT") && !text.contains("# EOF"));
    }

    #[test]
    fn a_private_repository_is_named_only_if_the_snapshot_says_so() {
        assert!(!open_metrics(snapshot(), None).contains("secret"));
        let mut shown = snapshot();
        shown.shows_private = true;
        let page = open_metrics(shown, None);
        assert!(page.contains(r#"gitratra_days_safe{repo="octo/secret"} 13"#));
        assert!(!page.contains("private-2"));
    }

    #[test]
    fn no_machine_is_named() {
        assert!(!open_metrics(snapshot(), None).contains("cellar"));
    }

    #[test]
    fn no_number_has_the_name_of_another() {
        let mut twice = snapshot();
        twice.repos.push(repo(3, "octo/hello", false));
        let page = open_metrics(twice, None);
        let mut names: Vec<&str> = page
            .lines()
            .filter_map(|line| line.rsplit_once(' ').filter(|_| !line.starts_with('#')))
            .map(|(name, _)| name)
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{page}");
        assert!(page.contains(r#"{repo="octo/hello (3)"}"#));
    }

    #[test]
    fn what_is_not_known_is_left_out_and_not_zero() {
        let page = open_metrics(Snapshot::default(), None);
        assert!(!page.contains("gitratra_last_stored"));
        assert!(!page.contains("gitratra_next_loss_days"));
        assert!(!page.contains("process_resident_memory"));
        assert!(!page.contains("gitratra_collectors"));
        assert!(page.contains("gitratra_alarms_open 0"));
        assert!(page.ends_with("# EOF\n"));
    }
}
