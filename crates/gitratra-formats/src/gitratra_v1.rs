//! The original tool's file: days of clones and views of many repositories, as text.
//!
//! ```text
//! gitratra_v1
//! >name
//! #clones
//! 2019-10-01 12 3
//! #views
//! 2019-10-01 90 14
//! ```
//!
//! A day line is the UTC day, the count and the uniques. This module holds the values and writes
//! them; reading, which is forgiving about order and line ends and about nothing else, is in
//! [`read()`].

mod read;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use gitratra_core::{Count, Day, DayRow, Metric, Reading, RepoId};

use crate::daily::DailyWriter;

pub use read::read;
pub(crate) use read::{Reader, Said};

/// The first line of the file.
const MAGIC: &str = "gitratra_v1";

/// The order of the sections, which the original fixed.
const SECTIONS: [Metric; 2] = [Metric::Clones, Metric::Views];

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct V1File {
    /// The repositories in the order of the file, each name once.
    pub repos: Vec<V1Repo>,
}

impl V1File {
    /// The repository with exactly this spelling, put at the end where there is none yet.
    pub fn repo(&mut self, name: &str) -> &mut V1Repo {
        let at = self
            .repos
            .iter()
            .position(|repo| repo.name == name)
            .unwrap_or_else(|| {
                self.repos.push(V1Repo::new(name));
                self.repos.len() - 1
            });
        &mut self.repos[at]
    }
}

/// One repository of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct V1Repo {
    /// The name as the list of repositories spelled it, with or without its owner.
    pub name: String,
    /// Clones by day.
    pub clones: BTreeMap<Day, Count>,
    /// Views by day.
    pub views: BTreeMap<Day, Count>,
}

impl V1Repo {
    /// A repository of which no day is known.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The days of one metric.
    #[must_use]
    pub const fn days(&self, metric: Metric) -> &BTreeMap<Day, Count> {
        match metric {
            Metric::Views => &self.views,
            Metric::Clones => &self.clones,
        }
    }

    /// Takes a value for a day; of two values the larger count and the larger uniques stay.
    pub fn merge(&mut self, metric: Metric, day: Day, count: Count) {
        let days = match metric {
            Metric::Views => &mut self.views,
            Metric::Clones => &mut self.clones,
        };
        days.entry(day)
            .and_modify(|known| *known = known.larger(count))
            .or_insert(count);
    }

    /// Takes every day that an answer of GitHub speaks about, zeros included.
    pub fn merge_reading(&mut self, reading: &Reading) {
        for (day, count) in reading.facts() {
            self.merge(reading.metric(), day, count);
        }
    }
}

/// Writes repositories as they come, holding none of them.
///
/// A number that is known counts, also of a day seen only while it was running, as the original
/// has it; a gap is left out, since the format has no other word for it.
pub struct V1Writer<W: io::Write> {
    out: io::BufWriter<W>,
    is_begun: bool,
}

impl<W: io::Write> V1Writer<W> {
    /// Begins a file.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out: io::BufWriter::new(out),
            is_begun: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.is_begun, true) {
            writeln!(self.out, "{MAGIC}")?;
        }
        Ok(())
    }
}

impl<W: io::Write> DailyWriter for V1Writer<W> {
    fn write_repo(&mut self, _: RepoId, name: &str, days: &[DayRow]) -> io::Result<()> {
        self.begin()?;
        let mut repo = V1Repo::new(name);
        for row in days {
            for metric in SECTIONS {
                if let Some(value) = row.value(metric)
                    && value.state.is_believed()
                {
                    repo.merge(metric, row.day, value.count);
                }
            }
        }
        self.out.write_all(text_of(&repo).as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.begin()?;
        self.out.flush()
    }
}

/// The text of a file.
///
/// *Shape*: always both sections, `#clones` first, days ascending, a day without events as
/// `DAY 0 0`, every line ended by `\n`.
#[must_use]
pub fn write(file: &V1File) -> String {
    let mut text = format!("{MAGIC}\n");
    for repo in &file.repos {
        text.push_str(&text_of(repo));
    }
    text
}

fn text_of(repo: &V1Repo) -> String {
    let mut text = format!(">{}\n", repo.name);
    for metric in SECTIONS {
        put(&mut text, format_args!("#{metric}\n"));
        for (day, count) in repo.days(metric) {
            let (events, uniques) = (count.count(), count.uniques());
            put(&mut text, format_args!("{day} {events} {uniques}\n"));
        }
    }
    text
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line)
        .expect("writing to a string never fails");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use gitratra_core::DayState;

    use super::*;

