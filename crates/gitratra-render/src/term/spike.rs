//! `spikes`: each spike of a repository with its size and what moved with it.

use gitratra_core::Metric;
use gitratra_core::spike::{Explanation, Likelihood, Moved, Spike};

use super::beside::between;
use super::paint::{Ink, Style};
use super::text::{flow, plain};
use crate::axis::weekday_name;
use crate::number::{counted, grouped, with_tenth};

/// A spike and what moved with it.
#[derive(Debug, Clone, Copy)]
pub struct ShowSpike<'a> {
    /// The metric.
    pub metric: Metric,
    /// The spike.
    pub spike: Spike,
    /// What moved along, the surest first.
    pub moved: &'a [Explanation],
}

/// So many are named; the rest is counted.
const NAMED: usize = 6;

/// The spikes of a repository as text, ended by a newline.
#[must_use]
pub fn show_spikes(name: &str, spikes: &[ShowSpike<'_>], style: Style) -> String {
    let mut out = flow(&[(Ink::Strong, plain(name, style))], 0, style);
    for show in spikes {
        let spike = &show.spike;
        let peak = format!("{} {}", weekday_name(spike.peak), spike.peak);
        let noun = show.metric.word().trim_end_matches('s');
        let mut head = vec![
            (Ink::Strong, peak),
            (Ink::of(show.metric), counted(spike.count, noun)),
        ];
        let usual = match spike.times() {
            Some(times) => format!(
                "usually about {}, {} times",
                grouped(spike.usual),
                with_tenth(times)
            ),
            None => "usually about none".to_owned(),
        };
        head.push((Ink::Plain, usual));
        if spike.days.days() > 1 {
            let days = counted(spike.days.days().unsigned_abs(), "day");
            let more = grouped(spike.excess);
            head.push((Ink::Plain, format!("{days}, about {more} more than usual")));
        }
        if spike.is_cut {
            let text = "days beside it were not measured, it may have lasted longer";
            head.push((Ink::Warn, text.to_owned()));
        }
        if !spike.is_settled {
            let text = "too new to tell from a rise that stays";
            head.push((Ink::Faint, text.to_owned()));
        }
        out += &flow(&head, 0, style);
        for moved in show.moved.iter().take(NAMED) {
            out += &flow(&explanation(moved, style), 2, style);
        }
        let rest = show.moved.len().saturating_sub(NAMED);
        if rest > 0 {
            let more = format!("and {} more", grouped(rest as u64));
            out += &flow(&[(Ink::Faint, more)], 2, style);
        }
        if show.moved.is_empty() {
            let nothing = "nothing else is known to have moved".to_owned();
            out += &flow(&[(Ink::Faint, nothing)], 2, style);
        }
    }
    out
}

fn explanation(explanation: &Explanation, style: Style) -> Vec<(Ink, String)> {
    let ink = match explanation.likelihood {
        Likelihood::Likely => Ink::Up,
        Likelihood::Possible => Ink::Faint,
    };
    let what = match &explanation.moved {
        Moved::Referrer(name) => format!("referrer {}", plain(name, style)),
        Moved::Path(name) => format!("path {}", plain(name, style)),
        Moved::Stars => "stars".to_owned(),
        Moved::Mark(mark) => format!(
            "{} on {}: {}",
            mark.kind.word(),
            mark.day,
            plain(&mark.text, style)
        ),
    };
    let mut facts = vec![
        (ink, explanation.likelihood.word().to_owned()),
        (Ink::Plain, what),
    ];
    if let Some(share) = explanation.share {
        let text = format!("{} % of what came beyond the usual", between(share));
        facts.push((Ink::Faint, text));
    } else if let Some(more) = explanation.more {
        let text = format!("{} more than usual", between(more));
        facts.push((Ink::Faint, text));
    }
    if let Some(chance) = explanation.chance {
        let text = format!("{chance} % of the days around lie as near to one");
        facts.push((Ink::Faint, text));
    }
    facts
}
