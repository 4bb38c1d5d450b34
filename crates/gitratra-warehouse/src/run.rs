//! One run: what changed is made anew, month by month, and put in its place; the manifest last.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gitratra_core::platform::Rule;
use gitratra_core::{DayRange, RepoId, Timestamp};
use gitratra_store::Store;
use ring::digest::{SHA256, digest};

use crate::WarehouseError;
use crate::file::{Made, Sorter, hex};
use crate::hold::{Hold, failed, put};
use crate::manifest::{FOLDER, Manifest, PATH, State, Written};
use crate::marks::marks;
use crate::part::Part;
use crate::place::{Body, Expected, Place, PlaceError, Version};
use crate::rows::{self, RowsError, Wanted, What};

/// Months that are made in one walk through the store: each has a file that is being written.
const AT_ONCE: usize = 6;

/// Months that may lie between two of one walk; their rows are read and dropped.
const APART: i64 = 100;

/// What is written.
pub struct Request<'a> {
    /// Where it comes from.
    pub store: &'a Store,
    /// Repositories and what they are called, in order.
    pub repos: &'a [(RepoId, String)],
    /// The tables; others that lie there are left as they are.
    pub tables: &'a [What],
    /// Somebody's own rules of platforms.
    pub rules: &'a [Rule],
    /// The rules as text, so that other rules are noticed.
    pub rules_text: &'a str,
    /// When it is.
    pub at: Timestamp,
    /// What no other run is called.
    pub writer: String,
    /// How.
    pub options: Options,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Nothing is written, only told.
    pub is_dry: bool,
    /// Everything is made anew and compared, whatever the marks say.
    pub is_full: bool,
    /// There is never more than one run, so that a bucket need not heed conditions.
    pub is_one_writer: bool,
    /// More than half of what is there may go.
    pub may_shrink: bool,
    /// How often a run says that it goes on.
    pub beat: Duration,
    /// How long a run must have said nothing to be taken over.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            is_dry: false,
            is_full: false,
            is_one_writer: false,
            may_shrink: false,
            beat: Duration::from_secs(30),
            patience: Duration::from_secs(150),
        }
    }
}

/// What a run has done, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// The number of the state that is there now.
    pub generation: u64,
    /// Files that were written, by their paths.
    pub written: Vec<String>,
    /// Files that were removed.
    pub removed: Vec<String>,
    /// Files that were made again and are as they were.
    pub same: usize,
    /// Files that are there now.
    pub files: usize,
    /// Rows in them.
    pub rows: u64,
    /// Bytes that were written.
    pub bytes: u64,
    /// Parquet files that are none of ours, though a reader of everything reads them too.
    pub strangers: Vec<String>,
}

