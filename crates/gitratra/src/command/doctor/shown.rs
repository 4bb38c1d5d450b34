//! What was found as text: grouped by area, aligned, readable without colour.

use anstyle::{AnsiColor, Style};

use super::finding::{Area, Check, State};

/// Names longer than this do not push all others aside.
const WIDEST: usize = 32;

/// All checks, and one line that says what they come to.
pub(super) fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    let mut area: Option<Area> = None;
    for check in checks {
        if area != Some(check.area) {
            if area.is_some() {
                text.push('\n');
            }
            text.push_str(check.area.heading());
            text.push('\n');
            area = Some(check.area);
        }
        let of_area = checks.iter().filter(|other| other.area == check.area);
        let width = of_area.map(|other| other.subject.chars().count()).max();
        text.push_str(&line(check, width.unwrap_or_default().min(WIDEST)));
    }
    text.push('\n');
    text.push_str(&sum(checks));
    text.push('\n');
    text
}

fn line(check: &Check, width: usize) -> String {
    let style = style(check.state);
    let word = check.state.word();
    let blanks = " ".repeat("unknown".len() - word.len());
    let mut line = format!(
        "  {style}{word}{style:#}{blanks}  {:width$}  {}\n",
        check.subject, check.found
    );
    let indent = " ".repeat(2 + "unknown".len() + 2);
    for (at, part) in check
        .action
        .iter()
        .flat_map(|text| text.lines())
        .enumerate()
    {
        let arrow = if at == 0 { "-> " } else { "   " };
        line.push_str(&format!("{indent}{arrow}{part}\n"));
    }
    line
}

fn style(state: State) -> Style {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    match state {
        State::Ok => colour(AnsiColor::Green),
        State::Note => Style::new(),
        State::Unknown => colour(AnsiColor::Cyan),
        State::Warn => colour(AnsiColor::Yellow).bold(),
        State::Bad => colour(AnsiColor::Red).bold(),
    }
}

fn sum(checks: &[Check]) -> String {
    let number = |states: &[State]| {
        let of = checks.iter().filter(|check| states.contains(&check.state));
        of.count()
    };
    let to_do = match number(&[State::Warn, State::Bad]) {
        0 => None,
        1 => Some("1 thing needs doing".to_owned()),
        things => Some(format!("{things} things need doing")),
    };
    let untold = match number(&[State::Unknown]) {
        0 => None,
        1 => Some("1 thing cannot be told".to_owned()),
        things => Some(format!("{things} things cannot be told")),
    };
    match (to_do, untold) {
        (None, None) => "all is well".to_owned(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(to_do), Some(untold)) => format!("{to_do}, {untold}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_stand_under_their_area_with_what_to_change() {
        let checks = [
            Check::new(Area::Credentials, "token", State::Ok, "octo's, classic"),
            Check::new(Area::Credentials, "rate limit", State::Warn, "used up").action("wait"),
            Check::new(Area::Store, "disk", State::Unknown, "it is\u{20}far"),
        ];
        let shown = anstream::adapter::strip_str(&text(&checks)).to_string();
        insta::assert_snapshot!(shown, @r"
        credentials
          ok       token       octo's, classic
          warn     rate limit  used up
                   -> wait

        store
          unknown  disk  it is far

        1 thing needs doing, 1 thing cannot be told
        ");
    }
}
