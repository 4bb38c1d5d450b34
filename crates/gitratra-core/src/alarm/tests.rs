//! Troubles come, last and go: a small operator's desk on which hours pass.

use proptest::prelude::*;

use super::*;

const START: &str = "2026-03-10T09:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn repo(id: u64, is_private: bool, newest: &str) -> Watched {
    Watched {
        id: RepoId(id),
        name: RepoName::new("octo", &format!("r{id:03}")).unwrap(),
        is_private,
        reach: Reach::To(day(newest)),
    }
}

/// What a store and a clock hold between two reviews.
struct Desk {
    now: Timestamp,
    repos: Vec<Watched>,
    stopped: Vec<Stopped>,
    outage: Option<Outage>,
    copies: Copies,
    warehouse: Copies,
    has_passed: bool,
    collecting_since: Timestamp,
    last_stored_at: Option<Timestamp>,
    receivers: Vec<Receiver>,
    opened: Vec<Opened>,
    is_reached: bool,
}

impl Desk {
    fn new(repos: Vec<Watched>) -> Self {
        Self {
            now: at(START),
            repos,
            stopped: Vec::new(),
            outage: None,
            copies: Copies::None,
            warehouse: Copies::None,
            has_passed: true,
            collecting_since: at("2026-03-01T00:00:00Z"),
            last_stored_at: Some(at(START)),
            receivers: vec![Receiver {
                channel: "mail".to_owned(),
                names: Names::All,
            }],
            opened: Vec::new(),
            is_reached: true,
        }
    }

    fn look(&self) -> Review {
        let situation = Situation {
            now: self.now,
            collecting_since: self.collecting_since,
            has_passed: self.has_passed,
            repos: &self.repos,
            stopped: &self.stopped,
            last_stored_at: self.last_stored_at,
            outage: self.outage,
            copies: &self.copies,
            warehouse: &self.warehouse,
        };
        review(
            &self.opened,
            &situation,
            &Bounds::default(),
            &self.receivers,
        )
    }

    fn put(&mut self, changed: Vec<Opened>, dropped: &[Opened]) {
        for row in changed.iter().chain(dropped) {
            self.opened
                .retain(|old| (&old.key, &old.channel) != (&row.key, &row.channel));
        }
        self.opened.extend(changed);
    }

    /// One review as the program makes it; returns the messages that it sent or tried to send.
    fn turn(&mut self) -> Vec<Message> {
        let found = self.look();
        self.put(found.changed, &found.dropped);
        let key = |row: &Opened| (row.channel.clone(), row.key.clone());
        let mut kept: Vec<_> = self.opened.clone();
        let mut told = found.opened;
        kept.sort_by_key(key);
        told.sort_by_key(key);
        assert_eq!(kept, told, "changes lead to what is said to be open");
        for message in &found.messages {
            let settled = settle(&self.opened, message, self.is_reached, self.now);
            self.put(settled.changed, &settled.dropped);
        }
        found.messages
    }

    fn later(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    fn subjects(&mut self) -> Vec<String> {
        let sent = self.turn().into_iter();
        sent.map(|message| message.subject.replacen("gitratra: ", "", 1))
            .collect()
    }

    fn read_up_to(&mut self, newest: &str) {
        for repo in &mut self.repos {
            repo.reach = Reach::To(day(newest));
        }
        self.last_stored_at = Some(self.now);
    }
}

#[test]
fn a_repository_is_told_once_when_it_comes_below_seven_days_and_once_when_it_is_safe() {
    // 2026-03-01 is lost on 2026-03-16: six days left.
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-28")]);
    assert_eq!(desk.subjects(), ["octo/r001 loses a day in 6 days"]);
    for _ in 0..20 {
        desk.later(6);
        desk.last_stored_at = Some(desk.now);
        assert!(desk.turn().is_empty());
    }
    desk.read_up_to("2026-03-14");
    assert_eq!(
        desk.subjects(),
        ["over: octo/r001 is in no danger of losing a day"]
    );
    assert!(desk.opened.is_empty());
    assert!(desk.turn().is_empty());
}

#[test]
fn copies_that_fail_are_told_once_and_once_when_one_is_good() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-03-08")]);
    desk.copies = Copies::Unknown;
    assert!(desk.turn().is_empty());
    desk.copies = Copies::Failing {
        why: "cannot write \"/backups/x.db\"\u{7}".to_owned(),
        last_good_at: Some(at("2026-03-08T03:00:00Z")),
    };
    let told = desk.turn();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].key, "copies-fail");
    assert!(told[0].text.contains("\"/backups/x.db\"\n") || told[0].text.contains("x.db"));
    assert!(
        told[0].text.contains("2026-03-08 03:00 UTC"),
        "{}",
        told[0].text
    );
    assert!(desk.turn().is_empty());
    // The program was started again: nothing is known, so it goes on.
    desk.copies = Copies::Unknown;
    assert!(desk.turn().is_empty());
    desk.copies = Copies::Good;
    assert_eq!(desk.subjects(), ["over: the store is copied again"]);
    assert!(desk.opened.is_empty());
}

