//! This machine: the configuration that was read, its clock, the store and the disk under it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use gitratra_core::Timestamp;
use gitratra_store::{CollectorKind, Location, Presence, Seen, Store, StoreClock, StoreError};

use crate::connect;
use crate::settings::Settings;

use super::finding::{Area, Check, State};
use super::{bytes, moment};

/// More than this between two clocks is worth a word.
const TOLERATED_SECS: i64 = 300;
/// Less room than this is too little, whatever the store holds.
const LEAST_ROOM: u64 = 100 << 20;
/// What a day of a repository takes at most, with both lists (docs/performance.md).
const BYTES_A_DAY: u64 = 370;

/// Which configuration counts, and who is told of trouble.
pub(super) fn configuration(settings: &Settings) -> Vec<Check> {
    let check =
        |subject, state, found: String| Check::new(Area::Configuration, subject, state, found);
    let read = settings.config_file().map_or_else(
        || "none was read: flags, environment and defaults count".to_owned(),
        |path| format!("\"{}\" was read", path.display()),
    );
    let channels = match settings.channels() {
        Ok(channels) if channels.is_empty() => check(
            "channels",
            State::Note,
            "none, so nobody is told of trouble; `gitratra alerts test` says how to add one"
                .to_owned(),
        ),
        Ok(channels) => {
            let names: Vec<&str> = channels.iter().map(|channel| channel.name()).collect();
            let found = format!("{}; `gitratra alerts test` tries them", names.join(", "));
            check("channels", State::Ok, found)
        }
        Err(error) => check("channels", State::Bad, format!("{error:#}"))
            .action("mend the [[notify]] tables of the configuration"),
    };
    vec![check("file", State::Ok, read), channels]
}

/// This machine's clock against GitHub's; nothing is said of GitHub's where it is not known.
pub(super) fn clock(github: Option<Timestamp>, machine: Timestamp) -> Check {
    let check = |state, found: String| Check::new(Area::GitHub, "clock", state, found);
    let Some(github) = github else {
        let found = "GitHub's time is not known, as it cannot be reached".to_owned();
        return check(State::Unknown, found)
            .action("check the network, the API address and the proxy settings");
    };
    let secs = machine.as_second() - github.as_second();
    let found = match secs {
        -60..=60 => "this machine's goes with GitHub's".to_owned(),
        61.. => format!("this machine's is {} ahead of GitHub's", span(secs)),
        _ => format!("this machine's is {} behind GitHub's", span(-secs)),
    };
    if secs.abs() <= TOLERATED_SECS {
        return check(State::Ok, found);
    }
    check(State::Warn, found).action(
        "set this machine's clock, best by NTP; until then gitratra goes by GitHub's, but other \
         programs do not",
    )
}

/// A span of time in its largest unit.
fn span(secs: i64) -> String {
    match secs {
        ..=300 => format!("{secs} seconds"),
        301..=7_200 => format!("{} minutes", secs / 60),
        7_201..=172_800 => format!("{} hours", secs / 3_600),
        _ => format!("{} days", secs / 86_400),
    }
}

/// Opens the store, where there is one. Nothing is made: what is not there yet is told.
pub(super) async fn open(location: &Location) -> Result<Option<Store>, StoreError> {
    if location.path().is_some_and(|path| !path.exists()) {
        return Ok(None);
    }
    Store::open(location).await.map(Some)
}

/// Where the store is, of which engine, and whether it can be written.
pub(super) async fn store(
    location: &Location,
    opened: &Result<Option<Store>, StoreError>,
) -> Vec<Check> {
    let check = |subject, state, found: String| Check::new(Area::Store, subject, state, found);
    let engine = match location.path() {
        Some(_) => "SQLite",
        None => "PostgreSQL",
    };
    match opened {
        Err(error) => vec![trouble("place", error)],
        Ok(None) => vec![to_be(location)],
        Ok(Some(store)) => {
            let size = location
                .path()
                .map(size)
                .map_or_else(String::new, |size| format!(", {}", bytes(size)));
            let found =
                format!("\"{location}\", {engine}{size}, of the schema that this gitratra knows");
            let writing = match store.check_writable().await {
                Ok(()) => check("writing", State::Ok, "it can be written".to_owned()),
                Err(error) => trouble("writing", &error),
            };
            vec![check("place", State::Ok, found), writing]
        }
    }
}

