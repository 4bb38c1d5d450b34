//! Why a tool has no answer, told so that an assistant knows what to do next.

use gitratra_answer::AskedError;
use gitratra_store::StoreError;

use crate::quoted::quoted;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The arguments are not what the tool takes.
    #[error("the arguments cannot be read: {0}. The tool's input schema lists what it takes")]
    Arguments(String),
    /// There is no such tool.
    #[error("there is no tool {name}: the tools are {tools}", name = quoted(.0), tools = .1)]
    NoTool(String, String),
    /// Nothing is known of the repository, or nothing that may be told.
    #[error("nothing is known of a repository {}. {}", quoted(.name), next(.nearest))]
    NotFound {
        /// As it was asked for.
        name: String,
        /// Names like it.
        nearest: Vec<String>,
    },
    /// The range is none.
    #[error(
        "{0}. Examples: 7d, 30d, 12w, 1y, all, 2026-01-01..2026-03-31, 2026-01-01.. for everything \
         since a day"
    )]
    Range(String),
    /// Anything else that is wrong with a question.
    #[error("{0}")]
    Bad(String),
    /// It took too long.
    #[error(
        "the answer took longer than {0} seconds: ask for a shorter range or fewer repositories"
    )]
    Late(u64),
    /// The store did not answer.
    #[error("{}", of_store(.0))]
    Store(#[from] StoreError),
}

impl From<AskedError> for Fault {
    fn from(error: AskedError) -> Self {
        Self::Range(error.to_string())
    }
}

fn next(nearest: &[String]) -> String {
    let listed = "list_repositories lists everything that is told here";
    match nearest {
        [] => format!("{listed}; names are written as owner/name"),
        names => format!("Names like it: {}. {listed}", names.join(", ")),
    }
}

/// What the store says names files and servers, which are nothing for an assistant: the log has it.
fn of_store(error: &StoreError) -> &'static str {
    match error.is_passing() {
        true => "the store does not answer just now: ask again in a moment",
        false => {
            "the store cannot be read: whoever runs this server finds the reason in its log, and \
             `gitratra doctor` says what to do"
        }
    }
}