#[test]
fn a_warehouse_that_fails_is_told_apart_from_the_copies() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-03-08")]);
    desk.warehouse = Copies::Failing {
        why: "cannot reach \"s3://numbers\"".to_owned(),
        last_good_at: Some(at("2026-03-08T03:00:00Z")),
    };
    let told = desk.turn();
    assert_eq!((told.len(), &*told[0].key), (1, "warehouse-fails"));
    assert!(told[0].text.contains("s3://numbers"), "{}", told[0].text);
    desk.warehouse = Copies::Good;
    assert_eq!(desk.subjects(), ["over: the warehouse is filled again"]);
}

#[test]
fn seven_days_are_enough_and_eight_do_not_end_an_alarm() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-03-01")]);
    assert!(desk.turn().is_empty());
    desk.repos[0].reach = Reach::To(day("2026-02-28"));
    assert_eq!(desk.turn().len(), 1);
    for newest in ["2026-03-01", "2026-03-02", "2026-02-28"] {
        desk.repos[0].reach = Reach::To(day(newest));
        assert!(desk.turn().is_empty(), "{newest}");
    }
    desk.repos[0].reach = Reach::To(day("2026-03-03"));
    assert_eq!(desk.turn()[0].event, Event::Over);
}

#[test]
fn what_is_up_to_date_is_over_however_few_days_that_leaves() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    desk.turn();
    desk.read_up_to("2026-03-09");
    assert_eq!(desk.turn()[0].event, Event::Over);
}

#[test]
fn the_text_says_what_is_lost_when_and_what_to_do() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    assert_eq!(
        desk.turn()[0].text,
        "octo/r001 was read up to 2026-02-25 and not since. Its traffic of 2026-02-26 is lost on \
         2026-03-13, in 3 days, and then one more day each day: GitHub keeps 14 days.\n\n\
         What to do: `gitratra repos` shows the last error of each repository; mend that, and see \
         that the program, its network and its token work. Then `gitratra sync` reads at once.\n"
    );
}

#[test]
fn days_that_are_lost_already_are_called_so() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-20")]);
    let text = &desk.turn()[0].text;
    // At 09:00 on the 10th GitHub answers for 2026-02-24 to 2026-03-09.
    assert!(
        text.contains("2026-02-21 to 2026-02-23 are lost already. Its traffic of 2026-02-24 is lost on 2026-03-11, in 1 day,"),
        "{text}"
    );
}

#[test]
fn many_are_one_message_with_twenty_names() {
    let repos = (1..=400).map(|id| repo(id, id % 8 == 0, "2026-02-25"));
    let mut desk = Desk::new(repos.collect());
    desk.receivers.push(Receiver {
        channel: "room".to_owned(),
        names: Names::Public,
    });
    let sent = desk.turn();
    assert_eq!(sent.len(), 2);
    let (mail, room) = (&sent[0], &sent[1]);
    assert_eq!(
        mail.subject,
        "gitratra: 400 repositories lose days, the next in 3 days"
    );
    assert_eq!(mail.keys.len(), 400);
    assert_eq!(mail.key, "days-left");
    assert_eq!((mail.repositories.len(), mail.more), (20, 380));
    assert!(mail.text.contains("- octo/r020: 2026-02-26 is lost on"));
    assert!(mail.text.contains("\nand 380 more\n"));
    assert!(room.text.contains("\nand 380 more, 50 of them private\n"));
    assert!(mail.text.contains("octo/r008") && !room.text.contains("octo/r008"));
    assert!(!room.repositories.contains(&"octo/r008".to_owned()));
    desk.read_up_to("2026-03-09");
    assert_eq!(desk.turn().len(), 2);
    assert!(desk.opened.is_empty());
}

