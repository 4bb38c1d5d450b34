//! By what a run sees, without reading the rows, of which months anything may be other than when
//! they were written.
//!
//! A mark is a digest of everything that the rows of a month are made of, in outline
//! ([`Store::outline`]): the facts of its days, and of as many days around as its rows depend on;
//! the names of the repositories that have any by then; the table's columns. The same mark means
//! that nothing was changed; another one that the month is made again and compared row by row.

use std::collections::{BTreeMap, HashMap};

use gitratra_core::{Day, DayRange, Ranking, RepoId};
use gitratra_store::{Outline, Outlined, Reach, Store, StoreError};
use gitratra_tables::parquet_write::FORMAT;
use ring::digest::{Context, SHA256};

use crate::file::hex;
use crate::part::Part;
use crate::rows::What;

/// Another number where marks of before say nothing any more: rows are told otherwise.
const VERSION: u32 = 1;

/// The digits of a mark.
const DIGITS: usize = 32;

/// What the rows of a table are made of.
struct Sources {
    outlines: &'static [Outlined],
    /// Days before a month that its rows depend on.
    back: i64,
    /// Days after it.
    ahead: i64,
}

/// As far back as there are days.
const ALWAYS: i64 = 4_000_000;

fn sources(what: What) -> Sources {
    use Outlined as O;
    let (outlines, back, ahead): (&[O], i64, i64) = match what {
        What::Daily | What::Windows => (&[O::Days], 0, 0),
        What::Weekly => (&[O::Weeks], 0, 0),
        What::Referrers => (&[O::Lists, O::Lines(Ranking::Referrers)], 0, 0),
        What::Paths | What::TitledPaths => (&[O::Lists, O::Lines(Ranking::Paths)], 0, 0),
        What::Counters => (&[O::Counters], 0, 0),
        // What was lost depends on the stars and the totals of the days beside.
        What::Stars => (&[O::Stars, O::StarSpans, O::StarTotals, O::Counters], 2, 2),
        // A total that falls is believed two weeks later, and counts from the one before, whenever
        // that was.
        What::Downloads => (&[O::Downloads, O::Files], ALWAYS, 16),
        What::Repos | What::Releases | What::Titles => (&[], 0, 0),
    };
    Sources {
        outlines,
        back,
        ahead,
    }
}

/// The first day on which a repository has a row of a table.
fn since(what: What, reach: &Reach) -> Option<Day> {
    match what {
        What::Daily | What::Windows => reach.days.map(DayRange::first),
        What::Weekly => reach.weeks,
        What::Referrers | What::Paths | What::TitledPaths => reach.lists,
        What::Counters => reach.counters,
        What::Stars => reach.stars,
        What::Downloads => reach.downloads,
        What::Repos | What::Releases | What::Titles => None,
    }
}

