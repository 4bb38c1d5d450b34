//! `sources`: referrers and paths of a window, and of a range.

use gitratra_answer::{RankingAccount, SourcesAccount, Told};
use gitratra_core::page::PageNames;
use gitratra_core::{Day, DayRange, Ranked, Ranking, Window};
use gitratra_store::Store;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::traffic;
use crate::asked::{day, days_of, limit, range};
use crate::fault::Fault;
use crate::legend::Subject;
use crate::reply::Reply;
use crate::seen::Seen;

/// Windows before a range whose lists help to tell its days apart.
const LISTS: i64 = 45;
/// A list that is so many days older than the day asked for does not tell of it.
const OLDEST_LIST: i64 = 13;

/// What is asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The repository as owner/name
    repo: String,
    /// Only referrers or only paths; both where nothing is said
    ranking: Option<Which>,
    /// The days for which bounds are told: 7d, 30d, 12w, 1y, all or FROM..TO; 30d where nothing is said
    range: Option<String>,
    /// A day as YYYY-MM-DD: the list of the 14 days up to it, or the last one before; the newest where nothing is said
    window: Option<String>,
    /// So many lines of each list at most, 1 to 100; 20 where nothing is said
    limit: Option<u32>,
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Which {
    /// Sites that visitors came from
    Referrers,
    /// Pages that visitors looked at
    Paths,
}

impl Question {
    pub(super) async fn answer(self, seen: &Seen) -> Result<Reply, Fault> {
        let most = limit(self.limit, 20, 100)?;
        let asked = range(self.range.as_deref(), 30)?;
        let window = self.window.as_deref().map(|text| day("window", text));
        let window = window.transpose()?;
        let about = seen.repository(&self.repo).await?;
        let known = about
            .known
            .ok_or_else(|| Fault::Bad(format!("nothing was read of {} yet", about.name)))?;
        let range = days_of(asked, known)?;
        let store = seen.store();
        let names = PageNames::new(about.name.clone(), about.former.clone());
        let series = traffic::series(store, &about, range).await?;
        let (mut lists, mut within, mut cuts) = (Vec::new(), Vec::new(), Vec::new());
        for ranking in Ranking::ALL {
            let is_meant = match self.ranking {
                None => true,
                Some(Which::Referrers) => ranking == Ranking::Referrers,
                Some(Which::Paths) => ranking == Ranking::Paths,
            };
            if !is_meant {
                continue;
            }
            let list = match window {
                None => store.newest_ranked(about.id, ranking).await?,
                Some(day) => list_of(store, &about, ranking, day).await?,
            };
            if let Some((window, lines)) = list {
                let told = (ranking, window, lines);
                let told = super::json(RankingAccount::of(&told));
                lists.push(cut(told, most, "the window", &mut cuts));
            }
            let of = (ranking, &names);
            let told = Told::read(store, about.id, of, &series, windows(range)).await?;
            if !told.sources.windows().is_empty() {
                let told = super::json(SourcesAccount::of(&told, range));
                within.push(cut(told, most, "the range", &mut cuts));
            }
        }
        let headline = match lists.is_empty() && within.is_empty() {
            true => format!("{}: no list of referrers or paths was read.", about.name),
            false => format!("{}: referrers and paths.", about.name),
        };
        let data = json!({
            "repo": about.name.to_string(),
            "lists_of_window": lists,
            "in_range": within,
        });
        Ok(Reply {
            range: Some(range),
            subjects: vec![Subject::Sources, Subject::Uniques],
            stranger: &["name", "title", "spellings"],
            cut: (!cuts.is_empty()).then(|| cuts.join("; ")),
            ..Reply::new(
                headline,
                "page loads (count, at_least, at_most) and people (uniques)",
                data,
            )
        })
    }
}

/// Leaves the largest lines of a list.
fn cut(mut told: Value, most: usize, of: &str, cuts: &mut Vec<String>) -> Value {
    let ranking = told.get("ranking").and_then(Value::as_str);
    let ranking = ranking.unwrap_or_default().to_owned();
    if let Some(Value::Array(lines)) = told.get_mut("lines")
        && lines.len() > most
    {
        cuts.push(format!(
            "the {most} largest of {} {ranking} of {of}",
            lines.len()
        ));
        lines.truncate(most);
    }
    told
}

/// The list of the window that ends on a day, or of the last one before that still reaches it.
async fn list_of(
    store: &Store,
    about: &gitratra_answer::About,
    ranking: Ranking,
    day: Day,
) -> Result<Option<(Window, Vec<Ranked>)>, Fault> {
    let near = DayRange::new(day.plus(-OLDEST_LIST), day);
    let history = store.rankings_of(about.id, ranking, near).await?;
    let title = |name: &str| {
        let found = history.names.iter().find(|of| of.name == name);
        found.and_then(|of| of.title.clone())
    };
    let newest = history.lists().pop().map(|(window, lines)| {
        let lines = lines.into_iter().map(|(name, total)| Ranked {
            name: name.to_owned(),
            title: title(name),
            total,
        });
        (window, lines.collect())
    });
    Ok(newest)
}

/// The windows whose lists tell of a range.
fn windows(range: DayRange) -> Option<DayRange> {
    let after = i64::from(Window::DAYS) - 1;
    DayRange::new(range.first().plus(-LISTS), range.last().plus(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_and_says_so() {
        let mut cuts = Vec::new();
        let told = json!({"ranking": "paths", "lines": [1, 2, 3]});
        let told = cut(told, 2, "the range", &mut cuts);
        assert_eq!(told["lines"], json!([1, 2]));
        assert_eq!(cuts, ["the 2 largest of 3 paths of the range"]);
    }
}
