//! Reads every statement, and finds what could not be answered where Citus keeps the rows of each
//! repository on some machine: whoever writes a question learns of it here, without a cluster.
//!
//! It knows the SQL of this crate and no more. What Citus can do follows from its manual and the texts
//! of its errors: rows are found by `repo_id` or joined by it; a sub-select that refers to what is
//! around it may do so by `repo_id` alone, and to a table that is cut up as well; a table that only the
//! first machine has is asked for by itself.

use crate::tables::{Spread, spread_of};

/// What is wrong with a statement, if anything is.
pub(super) fn faults(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut faults = Vec::new();
    // What collectors agree on lies in one place, and may be locked there.
    let is_here = tokens
        .windows(2)
        .filter(|pair| matches!(pair[0].as_str(), "from" | "join" | "update" | "into"))
        .all(|pair| spread_of(&pair[1]) == Spread::Here);
    for (words, why) in [
        (
            &["skip", "locked"][..],
            "rows of several machines cannot be skipped while locked",
        ),
        (
            &["for", "update"],
            "rows of several machines cannot be locked",
        ),
        (
            &["for", "share"],
            "rows of several machines cannot be locked",
        ),
        (
            &["unnest"],
            "an upsert of many values is slow: rows go by COPY or one after the other",
        ),
        (
            &["recursive"],
            "a question that asks itself is not sent to other machines",
        ),
        (
            &["references"],
            "a row cannot be held by one on another machine",
        ),
        (&["full", "join"], "it is not sent to other machines"),
        (&["intersect"], "it is not sent to other machines"),
        (&["except"], "it is not sent to other machines"),
    ] {
        let is_lock = matches!(words[0], "skip" | "for");
        if tokens.windows(words.len()).any(|found| found == words) && !(is_lock && is_here) {
            faults.push(format!("\"{}\": {why}", words.join(" ")));
        }
    }
    let at = |place: usize| tokens.get(place).map_or("", String::as_str);
    match (at(0), at(1)) {
        ("insert", _) => insert(&tokens, &mut faults),
        ("update", table) => change(table, &tokens, &mut faults),
        ("delete", _) => change(at(2), &tokens, &mut faults),
        ("select", _) => {
            selects(&tokens, &[], &mut faults);
        }
        (word, _) => faults.push(format!(
            "a statement that begins with \"{word}\" is not known"
        )),
    }
    faults
}