/// The copy that pages are read from, where there is one: whether it is one, and how far behind.
pub(super) async fn copy(settings: &Settings, store: &Store) -> Option<Check> {
    let check = |state, found: String| Check::new(Area::Store, "read_db", state, found);
    let action =
        "mend it, or leave read_db out: until then everything is read from the store itself";
    let copy = match connect::copy(settings) {
        Ok(copy) => copy?,
        Err(error) => return Some(check(State::Bad, format!("{error:#}")).action(action)),
    };
    let began = Instant::now();
    Some(match connect::catch_up(store, &copy).await {
        Ok(None) => {
            let place = copy.location();
            let millis = began.elapsed().as_millis();
            check(
                State::Ok,
                format!("\"{place}\" had what the store had after {millis} ms"),
            )
        }
        Ok(Some(why)) => check(State::Warn, why).action(action),
        Err(error) => trouble("read_db", &error),
    })
}

/// The place of a store that is not there yet.
fn to_be(location: &Location) -> Check {
    let check = |state, found: &str| {
        let found = format!("\"{location}\" is not there yet{found}");
        Check::new(Area::Store, "place", state, found)
    };
    match location
        .path()
        .and_then(nearest)
        .is_some_and(|folder| is_writable(&folder))
    {
        true => check(State::Note, "; the first `track` or `sync` makes it"),
        false => check(State::Bad, ", and its folder cannot be written")
            .action("name another place with --db, or let this user write to the folder"),
    }
}

/// What of a path is there.
fn nearest(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    let there = absolute.ancestors().find(|path| path.exists())?;
    Some(there.to_owned())
}

#[cfg(unix)]
fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn is_writable(folder: &Path) -> bool {
    let data = folder.metadata();
    data.is_ok_and(|data| !data.permissions().readonly())
}

/// When anything was stored last.
pub(super) fn last_stored(at: Option<Timestamp>, now: Option<Timestamp>) -> Check {
    let check = |found: String| Check::new(Area::Store, "last stored", State::Ok, found);
    let Some(at) = at else {
        let found = "no answer of GitHub was stored yet".to_owned();
        return Check::new(Area::Store, "last stored", State::Note, found);
    };
    match now.map(|now| now.as_second() - at.as_second()) {
        Some(secs @ 1..) => check(format!("{}, {} ago", moment(at), span(secs))),
        _ => check(moment(at)),
    }
}

/// Who asks GitHub for this store, and who should and does not.
pub(super) async fn collectors(store: &Store) -> Vec<Check> {
    let presence = store.collectors(StoreClock::Own).await;
    presence.map_or_else(|_| Vec::new(), |presence| told_of(&presence))
}

fn told_of(presence: &Presence) -> Vec<Check> {
    let missed: Vec<&Seen> = presence.missed().collect();
    let is_alone = presence
        .present()
        .all(|seen| seen.kind != CollectorKind::Serve);
    let there = presence.present().map(|seen| {
        let asks = match seen.repos {
            0 => String::new(),
            1 => ", asking about 1 repository".to_owned(),
            number => format!(", asking about {number} repositories"),
        };
        let cares = match seen.is_caretaker {
            true => ", looks after alarms and copies",
            false => "",
        };
        let found = format!(
            "`gitratra {}` on \"{}\" since {}, seen {} ago{asks}{cares}",
            seen.kind.word(),
            seen.host,
            moment(seen.since),
            span(presence.at.as_second() - seen.seen_at.as_second())
        );
        Check::new(Area::Store, "collector", State::Ok, found)
    });
    let gone = missed.iter().map(|seen| {
        let found = format!(
            "`gitratra serve` on \"{}\" was last seen at {} and has not ended by itself",
            seen.host,
            moment(seen.seen_at)
        );
        // Where others do its work nothing is lost without it.
        let state = if is_alone { State::Warn } else { State::Note };
        Check::new(Area::Store, "collector", state, found).action(
            "start it again, and look at its log; where it was taken away, it is forgotten a day \
             after it was last seen",
        )
    });
    there.chain(gone).collect()
}

