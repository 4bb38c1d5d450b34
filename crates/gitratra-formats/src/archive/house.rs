//! `house.txt`: rules, groups and suspicions.

use gitratra_core::history::House;
use gitratra_core::{GroupName, GroupRule, Metric, Pattern, RepoId, RepoName};

use super::fields::{Fields, escaped, opt, time};
use crate::FormatError;

/// All lines, in any order.
pub(super) fn lines(house: &House) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(house.rules.values().map(|rule| format!("rule\t{rule}")));
    for (name, repo) in &house.bindings {
        lines.push(format!("bound\t{name}\t{repo}"));
    }
    for group in house.groups.values() {
        let name = escaped(&group.spelled);
        lines.push(format!("group\t{name}"));
        for (pattern, repo) in group.rules.values() {
            lines.push(format!("group_rule\t{name}\t{pattern}\t{}", opt(*repo)));
        }
    }
    for ((metric, day), since) in &house.suspicions {
        lines.push(format!("suspect\t{metric}\t{day}\t{}", time(*since)));
    }
    lines
}

/// Takes a line in.
pub(super) fn take(house: &mut House, fields: &mut Fields<'_>) -> Result<(), FormatError> {
    let kind = fields.next("a fact")?;
    match kind {
        "rule" => {
            let rule: Pattern = fields.parsed("a pattern")?;
            house.add_rule(&rule);
        }
        "bound" => {
            let name: RepoName = fields.parsed("owner/name")?;
            let repo = fields.number("a repository's number")?;
            house.bindings.insert((name.key(), RepoId(repo)));
        }
        "group" => {
            house.add_group(&group_name(fields)?);
        }
        "group_rule" => {
            let name = group_name(fields)?;
            let field = fields.next("a pattern")?;
            let pattern: Option<Pattern> = field.parse().ok();
            let repo = fields.opt_number("a repository's number")?.map(RepoId);
            let rule = pattern.and_then(|pattern| GroupRule::new(pattern, repo).ok());
            let rule = rule.ok_or_else(|| {
                let expected = "owner/name, owner/*, *, !owner/name or !owner/*";
                fields.wrong(field, "is no rule of a group", expected)
            })?;
            house.add_group(&name).add(rule.pattern(), rule.repo());
        }
        "suspect" => {
            let metric = fields.one_of(&Metric::ALL, Metric::word, "views or clones")?;
            let day = fields.day()?;
            house.suspect(metric, day, fields.time()?);
        }
        other => {
            let problem = "is nothing that a house has";
            return Err(fields.wrong(other, problem, "a fact that this program knows"));
        }
    }
    fields.end()
}

fn group_name(fields: &mut Fields<'_>) -> Result<GroupName, FormatError> {
    let text = fields.text("a group's name")?;
    text.parse().map_err(|_| {
        let field = "";
        fields.wrong(field, "is no group's name", "a group's name")
    })
}