/// Words, numbers, texts and signs, without comments.
fn tokens(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .map(|line| line.split("--").next().unwrap_or(line));
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
        let length = match first {
            _ if first.is_whitespace() => {
                rest = rest.trim_start();
                continue;
            }
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ if ["<>", "<=", ">="].iter().any(|sign| rest.starts_with(sign)) => 2,
            _ => first.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    tokens
}

/// The place after the bracket that closes the one at `open`.
fn closed(tokens: &[String], open: usize) -> usize {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "(" => depth += 1,
            ")" if depth <= 1 => return place + 1,
            ")" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// A table in a `from`, by the name that it has there.
#[derive(Debug, Clone)]
struct Named {
    alias: String,
    spread: Spread,
}

/// `insert into TABLE (columns) values … | select … [on conflict (…) do …] [returning …]`
fn insert(tokens: &[String], faults: &mut Vec<String>) {
    let table = tokens.get(2).map_or("", String::as_str);
    let spread = spread_of(table);
    let columns = closed(tokens, 3);
    let end = tokens
        .iter()
        .position(|token| token == "conflict")
        .map_or(tokens.len(), |at| at - 1);
    if tokens.get(columns).is_some_and(|token| token == "select") {
        let read = selects(&tokens[columns..end], &[], faults);
        let is_pinned = read.iter().all(|found| found.is_pinned);
        if spread == Spread::ByRepo && !is_pinned {
            faults.push(format!(
                "rows of {table} come from more than one repository"
            ));
        }
        let reads_repos = read.iter().any(|found| found.has(Spread::ByRepo));
        if spread != Spread::ByRepo && reads_repos {
            faults.push(format!("rows of {table} come from a table that is cut up"));
        }
    }
    if spread != Spread::ByRepo {
        return;
    }
    if !tokens[3..columns].iter().any(|column| column == "repo_id") {
        faults.push(format!("a row of {table} has no repo_id"));
    }
    if end == tokens.len() {
        return;
    }
    let target = closed(tokens, end + 2);
    if !tokens[end..target].iter().any(|column| column == "repo_id") {
        faults.push(format!("the conflict of {table} is not told by repo_id"));
    }
    let moved = tokens[target..]
        .windows(2)
        .any(|pair| pair[0] == "repo_id" && pair[1] == "=");
    if moved {
        faults.push(format!("a row of {table} would move to another repository"));
    }
}

/// `update TABLE set … where …` and `delete from TABLE where …`
fn change(table: &str, tokens: &[String], faults: &mut Vec<String>) {
    let spread = spread_of(table);
    let inner = sub_selects(tokens);
    let is_inner = |place: &usize| {
        let mut inner = inner.iter();
        inner.any(|at| (*at..closed(tokens, *at)).contains(place))
    };
    let wheres = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| *token == "where");
    let mut wheres = wheres
        .map(|(place, _)| place)
        .filter(|place| !is_inner(place));
    let (before, condition) = tokens.split_at(wheres.next().unwrap_or(tokens.len()));
    let inner = |part: &[String], faults: &mut Vec<String>| {
        let mut read = Vec::new();
        for place in sub_selects(part) {
            let end = closed(part, place) - 1;
            read.extend(selects(&part[place + 1..end], &[], faults));
        }
        read
    };
    let mut read = inner(before, faults);
    read.extend(inner(condition, faults));
    match spread {
        Spread::ByRepo => {
            if !is_pinned(&without_sub_selects(condition), table) {
                faults.push(format!("rows of {table} are not found by repo_id"));
            }
            let is_moved = before
                .windows(2)
                .any(|pair| pair[0] == "repo_id" && pair[1] == "=");
            if is_moved {
                faults.push(format!("a row of {table} would move to another repository"));
            }
        }
        Spread::Everywhere if !read.is_empty() => {
            faults.push(format!("{table} is changed by what another table holds"));
        }
        Spread::Here if read.iter().any(|found| found.has(Spread::ByRepo)) => {
            faults.push(format!(
                "{table} is changed by what a table holds that is cut up"
            ));
        }
        Spread::Everywhere | Spread::Here => {}
    }
}

/// Where sub-selects begin that are in no other one.
fn sub_selects(tokens: &[String]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        let is_one =
            tokens[place] == "(" && tokens.get(place + 1).is_some_and(|next| next == "select");
        if is_one {
            places.push(place);
            place = closed(tokens, place);
        } else {
            place += 1;
        }
    }
    places
}

fn without_sub_selects(tokens: &[String]) -> Vec<String> {
    let mut rest = Vec::new();
    let mut from = 0;
    for place in sub_selects(tokens) {
        rest.extend_from_slice(&tokens[from..=place]);
        from = closed(tokens, place) - 1;
    }
    rest.extend_from_slice(&tokens[from..]);
    rest
}

/// What a `select` reads.
#[derive(Debug)]
struct Read {
    tables: Vec<Named>,
    /// One repository, whose number is a parameter.
    is_pinned: bool,
}

impl Read {
    fn has(&self, spread: Spread) -> bool {
        self.tables.iter().any(|table| table.spread == spread)
    }
}

/// Reads selects that are put together by `union`, with the tables around them.
fn selects(tokens: &[String], around: &[Named], faults: &mut Vec<String>) -> Vec<Read> {
    let own = without_sub_selects(tokens);
    if own.iter().any(|token| token == "union") {
        let mut read = Vec::new();
        let mut from = 0;
        let mut depth = 0_usize;
        for (place, token) in tokens.iter().enumerate() {
            match token.as_str() {
                "(" => depth += 1,
                ")" => depth -= 1,
                "union" if depth == 0 => {
                    read.extend(selects(&tokens[from..place], around, faults));
                    from = place + 1 + usize::from(tokens[place + 1] == "all");
                }
                _ => {}
            }
        }
        read.extend(selects(&tokens[from..], around, faults));
        return read;
    }
    let mut read = Vec::new();
    let mut tables = Vec::new();
    // What stands in the place of a table is read first: whoever refers to it comes after.
    let inner = sub_selects(tokens);
    let in_from = |place: &usize| place.checked_sub(1).is_some_and(|at| is_from(&tokens[at]));
    for place in inner.iter().filter(|place| in_from(place)) {
        let end = closed(tokens, *place);
        let part = &tokens[place + 1..end - 1];
        read.extend(selects(part, &[], faults));
        tables.push(Named {
            alias: alias(tokens, end).unwrap_or_default(),
            // Its rows are gathered before they are joined.
            spread: Spread::Everywhere,
        });
    }
    for (place, token) in tokens.iter().enumerate() {
        let name = tokens.get(place + 1).map_or("", String::as_str);
        if is_from(token)
            && name != "("
            && !inner
                .iter()
                .any(|at| (*at..closed(tokens, *at)).contains(&place))
        {
            tables.push(Named {
                alias: alias(tokens, place + 2).unwrap_or_else(|| name.to_owned()),
                spread: spread_of(name),
            });
        }
    }
    let is_pinned = joined(&own, &tables, around, faults);
    let visible: Vec<Named> = around.iter().chain(&tables).cloned().collect();
    for place in inner.iter().filter(|place| !in_from(place)) {
        let part = &tokens[place + 1..closed(tokens, *place) - 1];
        read.extend(selects(part, &visible, faults));
    }
    read.push(Read { tables, is_pinned });
    read
}