/// The marks of every month of some dated tables. What has no mark has no rows.
///
/// # Errors
/// What the store says.
pub async fn marks(
    store: &Store,
    whats: &[What],
    repos: &[(RepoId, String)],
    rules: &str,
) -> Result<BTreeMap<Part, String>, StoreError> {
    let reaches: HashMap<RepoId, Reach> = store
        .reaches()
        .await?
        .into_iter()
        .map(|reach| (reach.repo, reach))
        .collect();
    let mut suspected: Vec<(String, Day)> = Vec::new();
    for found in store.suspicions().await? {
        suspected.push((format!("{:?}", found.metric), found.day));
    }
    let mut known: BTreeMap<Outlined, Vec<Outline>> = BTreeMap::new();
    let mut marks = BTreeMap::new();
    for what in whats.iter().copied().filter(|what| what.is_dated()) {
        let sources = sources(what);
        for of in sources.outlines {
            if !known.contains_key(of) {
                known.insert(*of, store.outline(*of).await?);
            }
        }
        let outlines: Vec<&[Outline]> = sources.outlines.iter().map(|of| &*known[of]).collect();
        let mut began: Vec<Began<'_>> = Vec::new();
        for (id, label) in repos {
            let Some(reach) = reaches.get(id) else {
                continue;
            };
            began.extend(since(what, reach).map(|since| Began {
                since,
                id: *id,
                label,
                days: reach.days.filter(|_| what == What::Daily),
            }));
        }
        let first = began.iter().map(|began| began.since).min();
        let last = outlines.iter().flat_map(|found| found.iter());
        let last = last.map(|outline| outline.days.last()).max();
        let mut next = first.map(|first| Part::of(what, first));
        while let Some(part) = next.filter(|part| Some(part.days().first()) <= last) {
            let mut digest = Context::new(&SHA256);
            columns(&mut digest, what);
            if what == What::Downloads {
                add(&mut digest, rules.as_bytes());
            }
            names(&mut digest, part, &began);
            let days = part.days();
            if what == What::Daily {
                for (metric, day) in suspected.iter().filter(|(_, day)| days.contains(*day)) {
                    add(&mut digest, format!("{metric} {day}").as_bytes());
                }
            }
            let around = DayRange::new(
                days.first().plus(-sources.back),
                days.last().plus(sources.ahead),
            );
            for found in &outlines {
                facts(&mut digest, around.unwrap_or(DayRange::ALL), found);
            }
            let mut mark = hex(digest.finish());
            mark.truncate(DIGITS);
            marks.insert(part, mark);
            next = part.next();
        }
    }
    Ok(marks)
}

/// A repository that has rows of a table.
struct Began<'a> {
    since: Day,
    id: RepoId,
    label: &'a str,
    /// Its days, where gaps between them are rows too.
    days: Option<DayRange>,
}

fn add(digest: &mut Context, bytes: &[u8]) {
    digest.update(&(bytes.len() as u64).to_le_bytes());
    digest.update(bytes);
}

fn columns(digest: &mut Context, what: What) {
    let table = what.table();
    add(
        digest,
        format!("{VERSION} {FORMAT} {}", table.name).as_bytes(),
    );
    for column in table.columns {
        let text = format!("{} {:?} {}", column.name, column.holds, column.may_be_empty);
        add(digest, text.as_bytes());
    }
}

/// The repositories that have rows by the end of a part, and what they are called.
fn names(digest: &mut Context, part: Part, began: &[Began<'_>]) {
    let days = part.days();
    for one in began.iter().filter(|one| one.since <= days.last()) {
        digest.update(&one.id.0.to_le_bytes());
        add(digest, one.label.as_bytes());
        if let Some(known) = one.days {
            let within = known.intersection(days);
            let text = within.map_or_else(String::new, |days| days.to_string());
            add(digest, text.as_bytes());
        }
    }
}

/// The facts of some days, cut to them.
fn facts(digest: &mut Context, days: DayRange, outlines: &[Outline]) {
    let mut sums: Vec<u64> = Vec::new();
    for outline in outlines {
        let Some(cut) = outline.days.intersection(days) else {
            continue;
        };
        // Which days the sums are of is a factor of each of them.
        let factor = mixed(cut.first(), cut.last());
        sums.resize(sums.len().max(outline.sums.len()), 0);
        for (place, (sum, more)) in sums.iter_mut().zip(&outline.sums).enumerate() {
            let place = (place as u64).wrapping_mul(2).wrapping_add(1);
            let more = more
                .cast_unsigned()
                .wrapping_mul(factor.wrapping_mul(place));
            *sum = sum.wrapping_add(more);
        }
    }
    digest.update(&[0xff]);
    for sum in sums {
        digest.update(&sum.to_le_bytes());
    }
}

/// Two days as one odd number, far from that of any others (the finalizer of `SplitMix64`,
/// <https://prng.di.unimi.it/splitmix64.c>).
fn mixed(first: Day, last: Day) -> u64 {
    let days = first.epoch_days().cast_unsigned() << 32 | last.epoch_days().cast_unsigned();
    let mut mixed = days.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) | 1
}
