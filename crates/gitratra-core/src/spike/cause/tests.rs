//! Explanations of spikes whose cause was planted.

use proptest::prelude::*;

use super::*;

/// The day that lies `n` days after 2020-01-01; the spike lasts from the 100th to the 101st.
fn day(n: i64) -> Day {
    Day::from_epoch_days(18_262 + n).unwrap()
}

fn spike() -> Spike {
    Spike {
        days: DayRange::new(day(100), day(101)).unwrap(),
        peak: day(100),
        count: 800,
        usual: 10,
        excess: 1_000,
        is_cut: false,
        is_settled: true,
    }
}

/// What a name had on each of the days from the 60th to the 140th.
fn named(events: impl Fn(i64) -> Option<Bounds>) -> Named {
    Named {
        name: "news.example".into(),
        days: (60..140)
            .filter_map(|n| Some((day(n), events(n)?)))
            .collect(),
    }
}

fn exact(events: impl Fn(i64) -> u64) -> Named {
    named(|n| Some(Bounds::exact(events(n))))
}

fn of_referrer(named: Named) -> Option<Explanation> {
    let clues = Clues {
        referrers: vec![named],
        ..Clues::default()
    };
    let mut found = explain(&spike(), &clues);
    assert!(found.len() <= 1);
    found.pop()
}

fn bounds(lower: u64, upper: u64) -> Bounds {
    Bounds::new(lower, upper).unwrap()
}

#[test]
fn a_referrer_that_surely_brought_most_of_it_is_likely() {
    let found = of_referrer(exact(|n| if n == 100 { 700 } else { 5 })).unwrap();
    assert_eq!(found.likelihood, Likelihood::Likely);
    assert_eq!(found.more, Some(Bounds::exact(695)));
    assert_eq!(found.share, Some(bounds(69, 70)));
    assert_eq!(found.moved, Moved::Referrer("news.example".into()));
}

#[test]
fn a_referrer_that_may_have_brought_it_is_possible() {
    let wide = |n| {
        Some(if n == 100 {
            bounds(100, 700)
        } else {
            bounds(0, 4)
        })
    };
    let found = of_referrer(named(wide)).unwrap();
    assert_eq!(found.likelihood, Likelihood::Possible);
    assert_eq!(found.share, Some(bounds(9, 71)));
}

#[test]
fn a_referrer_that_did_as_always_explains_nothing() {
    assert_eq!(of_referrer(exact(|_| 300)), None);
    assert_eq!(of_referrer(exact(|n| if n == 90 { 900 } else { 0 })), None);
}

#[test]
fn a_referrer_of_whose_days_nothing_is_known_explains_nothing() {
    let without = |n: i64| (!(100..=101).contains(&n)).then_some(Bounds::exact(5));
    assert_eq!(of_referrer(named(without)), None);
}

#[test]
fn a_day_of_the_spike_that_is_not_known_may_hold_everything() {
    let half = |n: i64| (n != 101).then_some(Bounds::exact(if n == 100 { 400 } else { 0 }));
    let found = of_referrer(named(half)).unwrap();
    assert_eq!(found.share, Some(bounds(40, 100)));
    assert_eq!(found.more, Some(Bounds::exact(400)));
}

#[test]
fn where_the_usual_is_not_known_nothing_is_surely_more() {
    let short = |n: i64| (98..=103).contains(&n).then_some(Bounds::exact(600));
    let found = of_referrer(named(short)).unwrap();
    assert_eq!(found.likelihood, Likelihood::Possible);
    assert_eq!(found.share, Some(bounds(0, 100)));
}

fn mark(n: i64, kind: MarkKind) -> Mark {
    Mark {
        day: day(n),
        kind,
        text: format!("v{n}"),
    }
}

fn of_marks_on(kind: MarkKind, days: impl IntoIterator<Item = i64>) -> Vec<(Day, Likelihood)> {
    let marks = days.into_iter().map(|n| mark(n, kind)).collect();
    let found = explain(
        &spike(),
        &Clues {
            marks,
            ..Clues::default()
        },
    );
    let told = |explanation: &Explanation| match &explanation.moved {
        Moved::Mark(mark) => (mark.day, explanation.likelihood),
        other => panic!("{other:?} is no mark"),
    };
    found.iter().map(told).collect()
}

