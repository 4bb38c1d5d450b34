//! The tables that are exported. `docs/export.md` tells the same to people; a test holds both
//! together.

use super::{Column, Holds, Says, Table};

const REPO: Column = Column::new(
    "repo",
    Holds::Word,
    Says::Label,
    "the present name, owner/name",
);
const REPO_ID: Column = Column::new(
    "repo_id",
    Holds::Id,
    Says::Label,
    "GitHub's number of the repository, which stays through renames",
)
.typed_only()
.optional();
const DAY: Column = Column::new("day", Holds::Day, Says::Label, "the UTC day");
const FROM: Column = Column::new("from", Holds::Day, Says::Label, "the first day");
const TO: Column = Column::new("to", Holds::Day, Says::Label, "the last day");
const KIND: Column = Column::new(
    "kind",
    Holds::Word,
    Says::Label,
    "what kind of numbers: measured, rolling or bounds",
);

const fn events(name: &'static str, about: &'static str) -> Column {
    Column::new(name, Holds::Whole, Says::Events, about)
}

const fn people(name: &'static str, about: &'static str) -> Column {
    Column::new(name, Holds::Whole, Says::People, about)
}

const fn standing(name: &'static str, about: &'static str) -> Column {
    Column::new(name, Holds::Whole, Says::Standing, about)
}

/// Views and clones of each day.
pub const DAILY: Table = Table {
    name: "daily",
    about: "Views and clones of one repository on one day",
    columns: &[
        REPO,
        REPO_ID,
        DAY,
        events("views", "page loads").optional(),
        people("views_uniques", "people behind the views of the day").optional(),
        events("clones", "full clones, those of machines included").optional(),
        people("clones_uniques", "people behind the clones of the day").optional(),
        Column::new(
            "state",
            Holds::Word,
            Says::Label,
            "measured, partial, suspect, doubted or gap",
        ),
    ],
    dated_by: 2,
};

/// Whole weeks from Monday to Sunday.
pub const WEEKLY: Table = Table {
    name: "weekly",
    about: "Views and clones of one repository over one week, as GitHub counted it",
    columns: &[
        REPO,
        REPO_ID,
        FROM,
        TO,
        events("views", "page loads").optional(),
        people("views_uniques", "people behind the views of the week").optional(),
        events("clones", "full clones, those of machines included").optional(),
        people("clones_uniques", "people behind the clones of the week").optional(),
        KIND,
    ],
    dated_by: 3,
};

/// People over windows of 14 days.
pub const WINDOWS: Table = Table {
    name: "windows",
    about: "People of one repository over the 14 days up to one day",
    columns: &[
        REPO,
        REPO_ID,
        FROM,
        TO,
        people("views_uniques", "people behind the views of the window").optional(),
        people("clones_uniques", "people behind the clones of the window").optional(),
        KIND,
    ],
    dated_by: 3,
};

/// Lists of referrers.
pub const REFERRERS: Table = Table {
    name: "referrers",
    about: "One line of a list of referrers, as GitHub told it: totals over 14 days",
    columns: &[
        REPO,
        REPO_ID,
        FROM,
        TO,
        Column::new(
            "referrer",
            Holds::Text,
            Says::Label,
            "the site that visitors came from",
        ),
        Column::new("views", Holds::Whole, Says::Rolling, "page loads"),
        people("uniques", "people behind them"),
        KIND,
    ],
    dated_by: 3,
};

/// Lists of paths.
pub const PATHS: Table = Table {
    name: "paths",
    about: "One line of a list of popular paths, as GitHub told it: totals over 14 days",
    columns: &[
        REPO,
        REPO_ID,
        FROM,
        TO,
        Column::new(
            "path",
            Holds::Text,
            Says::Label,
            "the page that was looked at",
        ),
        Column::new(
            "title",
            Holds::Text,
            Says::Label,
            "its title in the newest window that had one",
        )
        .optional(),
        Column::new("views", Holds::Whole, Says::Rolling, "page loads"),
        people("uniques", "people behind them"),
        KIND,
    ],
    dated_by: 3,
};

/// Lists of paths, whose titles are a table of their own: a title that changes changes no list.
pub const BARE_PATHS: Table = Table {
    name: "paths",
    about: "One line of a list of popular paths, as GitHub told it: totals over 14 days",
    columns: &[
        REPO,
        REPO_ID,
        FROM,
        TO,
        Column::new(
            "path",
            Holds::Text,
            Says::Label,
            "the page that was looked at",
        ),
        Column::new("views", Holds::Whole, Says::Rolling, "page loads"),
        people("uniques", "people behind them"),
        KIND,
    ],
    dated_by: 3,
};

/// The repositories.
pub const REPOS: Table = Table {
    name: "repos",
    about: "One repository as GitHub told of it the last time",
    columns: &[
        REPO,
        REPO_ID,
        Column::new(
            "is_private",
            Holds::Flag,
            Says::Label,
            "whether it is private",
        ),
        Column::new("is_fork", Holds::Flag, Says::Label, "whether it is a fork"),
        Column::new(
            "is_archived",
            Holds::Flag,
            Says::Label,
            "whether it is archived",
        ),
        Column::new(
            "first_seen",
            Holds::Moment,
            Says::Label,
            "when it was met first",
        ),
        Column::new(
            "gone_since",
            Holds::Moment,
            Says::Label,
            "since when it cannot be found any more; empty while it can",
        )
        .optional(),
    ],
    dated_by: 0,
};

