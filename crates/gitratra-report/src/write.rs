//! From a question to a finished report.

use std::io::Write;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use gitratra_core::{DayRange, RepoId};
use gitratra_store::{FleetRepo, Store};

use crate::block::{Head, Privacy};
use crate::fleet::Chosen;
use crate::question::{Format, Question, ReportError};
use crate::read::{self, Each};
use crate::section::Detail;
use crate::{cover, html, markdown, method, pdf, words};

/// Pages are kept until all of them are known, since the contents come first.
const MOST_IN_PDF: usize = 2_000;

/// What a report came to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Repositories.
    pub repos: usize,
    /// How many of them are private.
    pub private: usize,
    /// The days.
    pub range: DayRange,
}

/// Writes a report. Sections of HTML and Markdown are written as they are read, so that memory does
/// not grow with the repositories; a PDF keeps its pages until the last one is known.
///
/// # Errors
/// [`ReportError`], each for its reason. What was written before an error is no report.
pub async fn write(
    store: &Store,
    question: &Question,
    format: Format,
    out: &mut (dyn Write + Send),
) -> Result<Written, ReportError> {
    if format == Format::Pdf && question.repos.len() > MOST_IN_PDF {
        return Err(ReportError::TooMany {
            repos: question.repos.len(),
            most: MOST_IN_PDF,
            kind: "PDF",
        });
    }
    let chosen = Chosen::read(store, &question.repos).await?;
    let repos: Vec<&FleetRepo> = chosen.repos().collect();
    if repos.is_empty() {
        return Err(ReportError::NoRepositories);
    }
    let Some(range) = chosen.range(question.asked) else {
        return Err(ReportError::Nothing {
            what: match repos.as_slice() {
                [one] => format!("\"{}\"", one.name),
                more => words::repositories(more.len()),
            },
            known: chosen.known,
        });
    };
    let head = head(question, &repos, range);
    let ids: Vec<RepoId> = repos.iter().map(|repo| repo.id).collect();
    let is_alone = ids.len() == 1;
    let each = Each {
        asked: match is_alone {
            true => question.asked,
            false => read::shared(question.asked, range),
        },
        rules: Arc::from(question.rules.as_slice()),
        detail: match is_alone {
            true => Detail::Alone,
            false => Detail::OneOfSeveral,
        },
    };
    let mut before = match is_alone {
        true => Vec::new(),
        false => cover::blocks(&chosen.fleet(store, (question.asked, range)).await?),
    };
    let written = Written {
        repos: repos.len(),
        private: head.privacy.private,
        range,
    };
    let names = repos.iter().map(|repo| repo.name.to_string()).collect();
    html::number_charts(&mut before, "cover");
    let mut report = Report {
        head: &head,
        names,
        anchors: ids.iter().map(|id| words::anchor(*id)).collect(),
        before,
        is_alone,
        range,
        is_large: repos.len() > html::DETAILED,
    };
    let mut sections = std::pin::pin!(read::sections(store, &ids, &each));
    match format {
        Format::Html => {
            html::begin(&report, out)?;
            while let Some(section) = sections.try_next().await? {
                html::section(&report, section, out)?;
            }
            html::end(&report, method::blocks(), out)?;
        }
        Format::Markdown => {
            markdown::begin(&report, out)?;
            while let Some(section) = sections.try_next().await? {
                markdown::section(&report, &section, out)?;
            }
            markdown::end(&report, &method::blocks(), out)?;
        }
        Format::Pdf => {
            let mut pages = pdf::Pages::begin(&mut report, question.paper, method::blocks())?;
            while let Some(section) = sections.try_next().await? {
                pages.add(section);
            }
            out.write_all(&pages.finish()?)?;
        }
    }
    out.flush()?;
    Ok(written)
}

/// What every format needs of the whole report.
pub(crate) struct Report<'a> {
    pub(crate) head: &'a Head,
    /// The names of all sections, in their order.
    pub(crate) names: Vec<String>,
    /// Their anchors.
    pub(crate) anchors: Vec<String>,
    /// What stands before the sections.
    pub(crate) before: Vec<crate::block::Block>,
    /// Whether it is about one repository.
    pub(crate) is_alone: bool,
    pub(crate) range: DayRange,
    /// Whether it has so many sections that tooltips and tables behind charts would make it heavy.
    pub(crate) is_large: bool,
}

fn head(question: &Question, repos: &[&FleetRepo], range: DayRange) -> Head {
    let private = repos.iter().filter(|repo| repo.is_private).count();
    let title = question.title.as_deref().map(words::foreign);
    let title = title.filter(|title| !title.trim().is_empty());
    Head {
        title: title.unwrap_or_else(|| match repos {
            [one] => format!("Traffic of {}", one.name),
            _ => format!("Traffic of {}", question.scope),
        }),
        scope: match repos {
            [one] => one.name.to_string(),
            more => format!("{}: {}", question.scope, words::repositories(more.len())),
        },
        days: format!(
            "{} ({})",
            words::days(range),
            gitratra_render::number::counted(range.days().unsigned_abs(), "day")
        ),
        privacy: Privacy {
            private,
            of: repos.len(),
        },
        made_by: format!("made by gitratra {}", question.version),
    }
}