#[test]
fn a_rare_release_just_before_is_likely_and_a_frequent_one_possible() {
    use MarkKind::Release;
    assert_eq!(of_marks_on(Release, [99]), [(day(99), Likelihood::Likely)]);
    assert_eq!(of_marks_on(Release, [97]), []);
    assert_eq!(of_marks_on(Release, [101]), []);
    let weekly = (0..30).map(|week| week * 7 + 1);
    assert_eq!(
        of_marks_on(Release, weekly),
        [(day(99), Likelihood::Possible)]
    );
    assert_eq!(of_marks_on(Release, 0..300), []);
}

#[test]
fn the_chance_of_a_release_counts_each_day_once() {
    let marks = [98, 99, 99, 20]
        .map(|n| mark(n, MarkKind::Release))
        .to_vec();
    let found = explain(
        &spike(),
        &Clues {
            marks,
            ..Clues::default()
        },
    );
    // Four days around the 98th and 99th, three from the 20th on, of 365.
    assert!(
        found
            .iter()
            .all(|explanation| explanation.chance == Some(2))
    );
}

#[test]
fn a_note_is_likely_however_often_notes_are_written() {
    let found = of_marks_on(MarkKind::Note, 0..300);
    let days: Vec<_> = found.iter().map(|(day, _)| *day).collect();
    assert_eq!(days, [98, 99, 100, 101].map(day));
    assert!(
        found
            .iter()
            .all(|(_, likelihood)| *likelihood == Likelihood::Likely)
    );
}

#[test]
fn stars_move_along_and_are_never_more_than_possible() {
    let of_stars = |stars: fn(i64) -> u64| {
        let stars = Measured::new((60..140).map(|n| (day(n), stars(n))));
        explain(
            &spike(),
            &Clues {
                stars,
                ..Clues::default()
            },
        )
    };
    let found = of_stars(|n| if n == 101 { 900 } else { 3 });
    assert_eq!(
        (found.len(), found[0].likelihood),
        (1, Likelihood::Possible)
    );
    assert_eq!(
        (found[0].more, found[0].share),
        (Some(Bounds::exact(897)), None)
    );
    assert_eq!(of_stars(|_| 40), []);
    assert_eq!(of_stars(|n| if n == 101 { 4 } else { 0 }), []);
}

#[test]
fn the_surest_comes_first() {
    let surge = |events| exact(move |n| if n == 100 { events } else { 0 });
    let clues = Clues {
        referrers: vec![surge(250), surge(400)],
        paths: vec![surge(900)],
        stars: Measured::new((60..140).map(|n| (day(n), if n == 100 { 50 } else { 0 }))),
        marks: vec![mark(99, MarkKind::Release), mark(100, MarkKind::Note)],
    };
    let found = explain(&spike(), &clues);
    let order: Vec<_> = found
        .iter()
        .map(|explanation| match &explanation.moved {
            Moved::Mark(mark) => mark.text.clone(),
            Moved::Stars => "stars".into(),
            Moved::Referrer(_) | Moved::Path(_) => explanation.more.unwrap().to_string(),
        })
        .collect();
    assert_eq!(order, ["v100", "400", "900", "v99", "250", "stars"]);
}

proptest! {
    #[test]
    fn the_true_part_lies_between_the_two_ends(
        events in proptest::collection::vec((0..900_u64, 0..40_u64, 0..300_u64, 0..10_u8), 80),
    ) {
        let truth = |n: i64| {
            let (on_spike, usual, _, _) = events[usize::try_from(n - 60).unwrap()];
            if (100..=101).contains(&n) { on_spike } else { usual }
        };
        let told = named(|n| {
            let (_, _, width, known) = events[usize::try_from(n - 60).unwrap()];
            (known > 2).then(|| bounds(truth(n).saturating_sub(width), truth(n) + width / 2))
        });
        // The usual is that of the days on which something is known of the name.
        let mut usual: Vec<u64> = told.days.iter()
            .filter(|(day, _)| !spike().days.contains(*day) && near(&spike(), &[(*day, ())]).len() == 1)
            .map(|(of, _)| truth(of.days_since(day(0))))
            .collect();
        usual.sort_unstable();
        let usual = usual[(usual.len() - 1) / 2];
        let brought = (truth(100) + truth(101)).saturating_sub(2 * usual).min(1_000);
        if let Some(found) = of_referrer(told) {
            let share = found.share.unwrap();
            prop_assert!(share.lower() * 1_000 <= brought * 100);
            prop_assert!(brought * 100 <= share.upper() * 1_000);
        }
    }
}
