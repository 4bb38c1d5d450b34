//! The figures that are kept: what each of them is called, what it should be, and what it can be
//! compared with.

/// A figure by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    /// By which it is recorded.
    pub(crate) name: &'static str,
    /// What is measured, for people.
    pub(crate) what: &'static str,
    pub(crate) unit: Unit,
    /// What it should be, where that was decided.
    pub(crate) target: Option<Target>,
    /// The bench that gives it.
    pub(crate) bench: &'static str,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// CPU time, in milliseconds.
    CpuMillis,
    /// CPU time, in seconds.
    CpuSecs,
    /// The clock's time, in milliseconds.
    WallMillis,
    /// The clock's time, in seconds.
    WallSecs,
    /// Resident memory, in MB.
    MemoryMb,
    Bytes,
    /// The size of a file, in MB.
    FileMb,
    Requests,
    /// Hours of simulated time.
    SimulatedHours,
    /// How many times another figure of the same run.
    Times,
}

/// Between what runs a figure says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Everywhere: the same program gives the same.
    Everywhere,
    /// On machines of another speed after a yardstick, which is measured in every run.
    ByYardstick,
    /// Only beside the other figures of its run.
    InOneRun,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Unit {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::CpuMillis => "ms CPU",
            Self::CpuSecs => "s CPU",
            Self::WallMillis => "ms",
            Self::WallSecs => "s",
            Self::MemoryMb | Self::FileMb => "MB",
            Self::Bytes => "bytes",
            Self::Requests => "requests",
            Self::SimulatedHours => "h",
            Self::Times => "×",
        }
    }

    pub(crate) const fn holds(self) -> Holds {
        match self {
            Self::Bytes | Self::FileMb | Self::MemoryMb | Self::Requests | Self::SimulatedHours => {
                Holds::Everywhere
            }
            Self::CpuMillis | Self::CpuSecs => Holds::ByYardstick,
            Self::WallMillis | Self::WallSecs | Self::Times => Holds::InOneRun,
        }
    }

    /// Whether a faster machine makes it smaller.
    pub(crate) const fn is_time(self) -> bool {
        matches!(
            self,
            Self::CpuMillis | Self::CpuSecs | Self::WallMillis | Self::WallSecs
        )
    }

    /// How much of it is noise, whatever is done about that.
    pub(crate) const fn noise(self) -> f64 {
        match self {
            Self::Bytes | Self::FileMb | Self::Requests => 0.01,
            Self::SimulatedHours => 0.05,
            Self::CpuMillis | Self::CpuSecs => 0.10,
            Self::MemoryMb | Self::Times => 0.15,
            Self::WallMillis | Self::WallSecs => 0.25,
        }
    }
}

impl Holds {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::ByYardstick => "by the yardstick",
            Self::InOneRun => "in one run",
        }
    }
}