fn is_from(token: &str) -> bool {
    token == "from" || token == "join"
}

/// The name that follows a table.
fn alias(tokens: &[String], place: usize) -> Option<String> {
    let has_as = tokens.get(place).is_some_and(|token| token == "as");
    has_as.then(|| tokens.get(place + 1).cloned()).flatten()
}

/// Whether rows are of one repository, whose number is a parameter.
fn is_pinned(tokens: &[String], alias: &str) -> bool {
    let sides = equals(tokens);
    let is_number = |side: &str| side.starts_with('$') || side == "cast";
    let own = ["repo_id".to_owned(), format!("{alias}.repo_id")];
    sides.iter().any(|(one, other)| {
        (own.contains(one) && is_number(other)) || (own.contains(other) && is_number(one))
    })
}

/// What is compared by `=`.
fn equals(tokens: &[String]) -> Vec<(String, String)> {
    let signs = tokens.iter().enumerate().filter(|(_, token)| *token == "=");
    let pairs =
        signs.filter_map(|(at, _)| Some((tokens.get(at.checked_sub(1)?)?, tokens.get(at + 1)?)));
    pairs
        .map(|(one, other)| (one.clone(), other.clone()))
        .collect()
}

/// Looks at how the tables of one `select` hang together, and says whether they are pinned.
fn joined(own: &[String], tables: &[Named], around: &[Named], faults: &mut Vec<String>) -> bool {
    let cut: Vec<&Named> = tables
        .iter()
        .filter(|table| table.spread == Spread::ByRepo)
        .collect();
    let Some(first) = cut.first() else {
        return true;
    };
    if let Some(local) = tables.iter().find(|table| table.spread == Spread::Here) {
        let (local, first) = (&local.alias, &first.alias);
        faults.push(format!(
            "{local}, which one machine has, is joined with {first}, which is cut up"
        ));
    }
    let is_outer = own
        .windows(2)
        .any(|pair| pair[0] == "left" && pair[1] == "join");
    if is_outer
        && tables
            .first()
            .is_some_and(|table| table.spread != Spread::ByRepo)
    {
        faults.push(format!(
            "{}, which is cut up, is joined to what is not",
            first.alias
        ));
    }
    let sides = equals(own);
    let meets = |one: &str, other: &str| {
        let (one, other) = (format!("{one}.repo_id"), format!("{other}.repo_id"));
        sides.iter().any(|(left, right)| {
            (*left == one && *right == other) || (*left == other && *right == one)
        })
    };
    let refers = around.iter().filter(|table| {
        let prefix = format!("{}.", table.alias);
        own.iter().any(|token| token.starts_with(&prefix))
    });
    let refers: Vec<&Named> = refers.collect();
    // Whoever is reached from the first one, or from what is around it.
    let mut reached: Vec<&str> = refers
        .iter()
        .filter(|table| table.spread == Spread::ByRepo)
        .map(|table| table.alias.as_str())
        .collect();
    if refers.is_empty() {
        reached.push(&first.alias);
    }
    let pinned: Vec<&str> = cut
        .iter()
        .filter(|table| {
            is_pinned(own, &table.alias) && (cut.len() == 1 || named(own, &table.alias))
        })
        .map(|table| table.alias.as_str())
        .collect();
    if refers.is_empty() && !pinned.is_empty() {
        reached = pinned.clone();
    }
    loop {
        let next = cut.iter().find(|table| {
            !reached.contains(&table.alias.as_str())
                && (pinned.contains(&table.alias.as_str())
                    || reached.iter().any(|other| meets(&table.alias, other)))
        });
        let Some(next) = next else { break };
        reached.push(&next.alias);
    }
    for table in &cut {
        if !reached.contains(&table.alias.as_str()) {
            faults.push(format!("{} is not joined by repo_id", table.alias));
        }
    }
    !pinned.is_empty()
}

