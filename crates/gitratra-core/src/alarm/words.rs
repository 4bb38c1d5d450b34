//! What the messages say: what happened, what will be lost on which day, what to do.
//!
//! Names of private repositories stay out where the channel may not hear them. Texts from outside
//! lose their control characters, so that no line of ours can be forged.

use std::collections::HashMap;

use jiff::Timestamp;

use super::trouble::lost_next;
use super::{Kind, Names, Opened, Reach, Situation, Stem, Watched};
use crate::{Day, RepoId, Window, plan};

/// How many repositories a message names at most.
const MOST_NAMES: usize = 20;
/// How many characters of a text from outside are shown.
const MOST_CHARS: usize = 300;

/// The parts of a message that people read.
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) repositories: Vec<String>,
    pub(super) more: u64,
}

impl Words {
    fn new(subject: String, paragraphs: &[String]) -> Self {
        Self {
            subject: format!("gitratra: {subject}"),
            text: format!("{}\n", paragraphs.join("\n\n")),
            repositories: Vec::new(),
            more: 0,
        }
    }
}

/// What a trouble is about, as far as a channel may hear it.
pub(super) fn subject_of(kind: &Kind, names: Names) -> String {
    match kind {
        Kind::DaysLeft { repo, .. } => name(repo, names).unwrap_or_default(),
        Kind::CredentialStopped { label, .. } => clean(label),
        Kind::NothingStored { .. } | Kind::CopiesFail { .. } | Kind::WarehouseFails { .. } => {
            String::new()
        }
        Kind::Outage { newest_day, .. } => newest_day.to_string(),
    }
}

/// The message that troubles of one kind began.
pub(super) fn raised(kinds: &[&Kind], names: Names, situation: &Situation<'_>) -> Words {
    match kinds.first() {
        Some(Kind::CredentialStopped { .. }) => credentials_stopped(kinds, situation),
        Some(Kind::NothingStored { since }) => nothing_stored(*since, situation),
        Some(Kind::Outage {
            newest_day,
            behind,
            of,
        }) => outage(*newest_day, *behind, *of),
        Some(Kind::CopiesFail { why, last_good_at }) => copies_fail(why, *last_good_at),
        Some(Kind::WarehouseFails { why, last_good_at }) => warehouse_fails(why, *last_good_at),
        _ => days_left(kinds, names, situation.now),
    }
}

/// The message that troubles of one kind are over.
pub(super) fn over(stem: Stem, rows: &[&Opened], names: Names, situation: &Situation<'_>) -> Words {
    match stem {
        Stem::CredentialStopped => {
            let labels: Vec<String> = rows.iter().map(|row| quoted(&row.subject)).collect();
            let labels = labels.join(", ");
            Words::new(
                format!("over: GitHub takes {labels} again, or it is not used any more"),
                &[format!(
                    "GitHub takes the credential {labels} again, or it is not used any more."
                )],
            )
        }
        Stem::NothingStored => {
            let at = situation.last_stored_at;
            let when = at.map_or_else(String::new, |at| format!(", last at {}", moment(at)));
            Words::new(
                "over: the traffic is stored again".to_owned(),
                &[
                    format!("The traffic is stored again{when}, or nothing is tracked any more."),
                    see_gaps(),
                ],
            )
        }
        Stem::Outage => Words::new(
            "over: GitHub publishes again".to_owned(),
            &[
                "GitHub publishes the traffic of most repositories again. The days that it held \
                 back are read as they come."
                    .to_owned(),
                see_gaps(),
            ],
        ),
        Stem::CopiesFail => Words::new(
            "over: the store is copied again".to_owned(),
            &[
                "A copy of the store was made, read back and found good, or none is to be made \
                 any more."
                    .to_owned(),
            ],
        ),
        Stem::WarehouseFails => Words::new(
            "over: the warehouse is filled again".to_owned(),
            &["The warehouse was brought up to date, or is not to be filled any more.".to_owned()],
        ),
        Stem::DaysLeft => safe_again(rows, names, situation),
    }
}

