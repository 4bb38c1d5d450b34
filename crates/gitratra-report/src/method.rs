//! How the numbers of a report are meant: what is counted, what cannot be added, what is a guess.

use crate::block::Block;

/// The heading of the notes.
pub(crate) const TITLE: &str = "How to read these numbers";

/// The notes.
pub(crate) fn blocks() -> Vec<Block> {
    let points = [
        "Views are page loads of a repository that GitHub counted on a day (a UTC date). Clones are full clones; fetches are not counted, checkouts of continuous integration are.",
        "Unique visitors and cloners are different people, by user name or IP address, behind the events of one period. Whoever came on two days is in both, so people never add. GitHub counts them for a day, a week and 14 days; for any other range bounds follow: “310–505” means at least 310 and at most 505.",
        "Sums over time are of events alone (views, clones, downloads), never of people.",
        "A gap is a day that was never read. It is not a zero: charts hatch it, lines stop at it, and sums leave it out. A hollow point or a dotted line is the least there was: a day seen only while it ran, or a week or month that lacks days.",
        "Changes compare only pairs of days that are measured in both ranges.",
        "Referrers and paths are told by GitHub as the ten largest of the last 14 days, as rolling totals. Each list is dated by its window; today's list less yesterday's is not a day's traffic. What one brought in other days follows from all lists together as bounds, and where a full list lacks a name, it may have had anything up to the last line.",
        "Estimates are labelled: what is usual (“≈”), spikes, repositories that went quiet, clones by machines, platforms of files. They come from rules that a person chose and change no number. What moved along with a spike is no proof of a cause.",
        "Stars and forks are numbers of a moment, as they stood on the day that is named. Downloads are differences of GitHub's running totals; checksums and signatures are not counted in their sum.",
        "An axis is logarithmic where one value would flatten all others; the line below the chart says so. On it, zero stands at the base.",
    ];
    vec![Block::List(points.map(str::to_owned).into())]
}
