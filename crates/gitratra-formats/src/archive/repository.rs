//! `repository.txt`: what has no year. Every line begins with the word that says what it is.

use gitratra_core::history::{AssetFacts, GoneFact, History, Label, NameSpan, ReleaseFacts};
use gitratra_core::{DayRange, Endpoint, Profile, Ranking, RepoName, Visibility};

use super::fields::{Fields, escaped, opt, opt_text, opt_time, time};
use crate::FormatError;

const PUBLIC: [&str; 2] = ["private", "public"];
const FORK: [&str; 2] = ["fork", "source"];
const ARCHIVED: [&str; 2] = ["archived", "active"];
const PRERELEASE: [&str; 2] = ["prerelease", "release"];

/// All lines, in any order.
pub(super) fn lines(history: &History) -> Vec<String> {
    let mut lines = label(history);
    for (endpoint, answered) in &history.answered {
        let (word, newest, at) = (endpoint.word(), opt(answered.newest), time(answered.at));
        lines.push(format!("answered\t{word}\t{newest}\t{at}"));
    }
    for (at, of) in &history.profiles {
        let fields = [
            time(*at),
            of.visibility.word().into(),
            word(of.is_archived, ARCHIVED).into(),
            opt_text(of.language.as_deref()),
            opt_text(of.licence.as_deref()),
            escaped(&of.topics.join(" ")).into_owned(),
            opt_text(of.description.as_deref()),
        ];
        lines.push(format!("profile\t{}", fields.join("\t")));
    }
    for (name, day) in &history.tags {
        lines.push(format!("tag\t{}\t{day}", escaped(name)));
    }
    for ((ranking, name), title) in &history.rankings.titles {
        let (name, title) = (escaped(name), escaped(title));
        lines.push(format!("title\t{ranking}\t{name}\t{title}"));
    }
    for (days, at) in history.stars.read.all() {
        let (first, last, at) = (days.first(), days.last(), time(*at));
        lines.push(format!("stars_read\t{first}\t{last}\t{at}"));
    }
    if let Some((day, at)) = history.counted {
        lines.push(format!("counted\t{day}\t{}", time(at)));
    }
    for (id, of) in &history.releases {
        let fields = [
            id.to_string(),
            time(of.seen_at),
            opt_time(of.gone_since),
            opt_time(of.published_at),
            word(of.is_prerelease, PRERELEASE).into(),
            escaped(&of.tag).into_owned(),
            opt_text(of.name.as_deref()),
        ];
        lines.push(format!("release\t{}", fields.join("\t")));
    }
    for (id, of) in &history.assets {
        let fields = [
            id.to_string(),
            of.release.to_string(),
            opt_time(of.gone_since),
            opt_time(of.created_at),
            of.size.to_string(),
            escaped(&of.name).into_owned(),
        ];
        lines.push(format!("asset\t{}", fields.join("\t")));
    }
    lines
}

fn label(history: &History) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(of) = &history.label {
        let fields = [
            time(of.named_at),
            of.name.to_string(),
            word(of.is_private, PUBLIC).into(),
            word(of.is_fork, FORK).into(),
            word(of.is_archived, ARCHIVED).into(),
            opt_text(of.node_id.as_deref()),
        ];
        lines.push(format!("repository\t{}", fields.join("\t")));
    }
    let first_seen = history.first_seen.map(time);
    lines.extend(first_seen.map(|at| format!("first_seen\t{at}")));
    let gone = history.gone.iter();
    lines.extend(gone.map(|gone| format!("gone\t{}\t{}", time(gone.since), gone.status)));
    for span in history.names.values() {
        let (name, first, last) = (&span.spelled, time(span.first_seen), time(span.last_seen));
        lines.push(format!("name\t{name}\t{first}\t{last}"));
    }
    lines
}

