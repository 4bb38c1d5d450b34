//! Whether finished months are what they were when they were sealed.

use std::collections::HashSet;

use gitratra_core::{Day, RepoId};

use super::Notes;
use crate::error::Fault;
use crate::seal::{self, Labels, Seal};
use crate::value::Row;

/// Looks at the months of a repository, and gives each with the chain that follows from what is kept
/// now.
pub(super) fn look(
    notes: &mut Notes,
    repo: RepoId,
    seals: &[Seal],
    (traffic, sightings): (&[Row], &[Vec<Row>; 2]),
    labels: &Labels,
) -> Result<Vec<(Day, String)>, Fault> {
    let Some(newest) = seals.last() else {
        return Ok(Vec::new());
    };
    let [views, clones] = sightings;
    let texts = seal::texts(traffic, [views, clones], labels)?;
    let mut chains: Vec<(Day, String)> = Vec::with_capacity(seals.len());
    let mut before: Option<&str> = None;
    for kept in seals {
        let last_day = kept.last_day;
        let month = seal::month_of(last_day);
        if month.last() != last_day {
            notes.wrong("seal", Some(last_day), "it seals no whole month");
        }
        if kept.chain != seal::chain(repo, last_day, before, &kept.content) {
            let what = "the seal of this month does not follow from the one before: a seal was \
                        changed, or is missing";
            notes.wrong("seal", Some(last_day), what);
        }
        before = Some(&kept.chain);
        let (content, _) = seal::contents(month, &texts);
        let changed = seal::changed_days(month, &kept.days, &texts);
        for day in &changed {
            let what = "the day is not what it was when its month was sealed: it was changed by \
                        something else than gitratra";
            notes.wrong("traffic_day", Some(*day), what);
        }
        if changed.is_empty() && content != kept.content {
            let what = "the month is not what it was when it was sealed";
            notes.wrong("seal", Some(last_day), what);
        }
        let chain = chains.last().map(|(_, chain)| chain.as_str());
        chains.push((last_day, seal::chain(repo, last_day, chain, &content)));
    }
    let sealed: HashSet<Day> = seals.iter().map(|seal| seal.last_day).collect();
    for day in texts.range(..=newest.last_day).map(|(day, _)| *day) {
        if !sealed.contains(&seal::month_of(day).last()) {
            let what = "the day was added to a month that had none when later ones were sealed";
            notes.wrong("traffic_day", Some(day), what);
        }
    }
    Ok(chains)
}