/// Brings a warehouse up to date.
///
/// # Errors
/// [`WarehouseError`]. What lies there is whole after every error, each file as one run or another
/// has left it, and the next run goes on.
pub async fn run(place: &dyn Place, request: Request<'_>) -> Result<Done, WarehouseError> {
    let found = read(place).await?;
    let listed = place.list().await;
    let listed = listed.map_err(|error| told(place, "list", "", error))?;
    if found.is_none() {
        let strange = listed.keys().find(|path| is_parquet(path));
        if let Some(file) = strange {
            return Err(WarehouseError::NotOurs {
                place: place.shown().to_owned(),
                file: file.clone(),
            });
        }
    }
    let marks = marks(
        request.store,
        request.tables,
        request.repos,
        request.rules_text,
    )
    .await?;
    let known = found
        .as_ref()
        .map_or_else(Manifest::new, |(known, _)| known.clone());
    shrinks(place, &request, &known, &marks)?;
    let looked = Looked {
        marks,
        listed,
        known: &known,
    };
    let parts = looked.suspects(&request);
    let mut done = Done {
        strangers: looked.strangers(),
        ..Done::default()
    };
    // Tables without days have no marks: they are small, and made each time.
    let mut whole: BTreeMap<Part, Option<Made>> = BTreeMap::new();
    for what in request.tables.iter().copied() {
        if !what.is_dated() {
            let part = Part::whole(what);
            let made = make(&request, what, BTreeSet::from([part])).await?;
            whole.insert(part, made.into_values().next());
        }
    }
    let is_cut = found.is_some() && known.state == State::Writing;
    let whole_differ = whole.iter().any(|(part, made)| match made {
        Some(made) => looked.differs(*part, made),
        None => looked.listed.contains_key(&part.path()),
    });
    if found.is_some() && !is_cut && parts.is_empty() && !whole_differ {
        done.same = whole.len();
        done.count(&known);
        return Ok(done);
    }
    if request.options.is_dry {
        return dry(&request, &looked, parts, whole, done).await;
    }
    if !place.is_alone() {
        heeds_conditions(place, request.options.is_one_writer).await?;
        if is_cut {
            wait_for_another(place, &found, request.options.patience).await?;
        }
    }
    let (writer, every) = (request.writer.clone(), request.options.beat);
    let hold = Hold::take(place, found.clone(), writer, every).await;
    let hold = hold.map_err(|error| match error {
        // Nothing was written yet.
        WarehouseError::Overtaken(place) => WarehouseError::Busy(place),
        other => other,
    })?;
    let mut writing = Writing {
        place,
        looked: &looked,
        hold,
        done,
        has_changed: false,
    };
    for (part, made) in whole {
        writing.part(part, made).await?;
    }
    for (what, parts) in walks(parts) {
        let work = make(&request, what, parts.clone());
        let mut made = writing.hold.during(work).await??;
        for part in parts {
            writing.part(part, made.remove(&part)).await?;
        }
        // Whoever goes on after a cut need not do this again.
        writing.hold.put().await?;
    }
    writing.end(request.at).await
}

/// What is known before anything is written.
struct Looked<'a> {
    marks: BTreeMap<Part, String>,
    listed: BTreeMap<String, Version>,
    known: &'a Manifest,
}

impl Looked<'_> {
    /// The parts that may be other than they lie there.
    fn suspects(&self, request: &Request<'_>) -> BTreeSet<Part> {
        let known = self.known.files.keys().chain(self.known.empty.keys());
        let there = known
            .chain(self.listed.keys())
            .filter_map(|path| Part::parse(path));
        let all: BTreeSet<Part> = there.chain(self.marks.keys().copied()).collect();
        let all = all.into_iter().filter(|part| {
            let is_wanted = request.tables.contains(&part.what) && part.what.is_dated();
            is_wanted && (request.options.is_full || !self.is_as_it_was(*part))
        });
        all.collect()
    }

    fn is_as_it_was(&self, part: Part) -> bool {
        let path = part.path();
        let (mark, listed) = (self.marks.get(&part), self.listed.get(&path));
        match self.known.files.get(&path) {
            Some(written) => Some(&written.mark) == mark && Some(&written.version) == listed,
            None => listed.is_none() && self.known.empty.get(&path) == mark,
        }
    }

    /// Whether what lies there, as far as anybody knows, has other rows.
    fn differs(&self, part: Part, made: &Made) -> bool {
        let path = part.path();
        let written = self.known.files.get(&path);
        written.is_none_or(|written| {
            written.content != made.content || Some(&written.version) != self.listed.get(&path)
        })
    }

    fn strangers(&self) -> Vec<String> {
        let files = self.listed.keys();
        let strange = files.filter(|path| is_parquet(path) && Part::parse(path).is_none());
        strange.cloned().collect()
    }
}

fn is_parquet(path: &str) -> bool {
    path.ends_with(".parquet") && !path.starts_with(FOLDER)
}

/// The parts of each walk through the store: of one table, and near each other.
fn walks(parts: BTreeSet<Part>) -> Vec<(What, BTreeSet<Part>)> {
    let mut walks: Vec<(What, BTreeSet<Part>)> = Vec::new();
    for part in parts {
        if let Some((what, walk)) = walks.last_mut()
            && *what == part.what
            && walk.len() < AT_ONCE
            && walk
                .last()
                .is_some_and(|last| part.days().first().days_since(last.days().last()) < APART)
        {
            walk.insert(part);
            continue;
        }
        walks.push((part.what, BTreeSet::from([part])));
    }
    walks
}