    fn count(count: u64, uniques: u64) -> Count {
        Count::new(count, uniques).unwrap()
    }

    #[test]
    fn both_sections_are_written_and_zeros_are_explicit() {
        let mut file = V1File::default();
        let repo = file.repo("alpha");
        repo.merge(Metric::Views, "2019-10-02".parse().unwrap(), Count::ZERO);
        repo.merge(Metric::Views, "2019-10-01".parse().unwrap(), count(90, 14));
        file.repo("octo/beta");
        assert_eq!(
            write(&file),
            "gitratra_v1\n>alpha\n#clones\n#views\n2019-10-01 90 14\n2019-10-02 0 0\n\
             >octo/beta\n#clones\n#views\n"
        );
    }

    #[test]
    fn a_file_without_repositories_is_its_first_line() {
        assert_eq!(write(&V1File::default()), "gitratra_v1\n");
    }

    #[test]
    fn a_reading_is_merged_field_by_field() {
        let day: Day = "2026-01-02".parse().unwrap();
        let mut repo = V1Repo::new("alpha");
        repo.merge(Metric::Clones, day, count(10, 2));
        let rows = vec![(day.plus(-2), count(1, 1)), (day, count(7, 5))];
        let read_at = "2026-01-03T09:00:00Z".parse().unwrap();
        let reading = Reading::new(Metric::Clones, read_at, rows, count(8, 5)).unwrap();
        repo.merge_reading(&reading);
        let days: Vec<_> = repo.clones.into_values().collect();
        assert_eq!(days, [count(1, 1), Count::ZERO, count(10, 5)]);
        assert!(repo.views.is_empty());
    }

    pub(super) fn any_file() -> impl Strategy<Value = V1File> {
        let days = || {
            let day = (0..=Day::MAX.epoch_days()).prop_map(|n| Day::from_epoch_days(n).unwrap());
            let value = (0..Count::LIMIT, any::<u64>())
                .prop_map(|(events, people)| count(events, people % (events + 1)));
            prop::collection::btree_map(day, value, 0..8)
        };
        let repo = (days(), days());
        let name = "([a-z][a-z0-9-]{0,8}/)?[A-Za-z0-9_.-]{1,9}[a-z]";
        prop::collection::btree_map(name, repo, 0..5).prop_map(|repos| {
            let repos = repos.into_iter().map(|(name, (clones, views))| V1Repo {
                name,
                clones,
                views,
            });
            V1File {
                repos: repos.collect(),
            }
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(file in any_file()) {
            let text = write(&file);
            let again = read(text.as_bytes(), "out.txt").unwrap();
            prop_assert_eq!(&again, &file);
            prop_assert_eq!(write(&again), text);
        }

        #[test]
        fn line_ends_marks_and_order_do_not_change_the_values(file in any_file()) {
            let text = write(&file);
            let windows = format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n"));
            prop_assert_eq!(&read(windows.as_bytes(), "out.txt").unwrap(), &file);
            let twice = format!("{text}{}", text.replacen("gitratra_v1\n", "\n", 1));
            prop_assert_eq!(&read(twice.as_bytes(), "out.txt").unwrap(), &file);
        }

        #[test]
        fn reading_any_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes, "out.txt");
        }

        #[test]
        fn a_file_that_was_cut_never_gives_more_than_was_in_it(file in any_file(), cut in 0.0..1.0) {
            let text = write(&file);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "any place will do")]
            let at = (text.len() as f64 * cut) as usize;
            if let Ok(read) = read(&text.as_bytes()[..at], "out.txt") {
                for repo in &read.repos[..read.repos.len().saturating_sub(1)] {
                    prop_assert!(file.repos.contains(repo));
                }
            }
        }
    }

    #[test]
    fn an_export_is_the_file_that_the_original_would_write() {
        let day = |text: &str, views: Option<u64>| DayRow {
            day: text.parse().unwrap(),
            views: views.map(|n| gitratra_core::Value {
                count: Count::new(n, n).unwrap(),
                state: DayState::Measured,
            }),
            clones: None,
        };
        let mut bytes = Vec::new();
        let mut writer = Box::new(V1Writer::new(&mut bytes));
        let days = [
            day("2026-01-01", Some(0)),
            day("2026-01-02", None),
            day("2026-01-03", Some(7)),
        ];
        writer.write_repo(RepoId(7), "octo/alpha", &days).unwrap();
        writer.finish().unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "gitratra_v1\n>octo/alpha\n#clones\n#views\n2026-01-01 0 0\n2026-01-03 7 7\n"
        );
    }
}
