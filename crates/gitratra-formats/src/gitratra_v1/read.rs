//! Reads the original tool's file, saying exactly where it cannot.

use std::collections::HashMap;

use gitratra_core::{Count, Day, Metric};

use super::{MAGIC, SECTIONS, V1File, V1Repo};
use crate::FormatError;
use crate::lines::{Line, lines};
use crate::list_file::check_entry;

/// Reads a whole file.
///
/// *Shape*: a missing final newline, `\r\n`, a byte order mark, blank lines, unsorted days and
/// repeated days, sections or repositories are taken: repeats are joined, and of two values for a
/// day the larger count and the larger uniques stay. An empty file is a new one.
///
/// # Errors
/// [`FormatError`] for everything else, at the first place that cannot be read: nothing is guessed
/// and nothing is passed over.
pub fn read(bytes: &[u8], file_name: &str) -> Result<V1File, FormatError> {
    let mut reader = Reader::default();
    let mut file = V1File::default();
    let mut places = HashMap::new();
    let mut place = 0;
    for line in lines(bytes, file_name) {
        match reader.take(line?)? {
            Some(Said::Repo(name)) => {
                let repos = &mut file.repos;
                place = *places.entry(name).or_insert_with(|| {
                    repos.push(V1Repo::new(name));
                    repos.len() - 1
                });
            }
            Some(Said::Day(metric, day, count)) => file.repos[place].merge(metric, day, count),
            None => {}
        }
    }
    Ok(file)
}

/// What a line of the file says.
pub(crate) enum Said<'a> {
    /// From here on it is about this repository.
    Repo(&'a str),
    /// A day of the repository named last.
    Day(Metric, Day, Count),
}

/// How far reading has come. It holds no more than one line.
#[derive(Default)]
pub(crate) struct Reader {
    is_begun: bool,
    has_repo: bool,
    section: Option<Metric>,
}

impl Reader {
    /// Takes the next line, which may be blank.
    ///
    /// # Errors
    /// [`FormatError`] where the line cannot be read or does not belong there.
    pub(crate) fn take<'a>(&mut self, line: Line<'a>) -> Result<Option<Said<'a>>, FormatError> {
        if line.is_blank() {
            return Ok(None);
        }
        if !self.is_begun {
            self.is_begun = true;
            return match line.text {
                MAGIC => Ok(None),
                other => Err(line.wrong(other, "is no beginning", "\"gitratra_v1\" alone")),
            };
        }
        if let Some(name) = line.text.strip_prefix('>') {
            return self.begin_repo(line, name).map(Some);
        }
        if let Some(word) = line.text.strip_prefix('#') {
            self.begin_section(line, word)?;
            return Ok(None);
        }
        let (day, count) = day_line(line)?;
        match (self.has_repo, self.section) {
            (true, Some(metric)) => Ok(Some(Said::Day(metric, day, count))),
            (true, None) => {
                Err(line.wrong(line.text, "is in no section", "\"#clones\" or \"#views\""))
            }
            (false, _) => Err(line.wrong(line.text, "belongs to no repository", "\">name\"")),
        }
    }

    fn begin_repo<'a>(&mut self, line: Line<'a>, name: &'a str) -> Result<Said<'a>, FormatError> {
        check_entry(name).map_err(|why| {
            line.wrong(
                name,
                &format!("is no repository: {why}"),
                "name or owner/name",
            )
        })?;
        self.has_repo = true;
        self.section = None;
        Ok(Said::Repo(name))
    }

    fn begin_section(&mut self, line: Line<'_>, word: &str) -> Result<(), FormatError> {
        if !self.has_repo {
            return Err(line.wrong(line.text, "belongs to no repository", "\">name\""));
        }
        let section = SECTIONS.into_iter().find(|metric| metric.word() == word);
        if section.is_none() {
            return Err(line.wrong(line.text, "is no section", "\"#clones\" or \"#views\""));
        }
        self.section = section;
        Ok(())
    }
}