impl Target {
    pub(crate) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl Figure {
    /// Whether more of it is worse.
    pub(crate) const fn is_worse_larger(&self) -> bool {
        !matches!(self.target, Some(Target::AtLeast(_)))
    }

    /// What stands for several runs: of times the best, since whatever disturbs makes them longer,
    /// and of the rest what lies in the middle.
    pub(crate) fn of_runs(&self, values: &[f64]) -> Option<f64> {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        match self.unit.is_time() {
            true => values.first().copied(),
            false => values.get(values.len() / 2).copied(),
        }
    }

    pub(crate) fn target_words(&self) -> String {
        match self.target {
            Some(Target::AtMost(most)) => format!("≤ {}", self.words(most)),
            Some(Target::AtLeast(least)) => format!("≥ {}", self.words(least)),
            None => "–".into(),
        }
    }

    /// A value with its unit, with three digits that count.
    pub(crate) fn words(&self, value: f64) -> String {
        format!("{} {}", digits(value), self.unit.word())
    }
}

/// Three digits that count.
pub(crate) fn digits(value: f64) -> String {
    let text = match value.abs() {
        large if large >= 99.95 => format!("{value:.0}"),
        middle if middle >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

const fn figure(
    bench: &'static str,
    name: &'static str,
    what: &'static str,
    unit: Unit,
    target: Option<Target>,
) -> Figure {
    Figure {
        name,
        what,
        unit,
        target,
        bench,
    }
}

const fn at_most(most: f64) -> Option<Target> {
    Some(Target::AtMost(most))
}

/// All of them, in the order in which they are shown.
pub(crate) const FIGURES: &[Figure] = &[
    figure(
        "latency",
        "latency",
        "a pass over 1,000 repositories at 80 ms a request, `--jobs 50`, pacing off: times (requests × latency ÷ jobs)",
        Unit::Times,
        at_most(1.5),
    ),
    figure(
        "cpu",
        "cpu-first",
        "CPU of a pass for each of 1,000 repositories, 0 ms: the first",
        Unit::CpuMillis,
        at_most(1.0),
    ),
    figure(
        "cpu",
        "cpu-next",
        "the same a day later",
        Unit::CpuMillis,
        at_most(1.0),
    ),
    figure(
        "cpu",
        "cpu-unchanged",
        "the same with nothing new",
        Unit::CpuMillis,
        None,
    ),
    figure(
        "cpu",
        "requests-first",
        "requests for each of 1,000 repositories, lists included: the first pass",
        Unit::Requests,
        at_most(6.0),
    ),
    figure(
        "cpu",
        "requests-next",
        "the same a day later",
        Unit::Requests,
        at_most(6.0),
    ),
    figure(
        "pass",
        "pass-wall",
        "a pass over 10,000 repositories at 0 ms, by one pattern",
        Unit::WallSecs,
        at_most(20.0),
    ),
    figure("pass", "pass-cpu", "the same", Unit::CpuSecs, at_most(15.0)),
    figure(
        "memory",
        "memory-first",
        "peak memory of a pass over 10,000 repositories: the first",
        Unit::MemoryMb,
        at_most(100.0),
    ),
    figure(
        "memory",
        "memory-next",
        "the same a day later",
        Unit::MemoryMb,
        at_most(100.0),
    ),
    figure(
        "show",
        "show",
        "`gitratra show` on five years of one repository, start included",
        Unit::WallMillis,
        at_most(30.0),
    ),
    figure("show", "show-cpu", "the same", Unit::CpuMillis, None),
    figure(
        "size",
        "size-traffic",
        "SQLite file for each repository-day of views and clones, days arriving one a pass",
        Unit::Bytes,
        at_most(60.0),
    ),
    figure(
        "size",
        "size-lists",
        "the same with ten referrers and ten paths, totals that change now and then",
        Unit::Bytes,
        at_most(400.0),
    ),
    figure(
        "size",
        "size-lists-new",
        "the same where every total is another one each day",
        Unit::Bytes,
        at_most(400.0),
    ),
    figure(
        "import",
        "import-wall",
        "`gitratra import` of a million rows of any CSV (500 repositories, 2,000 days)",
        Unit::WallSecs,
        at_most(15.0),
    ),
    figure("import", "import-cpu", "the same", Unit::CpuSecs, None),
    figure(
        "import",
        "import-memory",
        "peak memory of that",
        Unit::MemoryMb,
        at_most(100.0),
    ),
    figure(
        "years",
        "years-wall",
        "`gitratra import` of ten years of 10,000 repositories, 36.5 million repository-days",
        Unit::WallSecs,
        at_most(240.0),
    ),
    figure("years", "years-cpu", "the same", Unit::CpuSecs, None),
    figure(
        "years",
        "years-memory",
        "peak memory of that",
        Unit::MemoryMb,
        at_most(100.0),
    ),
    figure(
        "years",
        "years-size",
        "the file, for each repository-day",
        Unit::Bytes,
        at_most(60.0),
    ),
    figure(
        "planner",
        "planner-cpu",
        "deciding a day of 100,000 repositories behind 25 installations: planner, queue and scope",
        Unit::CpuSecs,
        at_most(2.0),
    ),
    figure(
        "planner",
        "planner-memory",
        "peak memory of that, the model of GitHub included",
        Unit::MemoryMb,
        at_most(300.0),
    ),
    figure(
        "planner",
        "planner-wait",
        "the longest that any of them was not read in 20 days with stalls, failures and outages",
        Unit::SimulatedHours,
        at_most(48.0),
    ),
    figure(
        "planner",
        "planner-requests",
        "requests for each of them and day",
        Unit::Requests,
        at_most(6.0),
    ),
    figure(
        "crowd",
        "crowd",
        "three collectors on one PostgreSQL at 80 ms, 16 jobs each: times as fast as one",
        Unit::Times,
        Some(Target::AtLeast(2.5)),
    ),
    figure(
        "web",
        "book-cpu",
        "a book of 30 days of 10,000 repositories, the file in memory",
        Unit::CpuMillis,
        at_most(150.0),
    ),
    figure(
        "binary",
        "binary",
        "the stripped release program",
        Unit::FileMb,
        at_most(25.0),
    ),
];

/// One by its name.
pub(crate) fn named(name: &str) -> Option<&'static Figure> {
    FIGURES.iter().find(|figure| figure.name == name)
}