#[test]
fn a_private_repository_is_never_named_where_only_public_ones_may_be() {
    let mut desk = Desk::new(vec![repo(7, true, "2026-02-25")]);
    desk.receivers[0].names = Names::Public;
    let mut sent = desk.turn();
    assert_eq!(
        sent[0].subject,
        "gitratra: a private repository loses a day in 3 days"
    );
    assert_eq!((sent[0].repositories.len(), sent[0].more), (0, 1));
    assert_eq!(desk.opened[0].subject, "");
    desk.repos.clear();
    sent.extend(desk.turn());
    assert_eq!(sent.len(), 2);
    let all = format!("{sent:?}{:?}", desk.opened);
    assert!(!all.contains("r007"), "{all}");
}

#[test]
fn what_is_not_tracked_any_more_is_not_called_read() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    desk.turn();
    desk.repos.clear();
    let sent = desk.turn();
    assert!(sent[0].text.contains("not tracked any more, or gone"));
    assert!(sent[0].text.starts_with("octo/r001"));
}

#[test]
fn what_could_not_be_delivered_is_tried_ever_more_rarely_until_it_is() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    desk.is_reached = false;
    let mut tried = Vec::new();
    for minute in 0..300 {
        if !desk.turn().is_empty() {
            tried.push(minute);
        }
        desk.now += SignedDuration::from_mins(1);
    }
    assert_eq!(tried, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    desk.is_reached = true;
    assert_eq!(desk.turn().len(), 0);
    assert_eq!(desk.look().next_at, Some(at("2026-03-10T14:03:00Z")));
    desk.later(1);
    assert_eq!(desk.turn().len(), 1);
    desk.later(1);
    assert_eq!(desk.turn().len(), 0);
    assert_eq!(desk.look().next_at, None);
}

#[test]
fn what_was_over_before_anybody_was_told_is_dropped_silently() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    desk.is_reached = false;
    assert_eq!(desk.turn().len(), 1);
    desk.read_up_to("2026-03-09");
    desk.is_reached = true;
    desk.later(2);
    assert!(desk.turn().is_empty());
    assert!(desk.opened.is_empty());
}

#[test]
fn a_trouble_that_returns_before_its_end_was_told_goes_on_silently() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    desk.turn();
    desk.is_reached = false;
    desk.read_up_to("2026-03-09");
    assert_eq!(desk.turn()[0].event, Event::Over);
    desk.is_reached = true;
    desk.read_up_to("2026-02-25");
    desk.later(2);
    assert!(desk.turn().is_empty());
    assert!(!desk.opened[0].is_over);
    desk.read_up_to("2026-03-10");
    assert_eq!(desk.turn()[0].event, Event::Over);
}

#[test]
fn each_channel_is_told_for_itself() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    assert_eq!(desk.turn().len(), 1);
    desk.receivers.push(Receiver {
        channel: "pager".to_owned(),
        names: Names::All,
    });
    let sent = desk.turn();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].channel, "pager");
    desk.receivers.remove(0);
    assert!(desk.turn().is_empty());
    assert!(desk.opened.iter().all(|row| row.channel == "pager"));
}

#[test]
fn a_machine_that_wakes_up_catches_up_before_it_complains() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    desk.last_stored_at = Some(at("2026-02-26T10:00:00Z"));
    desk.collecting_since = desk.now;
    desk.has_passed = false;
    assert!(desk.turn().is_empty());
    assert_eq!(desk.look().open(), 0);
    desk.now += SignedDuration::from_mins(20);
    let mut read = Desk::new(desk.repos.clone());
    read.read_up_to("2026-03-09");
    assert!(read.turn().is_empty());
    // A first pass that brings nothing, or does not end, is told.
    desk.has_passed = true;
    assert_eq!(desk.look().messages.len(), 2);
    desk.has_passed = false;
    desk.later(1);
    assert_eq!(desk.look().messages.len(), 2);
}