/// Makes some parts of a table. A part without rows is not among them.
async fn make(
    request: &Request<'_>,
    what: What,
    parts: BTreeSet<Part>,
) -> Result<BTreeMap<Part, Made>, WarehouseError> {
    let days = parts.first().zip(parts.last());
    let range =
        days.and_then(|(first, last)| DayRange::new(first.days().first(), last.days().last()));
    let wanted = Wanted {
        store: request.store,
        repos: request.repos,
        range: range.unwrap_or(DayRange::ALL),
        since: None,
        rules: request.rules,
    };
    let mut sorter = Sorter::new(what, parts);
    match rows::write(what, &wanted, &mut sorter).await {
        Ok(()) => sorter.end().map_err(WarehouseError::File),
        Err(RowsError::Store(error)) => Err(error.into()),
        Err(RowsError::Sink(error)) => Err(WarehouseError::File(error)),
    }
}

/// Says what would be written.
async fn dry(
    request: &Request<'_>,
    looked: &Looked<'_>,
    parts: BTreeSet<Part>,
    whole: BTreeMap<Part, Option<Made>>,
    mut done: Done,
) -> Result<Done, WarehouseError> {
    done.count(looked.known);
    let mut tell = |part: Part, made: Option<&Made>| match made {
        Some(made) if looked.differs(part, made) => {
            done.bytes += made.bytes;
            done.written.push(part.path());
        }
        Some(_) => done.same += 1,
        None if looked.listed.contains_key(&part.path()) => done.removed.push(part.path()),
        None => {}
    };
    for (part, made) in &whole {
        tell(*part, made.as_ref());
    }
    for (what, parts) in walks(parts) {
        let made = make(request, what, parts.clone()).await?;
        for part in parts {
            tell(part, made.get(&part));
        }
    }
    Ok(done)
}

/// A run at work.
struct Writing<'a> {
    place: &'a dyn Place,
    looked: &'a Looked<'a>,
    hold: Hold<'a>,
    done: Done,
    has_changed: bool,
}

impl Writing<'_> {
    /// Puts a part in its place where it is another one, or removes it where it has no rows.
    async fn part(&mut self, part: Part, made: Option<Made>) -> Result<(), WarehouseError> {
        let path = part.path();
        let mark = self.looked.marks.get(&part).cloned().unwrap_or_default();
        let Some(made) = made else {
            return self.none(path, mark).await;
        };
        self.hold.manifest.empty.remove(&path);
        if !self.looked.differs(part, &made) {
            if let Some(written) = self.hold.manifest.files.get_mut(&path) {
                written.mark = mark;
            }
            self.done.same += 1;
            return Ok(());
        }
        let place = self.place;
        let body = Body::File(&made.file, made.bytes);
        let expected = match self.looked.listed.get(&path) {
            Some(version) => Expected::Version(version),
            None => Expected::Nothing,
        };
        let is_ours = |bytes: &[u8]| hex(digest(&SHA256, bytes)) == made.sha256;
        let work = put(place, &path, body, expected, is_ours);
        let version = self.hold.during(work).await??;
        let written = Written {
            rows: made.rows,
            bytes: made.bytes,
            sha256: made.sha256,
            content: made.content,
            version,
            mark,
        };
        self.hold.manifest.files.insert(path.clone(), written);
        self.has_changed = true;
        self.done.bytes += made.bytes;
        self.done.written.push(path);
        Ok(())
    }

    async fn none(&mut self, path: String, mark: String) -> Result<(), WarehouseError> {
        if self.looked.listed.contains_key(&path) {
            let removed = self.place.remove(&path).await;
            removed.map_err(|error| told(self.place, "remove", &path, error))?;
            self.has_changed = true;
            self.done.removed.push(path.clone());
        }
        self.hold.manifest.files.remove(&path);
        if mark.is_empty() {
            self.hold.manifest.empty.remove(&path);
        } else {
            self.hold.manifest.empty.insert(path, mark);
        }
        Ok(())
    }

    /// Says that all is written.
    async fn end(mut self, at: Timestamp) -> Result<Done, WarehouseError> {
        let manifest = &mut self.hold.manifest;
        manifest.state = State::Complete;
        if self.has_changed {
            manifest.generation += 1;
            manifest.written_at = at.to_string();
        }
        self.hold.put().await?;
        self.done.count(&self.hold.manifest);
        Ok(self.done)
    }
}