/// The releases.
pub const RELEASES: Table = Table {
    name: "releases",
    about: "One release of a repository",
    columns: &[
        REPO,
        REPO_ID,
        Column::new("release", Holds::Text, Says::Label, "the release's tag"),
        Column::new("title", Holds::Text, Says::Label, "what it is called").optional(),
        Column::new(
            "published_at",
            Holds::Moment,
            Says::Label,
            "when it was published",
        )
        .optional(),
        Column::new(
            "is_prerelease",
            Holds::Flag,
            Says::Label,
            "whether it is one before a release",
        ),
        Column::new(
            "gone_since",
            Holds::Moment,
            Says::Label,
            "since when it is not there any more; empty while it is",
        )
        .optional(),
    ],
    dated_by: 0,
};

/// The titles of paths.
pub const TITLES: Table = Table {
    name: "titles",
    about: "The title of one path in the newest window that had one",
    columns: &[
        REPO,
        REPO_ID,
        Column::new("path", Holds::Text, Says::Label, "the page"),
        Column::new("title", Holds::Text, Says::Label, "its title"),
    ],
    dated_by: 0,
};

/// What stood at the last answer of each day.
pub const COUNTERS: Table = Table {
    name: "counters",
    about: "What stood for one repository at the last answer of one day",
    columns: &[
        REPO,
        REPO_ID,
        DAY,
        standing("stars", "stars"),
        standing("forks", "forks"),
        standing("watchers", "people who are told of everything").optional(),
        standing("open_issues", "open issues without pull requests").optional(),
        standing("open_pulls", "open pull requests").optional(),
        standing(
            "open_issues_and_pulls",
            "both together, where the answer could not tell them apart",
        )
        .optional(),
        standing("size_kib", "kibibytes on GitHub's disks").optional(),
        standing("releases", "releases").optional(),
        KIND,
    ],
    dated_by: 2,
};

/// Stars by day.
pub const STARS: Table = Table {
    name: "stars",
    about: "Stars of one repository on one day",
    columns: &[
        REPO,
        REPO_ID,
        DAY,
        events("given", "stars given on the day").optional(),
        events("still_given", "those of them that still exist").optional(),
        standing("total", "stars at the day's last answer").optional(),
        Column::new(
            "change",
            Holds::Signed,
            Says::Events,
            "the total less that of the day before",
        )
        .optional(),
        Column::new(
            "lost_at_least",
            Holds::Whole,
            Says::Bound,
            "stars taken away, at least",
        )
        .optional(),
        Column::new(
            "lost_at_most",
            Holds::Whole,
            Says::Bound,
            "stars taken away, at most",
        )
        .optional(),
        KIND,
    ],
    dated_by: 2,
};

/// Downloads of the files of releases.
pub const DOWNLOADS: Table = Table {
    name: "downloads",
    about: "Downloads of one file of a release from one reading to the next",
    columns: &[
        REPO,
        REPO_ID,
        Column::new("release", Holds::Text, Says::Label, "the release's tag"),
        Column::new("file", Holds::Text, Says::Label, "the file's name"),
        Column::new(
            "platform",
            Holds::Word,
            Says::Label,
            "what the file is for, guessed from its name",
        ),
        Column::new(
            "from",
            Holds::Day,
            Says::Label,
            "the first day; empty for what came before the first reading",
        )
        .optional(),
        TO,
        events("downloads", "downloads from the first to the last day"),
        KIND,
    ],
    dated_by: 6,
};

/// All of them, in the order in which they are written.
pub const KNOWN: [&Table; 8] = [
    &DAILY, &WEEKLY, &WINDOWS, &REFERRERS, &PATHS, &COUNTERS, &STARS, &DOWNLOADS,
];

/// Those that only a warehouse has. `docs/warehouse.md` tells of them.
pub const BESIDE: [&Table; 4] = [&REPOS, &RELEASES, &TITLES, &BARE_PATHS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_names_every_column_that_only_a_warehouse_has() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/warehouse.md");
        let text = std::fs::read_to_string(path).unwrap();
        for table in BESIDE {
            let row = format!("| `{}` |", table.name);
            let line = text.lines().find(|line| line.starts_with(&row));
            let line = line.unwrap_or_else(|| panic!("docs/warehouse.md has no row {row:?}"));
            assert_eq!(table.columns[..2], [REPO, REPO_ID], "{}", table.name);
            for column in &table.columns[2..] {
                let cell = format!("`{}`", column.name);
                assert!(line.contains(&cell), "{}: {cell}", table.name);
            }
        }
    }

    #[test]
    fn every_table_begins_with_the_repository_and_is_dated_by_a_day_that_is_known() {
        for table in KNOWN {
            assert_eq!(table.columns[..2], [REPO, REPO_ID], "{}", table.name);
            let dated_by = table.columns[table.dated_by];
            assert_eq!(dated_by.holds, Holds::Day, "{}", table.name);
            assert!(!dated_by.may_be_empty, "{}", table.name);
        }
    }

    #[test]
    fn uniques_are_people_in_every_table() {
        for table in KNOWN {
            for column in table.columns {
                let is_people = column.says == Says::People;
                assert_eq!(
                    column.name.ends_with("uniques"),
                    is_people,
                    "{}",
                    column.name
                );
            }
        }
    }

    #[test]
    fn the_documentation_names_every_column_of_every_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/export.md");
        let text = std::fs::read_to_string(path).unwrap();
        for table in KNOWN {
            let heading = format!("\n### `{}`\n", table.name);
            let (_, section) = text.split_once(&heading).unwrap_or_else(|| {
                panic!("docs/export.md has no section {heading:?}");
            });
            let section = section.split("\n### ").next().unwrap();
            for column in table.columns {
                let cell = format!("`{}`", column.name);
                let line = section.lines().find(|line| line.contains(&cell));
                let line = line.unwrap_or_else(|| panic!("{}: {cell}", table.name));
                assert!(line.contains(column.says.word()), "{}: {line}", table.name);
            }
        }
    }
}
