//! What was measured before: kept in a file, compared with what is measured now, and shown in the
//! page.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::figure::{FIGURES, Figure, Holds, named};

/// Where it is kept, and where it is shown.
pub(crate) const FILE: &str = "docs/performance.toml";
pub(crate) const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- figures: written by `cargo xtask bench --record` -->";
const END: &str = "<!-- figures: end -->";

/// A figure as it was measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) value: f64,
    /// How far the runs lay apart, as a part of the smallest.
    pub(crate) spread: f64,
    pub(crate) runs: i64,
    pub(crate) on: String,
    pub(crate) revision: String,
    pub(crate) cores: i64,
    /// What the yardstick took, in milliseconds.
    pub(crate) yardstick: f64,
}

/// Everything that was recorded, by the names of the figures.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Record(pub(crate) BTreeMap<String, Entry>);

/// What became of a figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Change {
    /// It was never recorded.
    New,
    /// It was measured where nothing recorded says anything of it.
    Incomparable,
    /// The part by which it is larger, after the yardstick; within what noise explains.
    Same(f64),
    Better(f64),
    Worse(f64),
}

impl Record {
    /// Reads what there is; nothing where nothing was recorded yet.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let path = root.join(FILE);
        match path.exists() {
            true => Self::parse(&std::fs::read_to_string(&path)?)
                .with_context(|| format!("\"{FILE}\" cannot be read")),
            false => Ok(Self::default()),
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse()?;
        let entries = table.into_iter().map(|(name, of)| {
            let number = |key: &str| -> Result<f64> {
                let found = of.get(key);
                #[expect(clippy::cast_precision_loss, reason = "figures have few digits")]
                let number = found.and_then(|found| {
                    let whole = || found.as_integer().map(|whole| whole as f64);
                    found.as_float().or_else(whole)
                });
                number.with_context(|| format!("\"{name}\" has no number \"{key}\""))
            };
            let text = |key: &str| {
                let found = of.get(key).and_then(Value::as_str).map(str::to_owned);
                found.with_context(|| format!("\"{name}\" has no \"{key}\""))
            };
            let whole = |key: &str| {
                let found = of.get(key).and_then(Value::as_integer);
                found.with_context(|| format!("\"{name}\" has no number \"{key}\""))
            };
            let entry = Entry {
                value: number("value")?,
                spread: number("spread")?,
                runs: whole("runs")?,
                on: text("on")?,
                revision: text("revision")?,
                cores: whole("cores")?,
                yardstick: number("yardstick")?,
            };
            Ok((name, entry))
        });
        Ok(Self(entries.collect::<Result<_>>()?))
    }

    /// Writes it, and shows it in the page.
    pub(crate) fn save(&self, root: &Path) -> Result<()> {
        std::fs::write(root.join(FILE), self.text())?;
        let page = root.join(PAGE);
        let shown = self.shown_in(&std::fs::read_to_string(&page)?)?;
        std::fs::write(page, shown)?;
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = String::from("# Written by `cargo xtask bench --record`.\n");
        for (name, entry) in &self.0 {
            let mut table = Table::new();
            // More digits than the noise has would change with every run.
            let round = |value: f64| (value * 1000.0).round() / 1000.0;
            table.insert("value".into(), round(entry.value).into());
            table.insert("spread".into(), round(entry.spread).into());
            table.insert("runs".into(), entry.runs.into());
            table.insert("on".into(), entry.on.clone().into());
            table.insert("revision".into(), entry.revision.clone().into());
            table.insert("cores".into(), entry.cores.into());
            table.insert("yardstick".into(), round(entry.yardstick).into());
            text += &format!("\n[{name}]\n{table}");
        }
        text
    }

    /// The page with the table of this record between its marks.
    pub(crate) fn shown_in(&self, page: &str) -> Result<String> {
        let no_marks = || format!("\"{PAGE}\" has no lines \"{BEGIN}\" and \"{END}\"");
        let (before, rest) = page.split_once(BEGIN).with_context(no_marks)?;
        let (_, after) = rest.split_once(END).with_context(no_marks)?;
        Ok(format!("{before}{BEGIN}\n{}{END}{after}", self.table()))
    }

    fn table(&self) -> String {
        let mut table = String::from(
            "| figure | what | target | measured | on | says something | command |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for figure in FIGURES {
            let entry = self.0.get(figure.name);
            let (measured, on) = entry.map_or(("–".into(), "–"), |entry| {
                (figure.words(entry.value), entry.on.as_str())
            });
            let (what, target) = (figure.what, figure.target_words());
            let (holds, bench) = (figure.unit.holds().words(), figure.bench);
            table += &format!(
                "| {} | {what} | {target} | {measured} | {on} | {holds} | `cargo xtask bench {bench}` |\n",
                figure.name
            );
        }
        table
    }