/// Whether the number of a table is told with the table's name.
fn named(own: &[String], alias: &str) -> bool {
    own.contains(&format!("{alias}.repo_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = faults(text);
        match expected {
            "" => assert_eq!(found, Vec::<String>::new(), "{text}"),
            part => assert!(
                found.iter().any(|fault| fault.contains(part)),
                "{text}: {found:?}"
            ),
        }
    }

    #[test]
    fn what_goes_to_one_repository_is_right() {
        check(
            "select day from star_day where repo_id = $1 and day > $2 order by day",
            "",
        );
        check(
            "insert into star_day (repo_id, day) values ($1, $2) on conflict (repo_id, day) do nothing",
            "",
        );
        check("delete from star_day where repo_id = $1 and day = $2", "");
        check("update note set body = null where repo_id = $1", "");
        check(
            "insert into note (repo_id, note_id) select cast($1 as bigint), coalesce(max(note_id), 0) + 1 \
             from note where repo_id = cast($1 as bigint) returning note_id",
            "",
        );
        check(
            "select (select min(day) from star_day where repo_id = $1) as first_day",
            "",
        );
    }

    #[test]
    fn what_is_joined_by_repository_is_right() {
        check(
            "select a.day from repo cross join star_day as a where a.repo_id = repo.repo_id",
            "",
        );
        check(
            "select repo.repo_id, (select a.day from star_day as a where a.repo_id = repo.repo_id \
             order by a.day limit 1) as first_day from repo order by repo.repo_id",
            "",
        );
        check(
            "select repo_id from asked where repo_id in (select repo_id from lease where holder = $1)",
            "",
        );
        check(
            "select a.day from star_day as a left join suspect as s on s.day = a.day",
            "",
        );
    }

    #[test]
    fn what_goes_past_the_repository_is_found() {
        check(
            "delete from star_day where day = $1",
            "not found by repo_id",
        );
        check(
            "update note set body = null where note_id = $1",
            "not found by repo_id",
        );
        check(
            "update note set repo_id = $2 where repo_id = $1",
            "another repository",
        );
        check("insert into star_day (day) values ($1)", "has no repo_id");
        check(
            "insert into star_day (repo_id, day) values ($1, $2) on conflict (day) do nothing",
            "not told by repo_id",
        );
        check(
            "insert into star_day (repo_id, day) select repo_id, day from told_total",
            "more than one repository",
        );
        check(
            "insert into alarm (alarm_key) select full_name from repo",
            "that is cut up",
        );
        check(
            "select 1 from star_day as a inner join told_total as b on b.day = a.day",
            "b is not joined",
        );
        check(
            "select 1 from repo as a inner join repo as b on b.name_key = a.name_key",
            "b is not joined",
        );
        check(
            "select repo.repo_id from repo where exists (select 1 from star_day where star_day.day = repo.first_seen)",
            "star_day is not joined",
        );
    }

    #[test]
    fn what_one_machine_has_is_asked_for_by_itself() {
        check(
            "select 1 from repo inner join lease on lease.repo_id = repo.repo_id",
            "which one machine has",
        );
        check(
            "select 1 from suspect left join star_day on star_day.day = suspect.day",
            "joined to what is not",
        );
        check(
            "select 1 from rule_repo where exists (select 1 from repo where repo.repo_id = rule_repo.repo_id)",
            "repo is not joined",
        );
        check(
            "update group_rule set repo_id = (select repo_id from repo where repo.name_key = group_rule.name_key)",
            "that is cut up",
        );
        check(
            "update source set after_run = (select max(run_id) from run) where source_id = $1",
            "what another table holds",
        );
        check(
            "select r.repo_id, (select a.day from star_day as a where a.repo_id = r.repo_id limit 1) as day \
             from (select repo_id from repo order by repo_id limit $1) as r",
            "a is not joined",
        );
    }

    #[test]
    fn what_is_never_sent_on_is_found() {
        check(
            "select repo_id from asked order by repo_id for update skip locked",
            "skip locked",
        );
        check(
            "insert into star_day (repo_id, day) select unnest($1), unnest($2)",
            "unnest",
        );
        check(
            "with recursive found as (select 1) select 1 from found",
            "asks itself",
        );
    }
}