const fn word(is: bool, [yes, no]: [&'static str; 2]) -> &'static str {
    if is { yes } else { no }
}

/// Takes a line in.
pub(super) fn take(history: &mut History, fields: &mut Fields<'_>) -> Result<(), FormatError> {
    let kind = fields.next("a fact")?;
    match kind {
        "repository" | "first_seen" | "gone" | "name" => take_label(history, kind, fields)?,
        "answered" => {
            let endpoint = fields.one_of(&Endpoint::ALL, Endpoint::word, "a question")?;
            let newest = fields.opt_day()?;
            history.reach(endpoint, newest, fields.time()?);
        }
        "profile" => take_profile(history, fields)?,
        "tag" => {
            let name = fields.text("a tag")?;
            let day = fields.day()?;
            let kept = history.tags.entry(name).or_insert(day);
            *kept = (*kept).max(day);
        }
        "title" => {
            let ranking = fields.one_of(&Ranking::ALL, Ranking::word, "a list")?;
            let name = fields.text("a name")?;
            let title = fields.text("a title")?;
            let titles = &mut history.rankings.titles;
            let kept = titles.entry((ranking, name.into())).or_default();
            *kept = std::mem::take(kept).max(title);
        }
        "stars_read" => {
            let days = days(fields)?;
            history.stars.read.put(days, fields.time()?);
        }
        "counted" => {
            let read = (fields.day()?, fields.time()?);
            history.counted = history.counted.max(Some(read));
        }
        "release" => take_release(history, fields)?,
        "asset" => take_asset(history, fields)?,
        other => {
            let problem = "is nothing that a repository has";
            return Err(fields.wrong(other, problem, "a fact that this program knows"));
        }
    }
    fields.end()
}

/// The days from one to another.
pub(super) fn days(fields: &mut Fields<'_>) -> Result<DayRange, FormatError> {
    let first = fields.day()?;
    let field = fields.next("a day as YYYY-MM-DD")?;
    let last = field
        .parse()
        .ok()
        .and_then(|last| DayRange::new(first, last));
    last.ok_or_else(|| fields.wrong(field, "is no day from the first on", "the last day"))
}

fn take_label(
    history: &mut History,
    kind: &str,
    fields: &mut Fields<'_>,
) -> Result<(), FormatError> {
    let mut told = History::new(history.repo);
    match kind {
        "repository" => {
            told.label = Some(Label {
                named_at: fields.time()?,
                name: fields.parsed("owner/name")?,
                is_private: fields.either(PUBLIC[0], PUBLIC[1])?,
                is_fork: fields.either(FORK[0], FORK[1])?,
                is_archived: fields.either(ARCHIVED[0], ARCHIVED[1])?,
                node_id: fields.opt_text("an identity")?,
            });
        }
        "first_seen" => told.first_seen = Some(fields.time()?),
        "gone" => {
            told.gone = Some(GoneFact {
                since: fields.time()?,
                status: fields.parsed("a status")?,
            });
        }
        _ => {
            let name: RepoName = fields.parsed("owner/name")?;
            let (one, other) = (fields.time()?, fields.time()?);
            let span = NameSpan {
                spelled: name.to_string(),
                first_seen: one.min(other),
                last_seen: one.max(other),
            };
            told.names.insert(name.key(), span);
        }
    }
    history.join(&told);
    Ok(())
}

fn take_profile(history: &mut History, fields: &mut Fields<'_>) -> Result<(), FormatError> {
    let at = fields.time()?;
    let visibility = fields.one_of(&Visibility::ALL, Visibility::word, "a visibility")?;
    let is_archived = fields.either(ARCHIVED[0], ARCHIVED[1])?;
    let language = fields.opt_text("a language")?;
    let licence = fields.opt_text("a licence")?;
    let topics = fields.text("topics")?;
    let profile = Profile {
        description: fields.opt_text("a description")?,
        language,
        licence,
        topics: topics.split_whitespace().map(str::to_owned).collect(),
        is_archived,
        visibility,
    };
    let kept = history
        .profiles
        .entry(at)
        .or_insert_with(|| profile.clone());
    if profile > *kept {
        *kept = profile;
    }
    Ok(())
}

fn take_release(history: &mut History, fields: &mut Fields<'_>) -> Result<(), FormatError> {
    let id = fields.number("a release's number")?;
    let seen_at = fields.time()?;
    let gone_since = fields.opt_time()?;
    let told = ReleaseFacts {
        seen_at,
        gone_since,
        published_at: fields.opt_time()?,
        is_prerelease: fields.either(PRERELEASE[0], PRERELEASE[1])?,
        tag: fields.text("a tag")?,
        name: fields.opt_text("a title")?,
    };
    let kept = history.releases.entry(id).or_insert_with(|| told.clone());
    kept.join(&told);
    Ok(())
}

fn take_asset(history: &mut History, fields: &mut Fields<'_>) -> Result<(), FormatError> {
    let id = fields.number("a file's number")?;
    let told = AssetFacts {
        release: fields.number("a release's number")?,
        gone_since: fields.opt_time()?,
        created_at: fields.opt_time()?,
        size: fields.number("bytes")?,
        name: fields.text("a name")?,
    };
    let kept = history.assets.entry(id).or_insert_with(|| told.clone());
    kept.join(&told);
    Ok(())
}