fn days_left(kinds: &[&Kind], names: Names, now: Timestamp) -> Words {
    let mut short: Vec<(Day, &Watched)> = kinds
        .iter()
        .filter_map(|kind| match kind {
            Kind::DaysLeft {
                repo,
                next_day_lost_on,
                ..
            } => Some((*next_day_lost_on, repo)),
            _ => None,
        })
        .collect();
    short.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    let Some((lost_on, first)) = short.first().copied() else {
        return Words::new(String::new(), &[]);
    };
    let when = in_days(lost_on, now);
    let what_to_do = "What to do: `gitratra repos` shows the last error of each repository; mend \
                      that, and see that the program, its network and its token work. Then \
                      `gitratra sync` reads at once.";
    let mut words = if short.len() == 1 {
        let who = name(first, names).unwrap_or_else(|| "a private repository".to_owned());
        let read = match first.reach {
            Reach::To(newest) => format!("{who} was read up to {newest} and not since"),
            _ => format!("{who} is tracked, but was never read"),
        };
        Words::new(
            format!("{who} loses a day {when}"),
            &[
                format!(
                    "{read}.{} Its traffic of {} is lost on {lost_on}, {when}, and then one more \
                     day each day: GitHub keeps {} days.",
                    already_lost(first, now),
                    lost_day(lost_on),
                    Window::DAYS
                ),
                what_to_do.to_owned(),
            ],
        )
    } else {
        let count = short.len();
        let lines = short.iter().map(|(lost_on, repo)| {
            let line = format!(
                "{} is lost on {lost_on}, {}.{}",
                lost_day(*lost_on),
                in_days(*lost_on, now),
                already_lost(repo, now)
            );
            (name(repo, names), line)
        });
        let list = List::new(lines);
        let mut words = Words::new(
            format!("{count} repositories lose days, the next {when}"),
            &[
                format!(
                    "{count} repositories have not been read for long. The next loss is on \
                     {lost_on}, {when}: GitHub keeps {} days.",
                    Window::DAYS
                ),
                list.text,
                what_to_do.to_owned(),
            ],
        );
        words.more = list.more;
        words
    };
    let named = short.iter().filter_map(|(_, repo)| name(repo, names));
    words.repositories = named.take(MOST_NAMES).collect();
    if short.len() == 1 && words.repositories.is_empty() {
        words.more = 1;
    }
    words
}

fn safe_again(rows: &[&Opened], names: Names, situation: &Situation<'_>) -> Words {
    let repos = situation.repos.iter().map(|repo| (repo.id, repo));
    let repos: HashMap<RepoId, &Watched> = repos.collect();
    let found = rows.iter().map(|row| {
        let repo = id_of(row).and_then(|id| repos.get(&id));
        let name = match repo {
            // Told by name before: its name is no news, but its new one may be.
            Some(repo) => name(repo, names),
            None => Some(row.subject.clone()).filter(|subject| !subject.is_empty()),
        };
        let how = match repo.map(|repo| repo.reach) {
            Some(Reach::To(newest)) => format!("read up to {newest}"),
            Some(_) => "answered".to_owned(),
            None => "not tracked any more, or gone".to_owned(),
        };
        (name, how)
    });
    let mut found: Vec<(Option<String>, String)> = found.collect();
    found.sort();
    let named = found.iter().filter_map(|(name, _)| name.clone());
    let repositories: Vec<String> = named.take(MOST_NAMES).collect();
    let more = found.len() - repositories.len();
    let mut words = if let [(name, how)] = found.as_slice() {
        let who = name.as_deref().unwrap_or("a private repository");
        Words::new(
            format!("over: {who} is in no danger of losing a day"),
            &[
                format!("{who} is in no danger of losing a day any more: {how}."),
                see_gaps(),
            ],
        )
    } else {
        let count = found.len();
        let list = List::new(found.into_iter());
        Words::new(
            format!("over: {count} repositories are in no danger of losing days"),
            &[
                format!("{count} repositories are in no danger of losing days any more."),
                list.text,
                see_gaps(),
            ],
        )
    };
    words.repositories = repositories;
    words.more = more as u64;
    words
}

fn id_of(row: &Opened) -> Option<RepoId> {
    let (_, id) = row.key.split_once('/')?;
    id.parse().ok().map(RepoId)
}

fn credentials_stopped(kinds: &[&Kind], situation: &Situation<'_>) -> Words {
    let stopped = kinds.iter().filter_map(|kind| match kind {
        Kind::CredentialStopped { label, why } => Some((clean(label), clean(why))),
        _ => None,
    });
    let stopped: Vec<(String, String)> = stopped.collect();
    let lines: Vec<String> = stopped
        .iter()
        .map(|(label, why)| format!("- {}: {why}", quoted(label)))
        .collect();
    let subject = match stopped.as_slice() {
        [(label, _)] => format!("GitHub takes the credential {} no more", quoted(label)),
        several => format!("GitHub takes {} credentials no more", several.len()),
    };
    Words::new(
        subject,
        &[
            format!("GitHub takes no more:\n{}", lines.join("\n")),
            format!(
                "Nothing is read with it until it is replaced. {}",
                first_loss(situation)
            ),
            "What to do: make a new token or key with the same permissions, and give it to the \
             program."
                .to_owned(),
        ],
    )
}

fn nothing_stored(since: Timestamp, situation: &Situation<'_>) -> Words {
    let hours = situation.now.duration_since(since).as_hours();
    let count = situation.repos.len();
    let tracked = match count {
        1 => "1 repository is tracked".to_owned(),
        _ => format!("{count} repositories are tracked"),
    };
    Words::new(
        format!("nothing was stored for {hours} hours"),
        &[
            format!(
                "Nothing was stored since {} ({hours} hours), although {tracked}. {}",
                moment(since),
                first_loss(situation)
            ),
            "What to do: look at the program's log. Can the machine reach GitHub, does the token \
             work, has the disk room?"
                .to_owned(),
        ],
    )
}

