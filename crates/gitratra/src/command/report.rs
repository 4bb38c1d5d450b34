//! `report`: what is known of one repository or of several, as a file for people.

use std::collections::BTreeSet;
use std::io::BufWriter;

use anyhow::{Result, bail};
use gitratra_answer::Asked;
use gitratra_core::{Group, GroupName, Pattern, RepoId, Rules};
use gitratra_formats::NewFile;
use gitratra_report::{Format, Paper, Question, Written, write};
use gitratra_store::Store;

use crate::Exit;
use crate::args::{self, Report};
use crate::connect;
use crate::output::Voice;
use crate::settings::Settings;

/// The words that were typed are told up to so many letters.
const SCOPE: usize = 80;

pub(super) async fn run(args: &Report, settings: &Settings, voice: Voice) -> Result<Exit> {
    let asked: Asked = args.range.parse()?;
    let format = Format::of(&args.output)?;
    let wanted = Wanted::of(&args.what)?;
    let rules = settings.platform_rules()?;
    let store = connect::to_read(settings, voice).await?;
    let written = match wanted.repos(&store, voice).await {
        Ok(repos) => {
            let question = Question {
                asked,
                repos,
                scope: wanted.scope(),
                title: args.title.clone(),
                rules,
                paper: match args.paper {
                    args::Paper::A4 => Paper::A4,
                    args::Paper::Letter => Paper::Letter,
                },
                version: env!("CARGO_PKG_VERSION").to_owned(),
            };
            to_file(&store, &question, format, args).await
        }
        Err(error) => Err(error),
    };
    store.close().await;
    let written = written?;
    let private = match written.private {
        0 => String::new(),
        1 if written.repos == 1 => ", which is private".to_owned(),
        private => format!(", {private} of them private"),
    };
    voice.say(&format!(
        "\"{}\" tells of {} from {} to {}{private}",
        args.output.display(),
        match written.repos {
            1 => "1 repository".to_owned(),
            more => format!("{more} repositories"),
        },
        written.range.first(),
        written.range.last(),
    ));
    Ok(Exit::Done)
}

/// The file is put in place as a whole, or not at all.
async fn to_file(
    store: &Store,
    question: &Question,
    format: Format,
    args: &Report,
) -> Result<Written> {
    let mut file = NewFile::create(&args.output)?;
    let written = write(store, question, format, &mut BufWriter::new(&mut file)).await?;
    file.put_in_place()?;
    Ok(written)
}

/// What was typed.
struct Wanted {
    patterns: Vec<Pattern>,
    groups: Vec<GroupName>,
}

impl Wanted {
    fn of(what: &[String]) -> Result<Self> {
        let mut wanted = Self {
            patterns: Vec::new(),
            groups: Vec::new(),
        };
        for text in what {
            match text.strip_prefix('@') {
                Some(name) => wanted.groups.push(name.parse()?),
                None => wanted.patterns.push(text.parse()?),
            }
        }
        Ok(wanted)
    }

    fn inclusions(&self) -> impl Iterator<Item = &Pattern> {
        let patterns = self.patterns.iter();
        patterns.filter(|pattern| !pattern.is_exclusion())
    }

    /// What was asked for, as the report tells it.
    fn scope(&self) -> String {
        let groups = self.groups.iter().map(|name| format!("group {name}"));
        let included: Vec<String> = groups
            .chain(self.inclusions().map(ToString::to_string))
            .collect();
        // A repository that somebody leaves out may be one whose name must not be in the report.
        let is_exact = |pattern: &&Pattern| matches!(pattern, Pattern::NotName(_));
        let excluded = self
            .patterns
            .iter()
            .filter(|pattern| pattern.is_exclusion());
        let (exact, excluded): (Vec<&Pattern>, Vec<&Pattern>) = excluded.partition(is_exact);
        let mut excluded: Vec<String> = excluded.iter().map(ToString::to_string).collect();
        if !exact.is_empty() {
            excluded.push(match exact.len() {
                1 => "one named".to_owned(),
                several => format!("{several} named"),
            });
        }
        let mut scope = match included.is_empty() {
            true => "all repositories".to_owned(),
            false => included.join(", "),
        };
        if !excluded.is_empty() {
            scope += &format!(" without {}", excluded.join(", ").replace('!', ""));
        }
        if scope.chars().count() > SCOPE {
            scope = scope.chars().take(SCOPE - 1).chain(['…']).collect();
        }
        scope
    }

    /// The repositories that are meant. An exact name always wins over a pattern, as elsewhere.
    async fn repos(&self, store: &Store, voice: Voice) -> Result<Vec<RepoId>> {
        let known = store.repositories().await?;
        if known.is_empty() {
            bail!(
                "nothing was read yet, so there is nothing to report: `gitratra sync OWNER/NAME` begins"
            );
        }
        let groups = self.groups(store).await?;
        let mut named: BTreeSet<RepoId> = BTreeSet::new();
        for pattern in self.inclusions() {
            if let Pattern::Name(name) = pattern {
                named.insert(super::find(store, &name.to_string(), voice).await?.id);
            }
        }
        let is_name = |pattern: &&Pattern| matches!(pattern, Pattern::Name(_));
        let has_wide = self.inclusions().any(|pattern| !is_name(&pattern));
        let wide = self.patterns.iter().filter(|pattern| !is_name(pattern));
        let wide: Vec<Pattern> = wide.cloned().collect();
        // Whatever is included otherwise is so far as nothing excludes it.
        let exclusions = wide
            .iter()
            .filter(|pattern| pattern.is_exclusion())
            .cloned();
        let not_excluded = Rules::new(exclusions.chain([Pattern::All]));
        let is_for_all = named.is_empty() && groups.is_empty() && !has_wide;
        let rules = Rules::new(wide.into_iter().chain(is_for_all.then_some(Pattern::All)));
        let mut repos = Vec::new();
        for known in &known {
            let repo = &known.repository;
            let is_in = |group: &Group| group.holds(repo.id, &repo.name);
            let is_wanted = rules.verdict(repo, &known.former).is_tracked()
                || groups.iter().any(is_in)
                    && not_excluded.verdict(repo, &known.former).is_tracked();
            if named.contains(&repo.id) || is_wanted {
                repos.push(repo.id);
            }
        }
        if repos.is_empty() {
            bail!(
                "nothing in the store matches {}: `gitratra repos` lists what is tracked, \
                 `gitratra group list` the groups",
                self.scope()
            );
        }
        Ok(repos)
    }

    async fn groups(&self, store: &Store) -> Result<Vec<Group>> {
        if self.groups.is_empty() {
            return Ok(Vec::new());
        }
        let all = store.groups().await?;
        let mut found = Vec::with_capacity(self.groups.len());
        for name in &self.groups {
            let Some(group) = all.iter().find(|group| group.name.key() == name.key()) else {
                bail!("there is no group \"{name}\": `gitratra group list` tells which there are");
            };
            found.push(group.clone());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_told_in_words() {
        let check = |words: &str, expected: &str| {
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            assert_eq!(Wanted::of(&words).unwrap().scope(), expected);
        };
        check("", "all repositories");
        check("!fork", "all repositories without fork");
        check("@web octo/*", "group web, octo/*");
        check("octo/* !octo/secret", "octo/* without one named");
        check(
            "octo/* !octo/a !octo/b !fork",
            "octo/* without fork, 2 named",
        );
        let long = "octo/a-rather-long-name ".repeat(9);
        let long: Vec<String> = long.split_whitespace().map(str::to_owned).collect();
        assert_eq!(Wanted::of(&long).unwrap().scope().chars().count(), SCOPE);
    }
}