fn day_line(line: Line<'_>) -> Result<(Day, Count), FormatError> {
    let mut words = line.text.splitn(4, ' ');
    let end = &line.text[line.text.len()..];
    let mut word = || words.next().unwrap_or(end);
    let (day, count, uniques, rest) = (word(), word(), word(), words.next());
    let parsed: Day = day.parse().map_err(|_| {
        line.wrong(
            day,
            "is no day",
            "a day as YYYY-MM-DD, \">name\" or a section",
        )
    })?;
    let events = number(line, count, "a count")?;
    let people = number(line, uniques, "uniques")?;
    if let Some(rest) = rest {
        let from = line.text.len() - rest.len() - 1;
        return Err(line.wrong(&line.text[from..], "is too much", "the end of the line"));
    }
    let pair = Count::new(events, people).map_err(|_| {
        let limit = format!("uniques of at most the count {events}");
        line.wrong(uniques, "is more than the count", &limit)
    })?;
    Ok((parsed, pair))
}

fn number(line: Line<'_>, text: &str, name: &str) -> Result<u64, FormatError> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(line.wrong(
            text,
            &format!("is not {name}"),
            &format!("{name} in digits"),
        ));
    }
    let number = text.parse().ok().filter(|number| *number < Count::LIMIT);
    number.ok_or_else(|| {
        let limit = format!("{name} below {}", Count::LIMIT);
        line.wrong(text, "is absurd", &limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let file = read(text.as_bytes(), "out.txt").unwrap();
        assert_eq!(super::super::write(&file), expected, "{text:?}");
    }

    fn refused(text: impl AsRef<[u8]>, expected: &str) {
        let error = read(text.as_ref(), "out.txt").unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn an_empty_file_is_a_new_one() {
        check("", "gitratra_v1\n");
        check("\u{feff}", "gitratra_v1\n");
        check("\r\n\n", "gitratra_v1\n");
        check("gitratra_v1", "gitratra_v1\n");
    }

    #[test]
    fn repeated_days_keep_the_larger_of_each_number() {
        check(
            "gitratra_v1\n>a\n#views\n2019-10-02 5 4\n2019-10-01 9 1\n2019-10-02 7 3\n#clones\n",
            "gitratra_v1\n>a\n#clones\n#views\n2019-10-01 9 1\n2019-10-02 7 4\n",
        );
    }

    #[test]
    fn a_repository_that_comes_twice_is_joined() {
        check(
            "gitratra_v1\n>a\n#views\n2019-10-01 9 1\n>b\n>a\n#views\n2019-10-02 7 4",
            "gitratra_v1\n>a\n#clones\n#views\n2019-10-01 9 1\n2019-10-02 7 4\n>b\n#clones\n#views\n",
        );
    }

    #[test]
    fn blank_lines_and_foreign_line_ends_are_passed_over() {
        check(
            "\u{feff}gitratra_v1\r\n\r\n>a\r\n#clones\r\n2019-10-01 1 1\r\n  \r\n#views",
            "gitratra_v1\n>a\n#clones\n2019-10-01 1 1\n#views\n",
        );
    }

    #[test]
    fn another_beginning_is_refused() {
        refused(
            ">a\n#clones\n",
            "\"out.txt\" line 1, column 1: \">a\" is no beginning, expected \"gitratra_v1\" alone",
        );
        refused(
            "gitratra_v2\n",
            "\"out.txt\" line 1, column 1: \"gitratra_v2\" is no beginning, expected \"gitratra_v1\" alone",
        );
        refused(
            "gitratra_v1 \n",
            "\"out.txt\" line 1, column 1: \"gitratra_v1 \" is no beginning, expected \"gitratra_v1\" alone",
        );
    }

    /// Checks one day line of a file that is right otherwise.
    fn refused_day(line: &str, expected: &str) {
        refused(
            format!("gitratra_v1\n>a\n#clones\n{line}"),
            &format!("\"out.txt\" line 4, column {expected}"),
        );
    }

    #[test]
    fn numbers_that_cannot_be_are_refused() {
        refused_day(
            "2019-10-01 x 3",
            "12: \"x\" is not a count, expected a count in digits",
        );
        refused_day(
            "2019-10-01 -2 3",
            "12: \"-2\" is not a count, expected a count in digits",
        );
        refused_day(
            "2019-10-01 +2 1",
            "12: \"+2\" is not a count, expected a count in digits",
        );
        refused_day(
            "2019-10-01 2.0 1",
            "12: \"2.0\" is not a count, expected a count in digits",
        );
        refused_day(
            "2019-10-01 1000000000000 3",
            "12: \"1000000000000\" is absurd, expected a count below 1000000000000",
        );
        refused_day(
            "2019-10-01 99999999999999999999999 3",
            "12: \"99999999999999999999999\" is absurd, expected a count below 1000000000000",
        );
        refused_day(
            "2019-10-01 3 12",
            "14: \"12\" is more than the count, expected uniques of at most the count 3",
        );
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        let expected = "is no day, expected a day as YYYY-MM-DD, \">name\" or a section";
        for bad in ["2019-02-29", "2019-13-01", "2019-1-01", "10/01/2019", "-"] {
            refused_day(&format!("{bad} 12 3"), &format!("1: \"{bad}\" {expected}"));
        }
        refused_day(
            " 2019-10-01 12 3",
            "1: \" \" is no day, expected a day as YYYY-MM-DD, \">name\" or a section",
        );
    }

    #[test]
    fn a_half_written_line_is_refused() {
        refused_day(
            "2019-10",
            "1: \"2019-10\" is no day, expected a day as YYYY-MM-DD, \">name\" or a section",
        );
        refused_day(
            "2019-10-01",
            "11: the line ends, expected a count in digits",
        );
        refused_day(
            "2019-10-01 12",
            "14: the line ends, expected uniques in digits",
        );
        refused_day(
            "2019-10-01 12 ",
            "15: the line ends, expected uniques in digits",
        );
        refused_day(
            "2019-10-01 12 3 ",
            "16: \" \" is too much, expected the end of the line",
        );
        refused_day(
            "2019-10-01 12 3 4",
            "16: \" 4\" is too much, expected the end of the line",
        );
    }

    #[test]
    fn blanks_and_other_separators_are_not_guessed() {
        refused_day(
            "2019-10-01\t12\t3",
            "1: \"2019-10-01\\t12\\t3\" is no day, expected a day as YYYY-MM-DD, \">name\" or a section",
        );
        refused_day(
            "2019-10-01  12 3",
            "12: \" \" is not a count, expected a count in digits",
        );
        refused_day(
            "2019-10-01 12 3\0",
            "15: \"3\\0\" is not uniques, expected uniques in digits",
        );
    }

    #[test]
    fn sections_and_repositories_must_be_in_order() {
        refused(
            "gitratra_v1\n#clones\n",
            "\"out.txt\" line 2, column 1: \"#clones\" belongs to no repository, expected \">name\"",
        );
        refused(
            "gitratra_v1\n2019-10-01 1 1\n",
            "\"out.txt\" line 2, column 1: \"2019-10-01 1 1\" belongs to no repository, expected \">name\"",
        );
        refused(
            "gitratra_v1\n>a\n2019-10-01 1 1\n",
            "\"out.txt\" line 3, column 1: \"2019-10-01 1 1\" is in no section, expected \"#clones\" or \"#views\"",
        );
        refused(
            "gitratra_v1\n>a\n#stars\n",
            "\"out.txt\" line 3, column 1: \"#stars\" is no section, expected \"#clones\" or \"#views\"",
        );
    }

    #[test]
    fn names_that_no_repository_has_are_refused() {
        refused(
            "gitratra_v1\n>\n",
            "\"out.txt\" line 2, column 2: the line ends, expected name or owner/name",
        );
        refused(
            "gitratra_v1\n>a b\n",
            "\"out.txt\" line 2, column 2: \"a b\" is no repository: a name has only letters, digits, \"-\", \"_\" and \".\", expected name or owner/name",
        );
        refused(
            b"gitratra_v1\n>a\xFF\n",
            "\"out.txt\" line 2, column 3: the byte 0xFF is no text, expected UTF-8",
        );
    }
}