#[test]
fn nothing_stored_for_a_day_is_told_with_the_first_loss() {
    let mut desk = Desk::new(vec![
        repo(1, false, "2026-03-08"),
        repo(2, true, "2026-03-07"),
    ]);
    desk.later(23);
    assert!(desk.turn().is_empty());
    desk.later(1);
    let sent = desk.turn();
    assert_eq!(sent[0].subject, "gitratra: nothing was stored for 24 hours");
    assert!(sent[0].text.starts_with(
        "Nothing was stored since 2026-03-10 09:00 UTC (24 hours), although 2 repositories are \
         tracked. The first day that is lost is 2026-03-08, on 2026-03-23."
    ));
    desk.later(24);
    assert!(desk.turn().is_empty());
    desk.read_up_to("2026-03-11");
    assert_eq!(desk.subjects(), ["over: the traffic is stored again"]);
}

#[test]
fn nothing_is_missed_where_nothing_is_tracked() {
    let mut desk = Desk::new(Vec::new());
    desk.last_stored_at = None;
    desk.later(1000);
    assert!(desk.turn().is_empty());
}

#[test]
fn an_outage_is_told_once_and_its_repositories_only_below_four_days() {
    let repos = (1..=10).map(|id| repo(id, false, "2026-03-08"));
    let mut desk = Desk::new(repos.chain([repo(11, false, "2026-02-25")]).collect());
    desk.outage = Some(Outage {
        newest: day("2026-03-08"),
        behind: 10,
        of: 11,
    });
    let said = desk.subjects();
    assert_eq!(
        said,
        [
            "GitHub has published no traffic after 2026-03-08",
            "octo/r011 loses a day in 3 days"
        ]
    );
    let mut told = Vec::new();
    for _ in 0..14 {
        desk.later(24);
        let day = Day::of(desk.now);
        told.extend(
            desk.subjects()
                .into_iter()
                .map(|said| format!("{day} {said}")),
        );
    }
    // 2026-03-09 is lost on the 24th. That nothing was stored has a known reason.
    assert_eq!(
        told,
        ["2026-03-21 10 repositories lose days, the next in 3 days"]
    );
    desk.outage = None;
    assert!(
        desk.turn().is_empty(),
        "nobody answered, so nothing is over"
    );
    desk.read_up_to("2026-03-23");
    assert_eq!(
        desk.subjects(),
        [
            "over: GitHub publishes again",
            "over: 11 repositories are in no danger of losing days"
        ]
    );
}

#[test]
fn a_restart_neither_ends_nor_repeats_what_only_a_pass_can_tell() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-03-09")]);
    let stopped = Stopped {
        label: "GITRATRA_TOKEN".to_owned(),
        why: "401: it was revoked;\r\nBcc: x@example.org".to_owned(),
    };
    desk.stopped.push(stopped.clone());
    let sent = desk.turn();
    assert_eq!(
        sent[0].subject,
        "gitratra: GitHub takes the credential \"GITRATRA_TOKEN\" no more"
    );
    assert_eq!(sent[0].key, "credential-stopped/GITRATRA_TOKEN");
    let line = "- \"GITRATRA_TOKEN\": 401: it was revoked; Bcc: x@example.org\n";
    assert!(sent[0].text.contains(line));
    desk.stopped.clear();
    desk.has_passed = false;
    assert!(desk.turn().is_empty());
    assert_eq!(desk.look().open(), 1);
    desk.stopped.push(stopped);
    desk.has_passed = true;
    assert!(desk.turn().is_empty());
    desk.stopped.clear();
    assert_eq!(desk.turn()[0].event, Event::Over);
}