fn outage(newest_day: Day, behind: usize, of: usize) -> Words {
    Words::new(
        format!("GitHub has published no traffic after {newest_day}"),
        &[
            format!(
                "GitHub answers, but has published no day after {newest_day} for {behind} of {of} \
                 repositories. It did so before, and gave the days later. If it does not, the day \
                 {} is lost on {}.",
                newest_day.plus(1),
                plan::lost_on(newest_day)
            ),
            "What to do: nothing. The program goes on asking, and tells of single repositories \
             when few days are left."
                .to_owned(),
        ],
    )
}

fn copies_fail(why: &str, last_good_at: Option<Timestamp>) -> Words {
    let last = last_good_at.map_or_else(
        || "No good one is known.".to_owned(),
        |at| format!("The last good one is of {}.", moment(at)),
    );
    Words::new(
        "the copies of the store fail".to_owned(),
        &[
            format!(
                "The copy of the store that was due is not there, or is not good: {}",
                clean(why)
            ),
            format!("{last} Nothing of the history itself is lost by it. No old copy is removed."),
            "What to do: mend that; the program tries again each hour. `gitratra backup` tries at \
             once, and `gitratra verify` looks at the store itself."
                .to_owned(),
        ],
    )
}

fn warehouse_fails(why: &str, last_good_at: Option<Timestamp>) -> Words {
    let last = last_good_at.map_or_else(String::new, |at| {
        format!("It was last brought up to date on {}. ", moment(at))
    });
    Words::new(
        "the warehouse is not up to date".to_owned(),
        &[
            format!(
                "The warehouse could not be brought up to date: {}",
                clean(why)
            ),
            format!(
                "{last}What it holds stays as it was, and nothing of the history itself is lost by it."
            ),
            "What to do: mend that; the program tries again each hour. `gitratra warehouse` tries at \
             once."
                .to_owned(),
        ],
    )
}

/// Names on lines of their own, as many as may be, and a line for the rest.
struct List {
    text: String,
    more: u64,
}

impl List {
    /// Takes names, or nothing for those that must not be named, each with what to say of it.
    fn new(items: impl Iterator<Item = (Option<String>, String)>) -> Self {
        let mut lines = Vec::new();
        let (mut more, mut hidden) = (0_u64, 0_u64);
        for (name, line) in items {
            match name {
                Some(name) if lines.len() < MOST_NAMES => lines.push(format!("- {name}: {line}")),
                Some(_) => more += 1,
                None => {
                    more += 1;
                    hidden += 1;
                }
            }
        }
        let rest = match (lines.is_empty(), hidden) {
            _ if more == 0 => None,
            (true, _) => Some(format!("{more} private repositories, not named here")),
            (false, 0) => Some(format!("and {more} more")),
            (false, _) => Some(format!("and {more} more, {hidden} of them private")),
        };
        lines.extend(rest);
        Self {
            text: lines.join("\n"),
            more,
        }
    }
}

fn name(repo: &Watched, names: Names) -> Option<String> {
    (names == Names::All || !repo.is_private).then(|| repo.name.to_string())
}

/// The day that is lost on another.
fn lost_day(lost_on: Day) -> Day {
    lost_on.plus(-1 - i64::from(Window::DAYS))
}

/// When the first day of all that is tracked is lost.
fn first_loss(situation: &Situation<'_>) -> String {
    let losses = situation.repos.iter().filter_map(|repo| match repo.reach {
        Reach::To(newest) => Some(lost_next(Some(newest), situation.now)),
        Reach::Never { .. } => Some(lost_next(None, situation.now)),
        Reach::Empty => None,
    });
    losses.min().map_or_else(
        || "No day is known to be lost by it yet.".to_owned(),
        |lost_on| {
            format!(
                "The first day that is lost is {}, on {lost_on}.",
                lost_day(lost_on)
            )
        },
    )
}

/// What of a repository can no longer be had.
fn already_lost(repo: &Watched, now: Timestamp) -> String {
    let Reach::To(newest) = repo.reach else {
        return String::new();
    };
    match plan::already_lost(newest, now) {
        Some(range) if range.days() == 1 => format!(" {} is lost already.", range.first()),
        Some(range) => format!(" {} to {} are lost already.", range.first(), range.last()),
        None => String::new(),
    }
}

fn in_days(lost_on: Day, now: Timestamp) -> String {
    match lost_on.days_since(Day::of(now)) {
        ..=0 => "today".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

fn moment(at: Timestamp) -> String {
    format!("{} UTC", at.strftime("%Y-%m-%d %H:%M"))
}

fn see_gaps() -> String {
    "`gitratra gaps` shows whether any day was lost.".to_owned()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "'"))
}

/// A text from outside as one short line.
fn clean(text: &str) -> String {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let spaced: String = text
        .chars()
        .map(|c| if is_unseen(c) { ' ' } else { c })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").chars().take(MOST_CHARS).collect()
}
