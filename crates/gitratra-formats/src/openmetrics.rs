//! Days as OpenMetrics text with timestamps, for filling a Prometheus with the past.
//!
//! A day's number is a sample at **noon UTC** of its day: it then lies on the right date in nearly
//! every time zone, and well inside the day whichever way a range is cut. Only measured numbers
//! have a sample; a gap, and what is partial or suspect, has none.
//!
//! OpenMetrics wants all samples of a family together. The days of a repository bring samples of
//! four families at once, so three of them wait in unnamed temporary files, and memory does not
//! grow. `prometheus-client` would hold every series, and knows no time but now.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};

use gitratra_core::{Count, DayRow, DayState, Metric, RepoId};

use crate::daily::DailyWriter;

/// Noon, in seconds after the day's beginning.
const NOON: i64 = 43_200;

/// One gauge.
struct Family {
    name: &'static str,
    help: &'static str,
    metric: Metric,
    number: fn(Count) -> u64,
}

const FAMILIES: [Family; 4] = [
    Family {
        name: "gitratra_daily_views",
        help: "Page loads of the repository on the UTC day in which the sample lies.",
        metric: Metric::Views,
        number: Count::count,
    },
    Family {
        name: "gitratra_daily_views_uniques",
        help: "People behind the views of that one day. Uniques of days do not add up.",
        metric: Metric::Views,
        number: people,
    },
    Family {
        name: "gitratra_daily_clones",
        help: "Full clones of the repository on the UTC day in which the sample lies.",
        metric: Metric::Clones,
        number: Count::count,
    },
    Family {
        name: "gitratra_daily_clones_uniques",
        help: "People behind the clones of that one day. Uniques of days do not add up.",
        metric: Metric::Clones,
        number: people,
    },
];

const fn people(count: Count) -> u64 {
    count.uniques().get()
}

/// Writes days as samples.
pub struct OpenMetricsDays<W: Write> {
    out: BufWriter<W>,
    /// The families after the first.
    waiting: [BufWriter<File>; 3],
}