#[test]
fn a_new_repository_is_given_a_day_and_an_empty_one_loses_nothing() {
    let mut desk = Desk::new(vec![
        repo(1, false, "2026-03-09"),
        repo(2, false, "2026-03-09"),
    ]);
    desk.repos[0].reach = Reach::Never { since: desk.now };
    desk.repos[1].reach = Reach::Empty;
    assert!(desk.turn().is_empty());
    desk.later(23);
    assert!(desk.turn().is_empty());
    desk.later(1);
    desk.last_stored_at = Some(desk.now);
    let sent = desk.turn();
    assert!(sent[0].text.starts_with(
        "octo/r001 is tracked, but was never read. Its traffic of 2026-02-25 is lost on 2026-03-12"
    ));
    desk.repos[0].reach = Reach::Empty;
    assert_eq!(desk.turn()[0].event, Event::Over);
}

#[test]
fn a_clock_that_went_back_holds_no_message_up() {
    let mut desk = Desk::new(vec![repo(1, false, "2026-02-25")]);
    desk.is_reached = false;
    desk.turn();
    desk.now -= SignedDuration::from_hours(5);
    desk.is_reached = true;
    assert_eq!(desk.turn().len(), 1);
}

/// Something that happens between two reviews.
#[derive(Debug, Clone)]
enum Happening {
    Hours(i64),
    Read { repo: usize, days_ago: i64 },
    Untracked { repo: usize },
    Reached(bool),
    Passed(bool),
    Refused(bool),
    Outage(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (0_i64..40).prop_map(Happening::Hours),
        4 => (0_usize..4, 1_i64..18)
            .prop_map(|(repo, days_ago)| Happening::Read { repo, days_ago }),
        1 => (0_usize..4).prop_map(|repo| Happening::Untracked { repo }),
        1 => any::<bool>().prop_map(Happening::Reached),
        1 => any::<bool>().prop_map(Happening::Passed),
        1 => any::<bool>().prop_map(Happening::Refused),
        1 => any::<bool>().prop_map(Happening::Outage),
    ]
}

fn happen(desk: &mut Desk, what: &Happening) {
    match *what {
        Happening::Hours(hours) => desk.later(hours),
        Happening::Read { repo, days_ago } => {
            let newest = Day::of(desk.now).plus(-days_ago);
            let id = RepoId(repo as u64);
            desk.repos.retain(|known| known.id != id);
            desk.repos
                .push(self::repo(id.0, repo == 0, &newest.to_string()));
            desk.last_stored_at = Some(desk.now);
        }
        Happening::Untracked { repo } => desk.repos.retain(|known| known.id.0 != repo as u64),
        Happening::Reached(is_reached) => desk.is_reached = is_reached,
        Happening::Passed(has_passed) => desk.has_passed = has_passed,
        Happening::Refused(is_refused) => {
            let stopped = Stopped {
                label: "one".to_owned(),
                why: "it expired".to_owned(),
            };
            desk.stopped = is_refused.then_some(stopped).into_iter().collect();
        }
        Happening::Outage(is_out) => {
            let newest = Day::of(desk.now).plus(-3);
            desk.outage = is_out.then_some(Outage {
                newest,
                behind: 3,
                of: 4,
            });
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_each_trouble_is_told_once_and_ended_once(
        happenings in proptest::collection::vec(happening(), 1..60),
    ) {
        let mut desk = Desk::new(Vec::new());
        let mut open: HashSet<String> = HashSet::new();
        let mut turn = |desk: &mut Desk| {
            let is_reached = desk.is_reached;
            for message in desk.turn().into_iter().filter(|_| is_reached) {
                assert!(!message.keys.is_empty());
                for key in message.keys {
                    match message.event {
                        Event::Raised => assert!(open.insert(key), "told twice"),
                        Event::Over => assert!(open.remove(&key), "ended, but never told"),
                    }
                }
            }
            open.len()
        };
        for what in &happenings {
            happen(&mut desk, what);
            turn(&mut desk);
        }
        desk.has_passed = true;
        desk.is_reached = true;
        desk.stopped.clear();
        desk.outage = None;
        desk.repos.push(repo(9, false, "2026-03-01"));
        let newest = Day::of(desk.now).plus(-1).to_string();
        desk.read_up_to(&newest);
        turn(&mut desk);
        desk.later(2);
        prop_assert_eq!(turn(&mut desk), 0);
        prop_assert_eq!(desk.opened, Vec::new());
    }
}