    /// What became of a figure since.
    pub(crate) fn change(&self, figure: &Figure, now: &Entry) -> Change {
        let Some(then) = self.0.get(figure.name) else {
            return Change::New;
        };
        let is_elsewhere = figure.unit.holds() == Holds::InOneRun && then.cores != now.cores;
        // What was recorded before there was a yardstick has none.
        let has_no_yardstick = figure.unit.is_time() && then.yardstick <= 0.0;
        if is_elsewhere || has_no_yardstick {
            return Change::Incomparable;
        }
        let speed = match figure.unit.is_time() {
            true => now.yardstick / then.yardstick,
            false => 1.0,
        };
        let part = now.value / (then.value * speed) - 1.0;
        let noise = figure.unit.noise().max(now.spread).max(then.spread);
        let worse = if figure.is_worse_larger() {
            part
        } else {
            -part
        };
        if !part.is_finite() {
            return Change::Incomparable;
        }
        match worse {
            worse if worse > noise => Change::Worse(part),
            worse if worse < -noise => Change::Better(part),
            _ => Change::Same(part),
        }
    }
}

/// What is wrong with the record or the page, for `tidy`.
pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let record = Record::read(root)?;
    let mut found = Vec::new();
    let unknown = record.0.keys().filter(|name| named(name).is_none());
    found.extend(unknown.map(|name| format!("{FILE}: there is no figure \"{name}\"")));
    let page = std::fs::read_to_string(root.join(PAGE))?;
    if record.shown_in(&page)? != page {
        found.push(format!(
            "{PAGE}: does not show what {FILE} records; run `cargo xtask bench --show`"
        ));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(value: f64, yardstick: f64) -> Entry {
        Entry {
            value,
            spread: 0.02,
            runs: 3,
            on: "2026-11-27".into(),
            revision: "0123abc".into(),
            cores: 2,
            yardstick,
        }
    }

    fn change(name: &str, then: Entry, now: &Entry) -> Change {
        let record = Record(BTreeMap::from([(name.to_owned(), then)]));
        record.change(named(name).unwrap(), now)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let record = Record(BTreeMap::from([
            ("binary".into(), entry(25.26, 100.0)),
            ("cpu-first".into(), entry(1.0, 100.125)),
        ]));
        assert_eq!(Record::parse(&record.text()).unwrap(), record);
    }

    #[test]
    fn what_became_slower_beyond_noise_is_told() {
        let then = || entry(1.0, 100.0);
        let by = |value: f64, yardstick: f64| change("cpu-first", then(), &entry(value, yardstick));
        assert!(matches!(by(1.05, 100.0), Change::Same(_)));
        assert!(matches!(by(1.2, 100.0), Change::Worse(_)));
        assert!(matches!(by(0.8, 100.0), Change::Better(_)));
        // A machine of half the speed.
        assert!(matches!(by(2.0, 200.0), Change::Same(_)));
        assert!(matches!(by(1.0, 50.0), Change::Worse(_)));
    }

    #[test]
    fn runs_that_lie_far_apart_prove_little() {
        let mut now = entry(1.2, 100.0);
        now.spread = 0.3;
        let told = change("cpu-first", entry(1.0, 100.0), &now);
        assert!(matches!(told, Change::Same(_)));
    }

    #[test]
    fn bytes_are_the_same_everywhere_and_more_is_worse_but_where_it_is_better() {
        let told = change("size-traffic", entry(53.0, 100.0), &entry(56.0, 300.0));
        assert!(matches!(told, Change::Worse(_)));
        let told = change("crowd", entry(2.6, 100.0), &entry(2.0, 100.0));
        assert!(matches!(told, Change::Worse(_)));
        let told = change("crowd", entry(2.0, 100.0), &entry(2.6, 100.0));
        assert!(matches!(told, Change::Better(_)));
        let mut more_cores = entry(2.0, 100.0);
        more_cores.cores = 8;
        let told = change("crowd", entry(2.6, 100.0), &more_cores);
        assert_eq!(told, Change::Incomparable);
        let told = change("cpu-first", entry(1.0, 0.0), &entry(9.0, 100.0));
        assert_eq!(told, Change::Incomparable);
        let none = Record::default();
        let binary = named("binary").unwrap();
        assert_eq!(none.change(binary, &entry(25.0, 100.0)), Change::New);
    }

    #[test]
    fn the_page_shows_the_record_between_its_marks() {
        let record = Record(BTreeMap::from([("binary".into(), entry(25.26, 100.0))]));
        let page = format!("# Page\n{BEGIN}\nold\n{END}\nrest\n");
        let shown = record.shown_in(&page).unwrap();
        assert!(shown.starts_with("# Page\n") && shown.ends_with("\nrest\n"));
        assert!(shown.contains("| binary |") && shown.contains("| 25.3 MB | 2026-11-27 |"));
        assert!(!shown.contains("old"));
        assert_eq!(record.shown_in(&shown).unwrap(), shown);
        assert!(record.shown_in("no marks").is_err());
    }

    #[test]
    fn every_figure_has_a_name_of_its_own_and_a_bench_that_exists() {
        let mut names: Vec<&str> = FIGURES.iter().map(|figure| figure.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for figure in FIGURES {
            assert!(crate::bench::exists(figure.bench), "{}", figure.bench);
        }
    }
}
