//! The bar that shows how far a pass is, on terminals only.

use std::sync::atomic::{AtomicBool, Ordering};

use gitratra_sync::Event;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Voice;

/// A bar over the repositories of a pass; hidden where nobody looks.
pub(crate) struct Progress {
    bar: ProgressBar,
    voice: Voice,
    is_shown: AtomicBool,
}

impl Progress {
    /// A bar that begins with the first event.
    pub(crate) fn new(voice: Voice) -> Self {
        let bar = ProgressBar::hidden();
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:32} {pos}/{len} repositories  {elapsed} elapsed, {eta} to go  {wide_msg}",
        ) {
            bar.set_style(style);
        }
        Self {
            bar,
            voice,
            is_shown: AtomicBool::new(false),
        }
    }

    /// Takes an event in.
    pub(crate) fn on(&self, event: Event) {
        match event {
            Event::Planned(repositories) => {
                self.bar.set_length(repositories as u64);
                if self.voice.shows_progress() && repositories > 1 {
                    self.bar
                        .set_draw_target(indicatif::ProgressDrawTarget::stderr());
                    self.is_shown.store(true, Ordering::Relaxed);
                }
            }
            Event::Visited(name) => {
                self.bar.set_message(name);
                self.bar.inc(1);
            }
            Event::WaitingUntil(until) => {
                self.say(&format!("rate limit used up: waiting until {until:.0}"));
            }
            Event::WaitingFor { name, host } => {
                let host = host.map_or_else(String::new, |host| format!(" on \"{host}\""));
                self.say(&format!(
                    "{name} is being read by another collector{host}: waiting until it is done"
                ));
            }
        }
    }

    fn say(&self, text: &str) {
        if self.is_shown.load(Ordering::Relaxed) {
            self.bar.println(text);
        } else {
            self.voice.say(text);
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