impl<W: Write> OpenMetricsDays<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` says, or the system where it has no room for temporary files.
    pub fn new(out: W) -> io::Result<Self> {
        let spool = || Ok::<_, io::Error>(BufWriter::new(tempfile::tempfile()?));
        let mut days = Self {
            out: BufWriter::new(out),
            waiting: [spool()?, spool()?, spool()?],
        };
        for (at, family) in FAMILIES.iter().enumerate() {
            let out = days.place(at);
            writeln!(out, "# HELP {} {}", family.name, family.help)?;
            writeln!(out, "# TYPE {} gauge", family.name)?;
        }
        Ok(days)
    }

    fn place(&mut self, family: usize) -> &mut dyn Write {
        match family.checked_sub(1) {
            None => &mut self.out,
            Some(waiting) => &mut self.waiting[waiting],
        }
    }
}

impl<W: Write> DailyWriter for OpenMetricsDays<W> {
    fn write_repo(&mut self, id: RepoId, name: &str, days: &[DayRow]) -> io::Result<()> {
        let mut labels = format!("repo=\"{}\"", escaped(name));
        if !id.is_unconfirmed() {
            labels += &format!(",repo_id=\"{}\"", id.0);
        }
        let measured = days.iter().filter(|day| day.state() == DayState::Measured);
        for day in measured {
            let noon = day.day.start().as_second() + NOON;
            for (at, family) in FAMILIES.iter().enumerate() {
                let Some(count) = day.shown(family.metric) else {
                    continue;
                };
                writeln!(
                    self.place(at),
                    "{}{{{labels}}} {} {noon}",
                    family.name,
                    (family.number)(count),
                )?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        for spool in self.waiting {
            let mut spool = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
            spool.seek(SeekFrom::Start(0))?;
            io::copy(&mut BufReader::new(spool), &mut self.out)?;
        }
        self.out.write_all(b"# EOF\n")?;
        self.out.flush()
    }
}

/// The text as the value of a label.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    text.replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use gitratra_core::{Series, Value};

    use super::*;

    fn value(count: u64, state: DayState) -> Option<Value> {
        let count = Count::new(count, count.min(2)).unwrap();
        Some(Value { count, state })
    }

    fn row(day: &str, views: Option<Value>, clones: Option<Value>) -> DayRow {
        DayRow {
            day: day.parse().unwrap(),
            views,
            clones,
        }
    }

    fn written(repos: &[(u64, &str)]) -> String {
        use DayState::{Measured, Partial, Suspect};
        let series = Series::new([
            row("2026-01-01", value(9, Measured), value(1, Measured)),
            row("2026-01-03", value(0, Measured), value(4, Partial)),
            row("2026-01-04", value(0, Suspect), None),
            row("2026-01-05", value(5, Partial), None),
        ]);
        let mut bytes = Vec::new();
        let mut days = Box::new(OpenMetricsDays::new(&mut bytes).unwrap());
        for (id, name) in repos {
            days.write_repo(RepoId(*id), name, series.days()).unwrap();
        }
        days.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_measured_numbers_are_samples_and_families_stay_together() {
        let text = written(&[(7, "octo/alpha"), (8, "octo/beta")]);
        let lines: Vec<&str> = text.lines().filter(|line| !line.contains("HELP")).collect();
        assert_eq!(
            lines,
            [
                "# TYPE gitratra_daily_views gauge",
                r#"gitratra_daily_views{repo="octo/alpha",repo_id="7"} 9 1767268800"#,
                r#"gitratra_daily_views{repo="octo/alpha",repo_id="7"} 0 1767441600"#,
                r#"gitratra_daily_views{repo="octo/beta",repo_id="8"} 9 1767268800"#,
                r#"gitratra_daily_views{repo="octo/beta",repo_id="8"} 0 1767441600"#,
                "# TYPE gitratra_daily_views_uniques gauge",
                r#"gitratra_daily_views_uniques{repo="octo/alpha",repo_id="7"} 2 1767268800"#,
                r#"gitratra_daily_views_uniques{repo="octo/alpha",repo_id="7"} 0 1767441600"#,
                r#"gitratra_daily_views_uniques{repo="octo/beta",repo_id="8"} 2 1767268800"#,
                r#"gitratra_daily_views_uniques{repo="octo/beta",repo_id="8"} 0 1767441600"#,
                "# TYPE gitratra_daily_clones gauge",
                r#"gitratra_daily_clones{repo="octo/alpha",repo_id="7"} 1 1767268800"#,
                r#"gitratra_daily_clones{repo="octo/beta",repo_id="8"} 1 1767268800"#,
                "# TYPE gitratra_daily_clones_uniques gauge",
                r#"gitratra_daily_clones_uniques{repo="octo/alpha",repo_id="7"} 1 1767268800"#,
                r#"gitratra_daily_clones_uniques{repo="octo/beta",repo_id="8"} 1 1767268800"#,
                "# EOF",
            ]
        );
    }

    #[test]
    fn a_number_that_is_not_githubs_is_no_label() {
        let ours = RepoId::unconfirmed(&"octo/told".parse().unwrap());
        let text = written(&[(ours.0, "octo/told")]);
        assert!(text.contains("gitratra_daily_views{repo=\"octo/told\"} 9 "));
        assert!(!text.contains("repo_id"), "{text}");
    }

    #[test]
    fn a_file_without_days_is_whole_and_a_label_cannot_break_out() {
        assert!(written(&[]).ends_with("# TYPE gitratra_daily_clones_uniques gauge\n# EOF\n"));
        let text = written(&[(7, "a\"b\\c\nd")]);
        assert!(text.contains(r#"{repo="a\"b\\c\nd",repo_id="7"} 9 "#));
    }
}