pub(super) fn trouble(subject: &str, error: &StoreError) -> Check {
    let action = match error {
        StoreError::NotAStore { .. } => "name another place with --db; this one is left as it is",
        StoreError::Newer { .. } => "update gitratra; the store is left as it is",
        StoreError::CannotOpen { .. } | StoreError::Lost { .. } => {
            "check that the place is right and open to this user, or name another with --db"
        }
        StoreError::Busy { .. } => "try again when the other process has ended",
        StoreError::Crowded { .. } => "end some connections, or raise what the server takes",
        StoreError::Standby { .. } => "promote a standby, or name all servers in the address",
        StoreError::Full { .. } => "make room on its disk",
        StoreError::ReadOnly { .. } => {
            "check who may write there: the owner and the permissions of a file and its folder, or \
             that the server is no standby"
        }
        StoreError::Disk { .. } => "check that its disk is healthy and has room within any quota",
        StoreError::Unreachable { .. } => {
            "check that the server runs and accepts connections from here"
        }
        StoreError::Corrupt { .. } => "put a backup back",
        _ => "report this as a fault of gitratra",
    };
    let state = match error {
        StoreError::Busy { .. } | StoreError::Crowded { .. } => State::Unknown,
        _ => State::Bad,
    };
    let mut found = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !found.contains(&cause_text) {
            found.push_str(&format!(": {cause_text}"));
        }
        source = cause.source();
    }
    Check::new(Area::Store, subject, state, found).action(action)
}

/// The bytes of a store: its file and the log beside it.
fn size(path: &Path) -> u64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let files = [path.to_owned(), PathBuf::from(log)];
    let sizes = files.iter().filter_map(|file| file.metadata().ok());
    sizes.map(|data| data.len()).sum()
}

/// What the file system under a store says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disk {
    /// Bytes that this user may still write.
    free: u64,
    /// The kind of network file system, where it is known to be one.
    network: Option<&'static str>,
}

/// Looks at the file system that a file lies on or will lie on; nothing where the system does not
/// tell.
pub(super) fn disk_of(path: &Path) -> Option<Disk> {
    look(&nearest(path)?)
}

#[cfg(unix)]
fn look(path: &Path) -> Option<Disk> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(Disk {
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
        network: network(path),
    })
}

#[cfg(not(unix))]
fn look(_path: &Path) -> Option<Disk> {
    None
}

/// *Source*: statfs(2), which lists the numbers that Linux gives to its file systems.
#[cfg(target_os = "linux")]
fn network(path: &Path) -> Option<&'static str> {
    let kind = rustix::fs::statfs(path).ok()?.f_type;
    // Its type differs from machine to machine, its figures do not.
    match format!("{kind:x}").as_str() {
        "6969" => Some("NFS"),
        "517b" | "ff534d42" | "fe534d42" => Some("SMB"),
        "c36400" => Some("Ceph"),
        "5346414f" => Some("AFS"),
        _ => None,
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn network(_path: &Path) -> Option<&'static str> {
    None
}

