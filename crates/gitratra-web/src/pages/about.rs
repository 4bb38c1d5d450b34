//! What the numbers mean, for whoever looks at a dashboard without having read anything else.

use maud::{Markup, html};

use crate::layout;
use crate::site::Call;

pub(crate) async fn page(call: Call) -> Markup {
    let body = html! {
        div class="title" { h1 { "What the numbers mean" } }
        section class="panel" {
            dl class="facts" {
                dt { "Views, clones" }
                dd { "Events that GitHub counted on a UTC day. Checkouts by continuous integration are clones." }
                dt { "Uniques" }
                dd { "Distinct people within one period. Those of two days share people and are never added up: a range is told as bounds, such as 19–50, or as one number where GitHub counted just that range." }
                dt { "Gap" }
                dd { "A day that was never read. It is hatched in charts, is left out of sums and comparisons, and is never a zero." }
                dt { "Partial" }
                dd { "A day that was read only while it was running. Its number is the least there was." }
                dt { "Suspect" }
                dd { "Zero for every repository at once, which is more likely a fault of GitHub's. It is no number until it is told again." }
                dt { "Doubted" }
                dd { "Told only by a file of another tool that puts such numbers where it has seen nothing, or makes them out of others. It is kept, and is in no sum." }
                dt { "Not published" }
                dd { "GitHub publishes a day between about 06:30 and 09:00 UTC of the next day. Charts stay open at the right until then." }
                dt { "Change" }
                dd { "Against the days right before, by those days alone that were measured in both." }
                dt { "Referrers, paths" }
                dd { "GitHub tells totals of 14 days. What each brought in a range follows from them, exactly or at least and at most." }
                dt { "Stars" }
                dd { "Given and taken away. Who gives one and takes it away between two readings is in neither." }
                dt { "Downloads" }
                dd { "What a file's total grew by. Platforms are guessed by names and are estimates." }
                dt { "Spikes, clones by machines" }
                dd { "Estimates by rules. They say what moved along, which is no proof of a cause." }
                dt { "Days safe" }
                dd { "How long the collector may be away until the next day would be lost. GitHub forgets days after two weeks." }
            }
        }
    };
    layout::page(&call.frame, "What the numbers mean", &body)
}
