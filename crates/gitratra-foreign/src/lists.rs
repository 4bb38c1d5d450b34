//! Lines of referrers or paths, which come row by row, put together to lists.

use gitratra_core::import::{Fact, LeftOut, Listener, Subject};
use gitratra_core::{Count, Day, Ranked, RankedReading, Ranking, Rolling, Timestamp, Window};

use crate::cells::Cells;
use crate::error::Stop;

/// GitHub's lists have no more lines.
const LINES: usize = 10;

/// The list that is being put together. Rows of one list must follow each other.
///
/// A tool that reads more than once a day and keeps every name may have more than ten lines for a
/// day. The ten largest are kept: as in a list of GitHub's, a name that is not there has at most as
/// much as the last one that is.
pub(crate) struct Lists {
    ranking: Ranking,
    about: Option<(Subject, Timestamp)>,
    lines: Vec<Ranked>,
    is_cut: bool,
}

impl Lists {
    pub(crate) const fn new(ranking: Ranking) -> Self {
        Self {
            ranking,
            about: None,
            lines: vec![],
            is_cut: false,
        }
    }

    /// Begins a list, which is told also if no line comes: that nobody came is a measurement.
    pub(crate) fn begin(&mut self, about: &Subject, read_at: Timestamp) {
        self.about = Some((about.clone(), read_at));
    }

    /// Takes a line of the list that was read about this repository at this time; tells the list
    /// before it where that was another one.
    pub(crate) fn line(
        &mut self,
        about: &Subject,
        read_at: Timestamp,
        line: Ranked,
        to: &mut dyn Listener,
    ) -> Result<(), Stop> {
        let is_same = self
            .about
            .as_ref()
            .is_some_and(|(subject, at)| *at == read_at && subject == about);
        if !is_same {
            self.tell(to)?;
            self.begin(about, read_at);
        }
        if let Some(known) = self.lines.iter_mut().find(|known| known.name == line.name) {
            known.total = Rolling(known.total.0.larger(line.total.0));
        } else {
            self.lines.push(line);
        }
        self.lines.sort_by(|a, b| {
            let counts = b.total.0.count().cmp(&a.total.0.count());
            counts.then_with(|| a.name.cmp(&b.name))
        });
        self.is_cut |= self.lines.len() > LINES;
        self.lines.truncate(LINES);
        Ok(())
    }

    /// Tells the last list.
    pub(crate) fn end(mut self, to: &mut dyn Listener) -> Result<(), Stop> {
        self.tell(to)?;
        if self.is_cut {
            to.leave_out(LeftOut(format!(
                "{}: lines beyond the ten largest of a day, which come from several readings of it",
                self.ranking
            )));
        }
        Ok(())
    }

    fn tell(&mut self, to: &mut dyn Listener) -> Result<(), Stop> {
        let Some((about, read_at)) = self.about.take() else {
            return Ok(());
        };
        let reading = RankedReading {
            ranking: self.ranking,
            read_at,
            lines: std::mem::take(&mut self.lines),
        };
        let window = Window::read_on(read_at);
        Ok(to.tell(&about, Fact::Ranked { window, reading })?)
    }
}

/// When a list was read of which only the day is known: at the first moment at which its window ends
/// on the day before, since these tools read all through the day and keep what they read last.
pub(crate) fn read_during(day: Day) -> Timestamp {
    const PUBLISHED_BY_SECS: i64 = 9 * 3_600;
    let secs = day.start().as_second() + PUBLISHED_BY_SECS;
    Timestamp::from_second(secs).unwrap_or_else(|_| day.start())
}

/// A line of which the title, where the table has one, is in column `title`.
pub(crate) fn ranked(
    cells: &Cells<'_>,
    ranking: Ranking,
    name: &'static str,
    count: &'static str,
    uniques: &'static str,
) -> Result<Ranked, Stop> {
    let title = match ranking {
        Ranking::Referrers => None,
        Ranking::Paths => cells.text_or_none("title")?,
    };
    let total: Count = cells.count(count, uniques)?;
    Ok(Ranked {
        name: cells.text(name)?.to_owned(),
        title: title.filter(|title| !title.is_empty()).map(str::to_owned),
        total: Rolling(total),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_of_a_day_ends_the_day_before() {
        let day: Day = "2026-03-02".parse().unwrap();
        assert_eq!(Window::read_on(read_during(day)).last, day.plus(-1));
        let last = Day::MAX.plus(-1);
        assert_eq!(Window::read_on(read_during(last)).last, last.plus(-1));
    }
}