/// Whether there is room for years, and whether the disk is one that a database may lie on.
pub(super) fn disk(disk: Option<Disk>, repositories: usize) -> Vec<Check> {
    let check = |subject, state, found: String| Check::new(Area::Store, subject, state, found);
    let Some(disk) = disk else {
        let found = "this system does not tell how much room is left".to_owned();
        return vec![check("disk", State::Note, found)];
    };
    let a_year = repositories as u64 * 365 * BYTES_A_DAY;
    let wanted = LEAST_ROOM.max(a_year * 10);
    let found = format!("{} are free", bytes(disk.free));
    let room = if disk.free >= wanted {
        check("disk", State::Ok, found)
    } else {
        let found = format!("only {found}");
        let repositories = match repositories {
            1 => "1 repository takes".to_owned(),
            number => format!("{number} repositories take"),
        };
        check("disk", State::Warn, found).action(format!(
            "make room: {} should be free; {repositories} up to {} a year",
            bytes(wanted),
            bytes(a_year)
        ))
    };
    let mut checks = vec![room];
    if let Some(kind) = disk.network {
        let found = format!("the store lies on a network file system ({kind})");
        checks.push(check("file system", State::Warn, found).action(
            "move it to a local disk, or use PostgreSQL: the locks of network file systems do \
             not keep a SQLite file safe",
        ));
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_clock_is_wrong_beyond_five_minutes() {
        let github = at("2026-03-10T12:00:00Z");
        for (machine, state, words) in [
            ("2026-03-10T12:01:00Z", State::Ok, "goes with"),
            ("2026-03-10T12:05:00Z", State::Ok, "300 seconds ahead"),
            ("2026-03-10T12:05:01Z", State::Warn, "5 minutes ahead"),
            ("2026-03-10T11:54:59Z", State::Warn, "5 minutes behind"),
            ("2026-03-12T11:00:00Z", State::Warn, "47 hours ahead"),
            ("2026-03-20T12:00:00Z", State::Warn, "10 days ahead"),
        ] {
            let check = clock(Some(github), at(machine));
            assert_eq!(check.state, state, "{machine}");
            assert!(check.found.contains(words), "{}", check.found);
        }
        assert_eq!(clock(None, github).state, State::Unknown);
    }

    fn seen(host: &str, kind: CollectorKind, seen_at: &str, repos: u64) -> Seen {
        Seen {
            holder: host.to_owned(),
            host: host.to_owned(),
            kind,
            since: at("2026-03-10T08:00:00Z"),
            seen_at: at(seen_at),
            repos,
            is_caretaker: repos == 1,
        }
    }

    #[test]
    fn a_collector_is_missed_where_nobody_else_collects() {
        let (serve, sync) = (CollectorKind::Serve, CollectorKind::Sync);
        let mut presence = Presence {
            seen: vec![
                seen("cellar", serve, "2026-03-10T11:00:00Z", 0),
                seen("attic", sync, "2026-03-10T11:58:00Z", 12),
            ],
            at: at("2026-03-10T12:00:00Z"),
        };
        let told = |presence: &Presence| -> Vec<(State, String)> {
            let checks = told_of(presence).into_iter();
            checks.map(|check| (check.state, check.found)).collect()
        };
        let attic = "`gitratra sync` on \"attic\" since 2026-03-10 08:00 UTC, \
                     seen 120 seconds ago, asking about 12 repositories";
        let cellar = "`gitratra serve` on \"cellar\" was last seen at 2026-03-10 11:00 UTC \
                      and has not ended by itself";
        assert_eq!(
            told(&presence),
            [(State::Ok, attic.into()), (State::Warn, cellar.into())]
        );
        presence.seen[1] = seen("attic", serve, "2026-03-10T11:40:00Z", 1);
        let attic = "`gitratra serve` on \"attic\" since 2026-03-10 08:00 UTC, seen 20 minutes \
                     ago, asking about 1 repository, looks after alarms and copies";
        assert_eq!(
            told(&presence),
            [(State::Ok, attic.into()), (State::Note, cellar.into())]
        );
    }

    #[test]
    fn room_is_wanted_for_ten_years_and_a_hundred_mebibytes() {
        let of = |free, repositories| {
            let checks = disk(
                Some(Disk {
                    free,
                    network: None,
                }),
                repositories,
            );
            (
                checks[0].state,
                checks[0].action.clone().unwrap_or_default(),
            )
        };
        assert_eq!(of(100 << 20, 10).0, State::Ok);
        let (state, action) = of((100 << 20) - 1, 1);
        assert_eq!(state, State::Warn);
        assert_eq!(
            action,
            "make room: 100.0 MiB should be free; 1 repository takes up to 131.9 KiB a year"
        );
        assert_eq!(of(200 << 20, 1000).0, State::Warn);
        assert_eq!(of(2 << 30, 1000).0, State::Ok);
    }

    #[test]
    fn a_network_is_no_place_for_a_database() {
        let disk_there = Disk {
            free: 1 << 40,
            network: Some("NFS"),
        };
        let checks = disk(Some(disk_there), 1);
        assert_eq!((checks[0].state, checks[1].state), (State::Ok, State::Warn));
        assert!(checks[1].found.contains("NFS"));
    }

    #[test]
    fn the_disk_of_what_is_not_there_yet_is_that_of_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk_of(&folder.path().join("not/there/yet.db"));
        assert_eq!(disk.is_some(), cfg!(unix));
    }
}