impl Done {
    fn count(&mut self, manifest: &Manifest) {
        self.generation = manifest.generation;
        self.files = manifest.files.len();
        self.rows = manifest.files.values().map(|written| written.rows).sum();
    }
}

async fn read(place: &dyn Place) -> Result<Option<(Manifest, Version)>, WarehouseError> {
    let found = place.read(PATH).await;
    let found = found.map_err(|error| told(place, "read", PATH, error))?;
    let Some((bytes, version)) = found else {
        return Ok(None);
    };
    Ok(Some((Manifest::read(&bytes, place.shown())?, version)))
}

/// Refuses to let most of a warehouse go for a store that knows nothing of it.
fn shrinks(
    place: &dyn Place,
    request: &Request<'_>,
    known: &Manifest,
    marks: &BTreeMap<Part, String>,
) -> Result<(), WarehouseError> {
    let dated = known.files.keys().filter_map(|path| Part::parse(path));
    let dated: Vec<Part> = dated
        .filter(|part| part.what.is_dated() && request.tables.contains(&part.what))
        .collect();
    let gone = dated
        .iter()
        .filter(|part| !marks.contains_key(part))
        .count();
    if gone * 2 > dated.len() && !request.options.may_shrink {
        return Err(WarehouseError::Shrinks {
            place: place.shown().to_owned(),
            gone,
            of: dated.len(),
        });
    }
    Ok(())
}

/// Whether two runs at once would see each other.
async fn heeds_conditions(place: &dyn Place, is_one_writer: bool) -> Result<(), WarehouseError> {
    const PROBE: &str = "_gitratra/probe";
    const TEXT: Body<'_> =
        Body::Bytes(b"Says whether this store heeds If-Match and If-None-Match.\n");
    if is_one_writer {
        return Ok(());
    }
    for (expected, may_succeed) in [
        (Expected::Nothing, true),
        (Expected::Nothing, false),
        (
            Expected::Version("\"0123456789abcdef0123456789abcdef\""),
            false,
        ),
    ] {
        match place.put(PROBE, TEXT, expected).await {
            Err(PlaceError::Moved) => {}
            Ok(_) if may_succeed => {}
            Ok(_) => return Err(WarehouseError::Unconditional(place.shown().to_owned())),
            Err(error) => return Err(told(place, "write", PROBE, error)),
        }
    }
    Ok(())
}

/// Looks whether the run that the manifest tells of is still at work.
async fn wait_for_another(
    place: &dyn Place,
    found: &Option<(Manifest, Version)>,
    patience: Duration,
) -> Result<(), WarehouseError> {
    tracing::warn!(
        "\"{}\" says that a run is at work: waiting {} seconds to see whether it was cut off",
        place.shown(),
        patience.as_secs()
    );
    tokio::time::sleep(patience).await;
    let now = read(place).await?.map(|(_, version)| version);
    if now == found.as_ref().map(|(_, version)| version.clone()) {
        return Ok(());
    }
    Err(WarehouseError::Busy(place.shown().to_owned()))
}

fn told(place: &dyn Place, what: &'static str, path: &str, error: PlaceError) -> WarehouseError {
    match error {
        PlaceError::Failed(why) => failed(place, what, path, why),
        PlaceError::Moved => WarehouseError::Overtaken(place.shown().to_owned()),
    }
}
