//! Who may look: people, sessions, tokens, links, groups and what slows guessing down.

use gitratra_core::person::Tried;
use gitratra_core::{
    GroupName, GroupRule, PersonId, PersonName, RepoId, Role, SecretHash, Timestamp, TokenScope,
};
use gitratra_store::{HouseKey, Invited, NewShare, NewToken, PasswordHash, Shared, Store, Vouched};

use crate::place::{Kind, Place, on_both_engines};
use crate::samples::{at, repository};
use crate::seals::UNDO_5;

on_both_engines![
    a_name_is_given_once_and_a_number_never_again,
    whoever_is_disabled_or_removed_is_let_in_nowhere,
    a_new_password_ends_the_other_sessions,
    who_is_vouched_for_is_known_by_subject_and_not_by_name,
    sessions_that_are_over_are_dropped,
    a_token_is_its_owners_to_end,
    a_link_ends_when_it_is_revoked_and_with_its_group,
    an_invitation_works_once,
    only_the_first_person_is_made_by_the_first_link,
    guessing_has_to_wait_longer_and_longer,
    many_names_do_not_fill_the_store,
    the_key_of_the_house_stays_until_it_is_rotated,
    a_group_follows_a_repository_and_not_its_name,
    a_store_of_version_3_is_brought_up_to_date,
];

fn name(text: &str) -> PersonName {
    text.parse().unwrap()
}

fn group(text: &str) -> GroupName {
    text.parse().unwrap()
}

fn rules(text: &str) -> Vec<GroupRule> {
    let rules = text.split_whitespace();
    let rules = rules.map(|text| GroupRule::new(text.parse().unwrap(), None).unwrap());
    rules.collect()
}

fn hash(byte: u8) -> SecretHash {
    SecretHash([byte; 32])
}

fn now() -> Timestamp {
    at("2026-03-04T09:00")
}

fn later(secs: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + secs).unwrap()
}

async fn add(store: &Store, text: &str, role: Role) -> PersonId {
    let added = store.add_person(&name(text), role, &[], now()).await;
    added.unwrap().unwrap()
}

async fn a_name_is_given_once_and_a_number_never_again(place: Place) {
    let store = place.open().await;
    assert!(!store.has_persons().await.unwrap());
    assert_eq!(add(&store, "Ada", Role::Admin).await, PersonId(1));
    let other = name("aDA");
    let again = store.add_person(&other, Role::Viewer, &[], now()).await;
    assert_eq!(again.unwrap(), None);
    assert_eq!(add(&store, "Bo", Role::Viewer).await, PersonId(2));
    assert!(store.remove_person(PersonId(2)).await.unwrap());
    assert!(!store.remove_person(PersonId(2)).await.unwrap());
    assert!(!store.set_role(PersonId(2), Role::Admin).await.unwrap());
    assert_eq!(add(&store, "Bo", Role::Viewer).await, PersonId(3));
    let persons = store.persons().await.unwrap();
    let shown: Vec<_> = persons
        .iter()
        .map(|person| (person.id.0, person.name.as_str(), person.role))
        .collect();
    assert_eq!(shown, [(1, "Ada", Role::Admin), (3, "Bo", Role::Viewer)]);
    assert_eq!(store.person(PersonId(2)).await.unwrap(), None);
    for id in [1, 3] {
        store.remove_person(PersonId(id)).await.unwrap();
    }
    assert!(!store.has_persons().await.unwrap());
}

async fn whoever_is_disabled_or_removed_is_let_in_nowhere(place: Place) {
    let store = place.open().await;
    let end = later(3600);
    for (byte, is_removed) in [(1, false), (2, true)] {
        let id = add(&store, &format!("p{byte}"), Role::Editor).await;
        assert!(store.add_session(hash(byte), id, now(), end).await.unwrap());
        let token = NewToken {
            hash: hash(byte),
            name: "ci".into(),
            scope: TokenScope::Read,
            person: id,
            expires_at: None,
        };
        store.add_token(&token, now()).await.unwrap().unwrap();
        assert!(store.session(hash(byte)).await.unwrap().is_some());
        assert!(store.token(hash(byte)).await.unwrap().is_some());
        let done = match is_removed {
            true => store.remove_person(id).await,
            false => store.set_disabled(id, true).await,
        };
        assert!(done.unwrap());
        assert_eq!(store.session(hash(byte)).await.unwrap(), None);
        assert_eq!(store.token(hash(byte)).await.unwrap(), None);
        let more = hash(byte + 10);
        assert!(!store.add_session(more, id, now(), end).await.unwrap());
        let more = NewToken {
            hash: more,
            ..token
        };
        assert_eq!(store.add_token(&more, now()).await.unwrap(), None);
    }
    assert_eq!(place.number("select count(*) from session").await, 0);
    // Let in again, they have to log in anew; a token works as before.
    assert!(store.set_disabled(PersonId(1), false).await.unwrap());
    assert_eq!(store.session(hash(1)).await.unwrap(), None);
    assert!(store.token(hash(1)).await.unwrap().is_some());
}

async fn a_new_password_ends_the_other_sessions(place: Place) {
    let store = place.open().await;
    let id = add(&store, "Ada", Role::Admin).await;
    for byte in [1, 2] {
        let added = store.add_session(hash(byte), id, now(), later(60)).await;
        assert!(added.unwrap());
    }
    let (person, password) = store.login(&name("ada")).await.unwrap().unwrap();
    assert_eq!((person.has_password, password), (false, None));
    let password = PasswordHash("$argon2id$secret".into());
    let set = store.set_password(id, &password, Some(hash(2))).await;
    assert!(set.unwrap());
    assert_eq!(store.session(hash(1)).await.unwrap(), None);
    let session = store.session(hash(2)).await.unwrap().unwrap();
    assert!(session.person.has_password);
    let (_, kept) = store.login(&name("ADA")).await.unwrap().unwrap();
    assert_eq!(kept.as_ref(), Some(&password));
    assert!(!format!("{kept:?}").contains("secret"));
    assert_eq!(store.login(&name("nobody")).await.unwrap(), None);
}

async fn who_is_vouched_for_is_known_by_subject_and_not_by_name(place: Place) {
    let store = place.open().await;
    store
        .add_to_group(&group("web"), &rules("octo/*"))
        .await
        .unwrap();
    let local = add(&store, "ada", Role::Admin).await;
    let vouched = |subject: &str, role, groups: &[&str]| Vouched {
        issuer: "https://id.example".into(),
        subject: subject.into(),
        name: name("Ada"),
        role,
        groups: groups.iter().map(|name| group(name)).collect(),
    };
    let one = vouched("s1", Role::Viewer, &["WEB", "unknown"]);
    let one = store.save_vouched(&one, now()).await.unwrap();
    assert_ne!(one.id, local);
    assert_eq!(one.name, name("Ada-2"));
    assert_eq!(one.groups, [group("web")]);
    assert_eq!(one.issuer.as_deref(), Some("https://id.example"));
    let other = vouched("s2", Role::Editor, &[]);
    let other = store.save_vouched(&other, now()).await;
    assert_eq!(other.unwrap().name, name("Ada-3"));
    let again = vouched("s1", Role::Editor, &[]);
    let again = store.save_vouched(&again, now()).await.unwrap();
    assert_eq!((again.id, again.role), (one.id, Role::Editor));
    assert_eq!(again.groups, []);
    store.set_disabled(one.id, true).await.unwrap();
    let disabled = vouched("s1", Role::Admin, &[]);
    let disabled = store.save_vouched(&disabled, now()).await;
    assert!(disabled.unwrap().is_disabled);
}

async fn sessions_that_are_over_are_dropped(place: Place) {
    let store = place.open().await;
    let id = add(&store, "Ada", Role::Viewer).await;
    for byte in 0..3 {
        let added = store.add_session(hash(byte), id, now(), later(60)).await;
        assert!(added.unwrap());
    }
    store.touch_session(hash(0), later(30)).await.unwrap();
    store.touch_session(hash(0), later(20)).await.unwrap();
    let session = store.session(hash(0)).await.unwrap().unwrap();
    assert_eq!(session.last_seen_at, later(30));
    assert_eq!((session.created_at, session.expires_at), (now(), later(60)));
    assert!(store.end_session(hash(0)).await.unwrap());
    assert!(!store.end_session(hash(0)).await.unwrap());
    let added = store.add_session(hash(9), id, later(60), later(120)).await;
    assert!(added.unwrap());
    assert_eq!(place.number("select count(*) from session").await, 1);
}

async fn a_token_is_its_owners_to_end(place: Place) {
    let store = place.open().await;
    let ada = add(&store, "Ada", Role::Viewer).await;
    let bo = add(&store, "Bo", Role::Admin).await;
    let token = NewToken {
        hash: hash(1),
        name: "ci".into(),
        scope: TokenScope::Write,
        person: ada,
        expires_at: Some(later(60)),
    };
    let id = store.add_token(&token, now()).await.unwrap().unwrap();
    store.touch_token(id, later(5)).await.unwrap();
    let (kept, person, groups) = store.token(hash(1)).await.unwrap().unwrap();
    assert_eq!((kept.scope, kept.person), (TokenScope::Write, ada));
    assert_eq!(kept.expires_at, Some(later(60)));
    assert_eq!(kept.last_used_at, Some(later(5)));
    assert_eq!((person.id, groups), (ada, vec![]));
    assert!(!store.remove_token(bo, id).await.unwrap());
    assert!(store.remove_token(ada, id).await.unwrap());
    assert_eq!(store.tokens().await.unwrap(), []);
}

async fn a_link_ends_when_it_is_revoked_and_with_its_group(place: Place) {
    let store = place.open().await;
    let share = |byte, target| NewShare {
        hash: hash(byte),
        label: "press".into(),
        target,
        person: None,
        expires_at: later(60),
    };
    let unknown = share(1, Shared::Group(group("web")));
    assert_eq!(store.add_share(&unknown, now()).await.unwrap(), None);
    store
        .add_to_group(&group("Web"), &rules("octo/*"))
        .await
        .unwrap();
    let one = store.add_share(&unknown, now()).await.unwrap().unwrap();
    let repo = share(2, Shared::Repo(RepoId(7)));
    let two = store.add_share(&repo, now()).await.unwrap().unwrap();
    assert_ne!(one, two);
    let (kept, shown) = store.share(hash(1)).await.unwrap().unwrap();
    assert_eq!(kept.target, Shared::Group(group("web")));
    assert!(shown.unwrap().holds(RepoId(1), &"octo/x".parse().unwrap()));
    assert!(kept.is_open(later(59)) && !kept.is_open(later(60)));
    assert!(store.revoke_share(two, later(1)).await.unwrap());
    assert!(!store.revoke_share(two, later(2)).await.unwrap());
    let (kept, shown) = store.share(hash(2)).await.unwrap().unwrap();
    assert_eq!((kept.revoked_at, shown), (Some(later(1)), None));
    assert!(!kept.is_open(later(2)));
    assert!(store.remove_group(&group("web")).await.unwrap());
    assert_eq!(store.share(hash(1)).await.unwrap(), None);
    assert_eq!(store.shares().await.unwrap().len(), 1);
    let third = share(3, Shared::Repo(RepoId(8)));
    store.add_share(&third, later(60)).await.unwrap().unwrap();
    assert_eq!(store.shares().await.unwrap().len(), 1);
}

async fn an_invitation_works_once(place: Place) {
    let store = place.open().await;
    let ada = add(&store, "Ada", Role::Viewer).await;
    let (end, password) = (later(60), PasswordHash("x".into()));
    for byte in [1, 2] {
        let invite = store.add_invite(hash(byte), Some(ada), now(), end);
        invite.await.unwrap();
    }
    // The second one took the place of the first one.
    assert_eq!(store.invited(hash(1), now()).await.unwrap(), None);
    let invited = store.invited(hash(2), now()).await.unwrap();
    assert!(matches!(invited, Some(Invited::Person(person)) if person.id == ada));
    assert_eq!(store.invited(hash(2), end).await.unwrap(), None);
    let accept = async |at| {
        let ignored = name("ignored");
        let accepted = store.accept_invite(hash(2), &ignored, &password, at);
        accepted.await.unwrap()
    };
    assert_eq!(accept(end).await, None);
    assert_eq!(accept(now()).await, Some(ada));
    assert_eq!(accept(now()).await, None);
    let (person, kept) = store.login(&name("ada")).await.unwrap().unwrap();
    assert_eq!((person.id, kept), (ada, Some(password.clone())));
}

async fn only_the_first_person_is_made_by_the_first_link(place: Place) {
    let store = place.open().await;
    let password = PasswordHash("x".into());
    store
        .add_invite(hash(1), None, now(), later(60))
        .await
        .unwrap();
    let invited = store.invited(hash(1), now()).await.unwrap();
    assert_eq!(invited, Some(Invited::First));
    let two = [name("Ada"), name("Bo")];
    let (one, other) = tokio::join!(
        store.accept_invite(hash(1), &two[0], &password, now()),
        store.accept_invite(hash(1), &two[1], &password, now()),
    );
    let made: Vec<_> = [one, other]
        .into_iter()
        .filter_map(Result::unwrap)
        .collect();
    assert_eq!(made, [PersonId(1)]);
    let persons = store.persons().await.unwrap();
    assert_eq!((persons.len(), persons[0].role), (1, Role::Admin));
    store
        .add_invite(hash(2), None, now(), later(60))
        .await
        .unwrap();
    assert_eq!(store.invited(hash(2), now()).await.unwrap(), None);
}

async fn guessing_has_to_wait_longer_and_longer(place: Place) {
    let store = place.open().await;
    let keys = |person: &str| [(Tried::Name, person.to_owned())];
    let mut clock = now().as_second();
    let mut waits = Vec::new();
    for _ in 0..9 {
        let time = |clock| Timestamp::from_second(clock).unwrap();
        let wait = store.try_login(&keys("ada"), time(clock)).await.unwrap();
        if let Some(wait) = wait {
            waits.push(wait);
            clock += i64::try_from(wait).unwrap();
            // Waiting is not counted, and is long enough.
            let wait = store.try_login(&keys("ada"), time(clock)).await.unwrap();
            assert_eq!(wait, None);
        }
    }
    assert_eq!(waits, [2, 4, 8, 16]);
    let time = Timestamp::from_second(clock).unwrap();
    assert_eq!(store.try_login(&keys("bo"), time).await.unwrap(), None);
    assert!(store.try_login(&keys("ada"), time).await.unwrap().is_some());
    store.login_succeeded(&keys("ada")).await.unwrap();
    assert_eq!(store.try_login(&keys("ada"), time).await.unwrap(), None);
}

async fn many_names_do_not_fill_the_store(place: Place) {
    let store = place.open().await;
    let fill = match place.kind {
        Kind::Sqlite => {
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) \
             insert into login_failure select 'name/' || i, 1, 1772611200 from n"
        }
        Kind::Postgres | Kind::Parts => {
            "insert into login_failure \
             select 'name/' || i, 1, 1772611200 from generate_series(1, 20000) as i"
        }
    };
    place.execute(fill).await;
    let count = "select count(*) from login_failure";
    let keys = [
        (Tried::Name, "x".to_owned()),
        (Tried::Address, "y".to_owned()),
    ];
    store.try_login(&keys, now()).await.unwrap();
    assert_eq!(place.number(count).await, 20_002 - 100);
    // What lies far back is forgotten.
    store.try_login(&keys, later(30 * 86_400)).await.unwrap();
    assert_eq!(place.number(count).await, 20_002 - 200);
}

async fn the_key_of_the_house_stays_until_it_is_rotated(place: Place) {
    let store = place.open().await;
    let key = |text: &str| HouseKey(text.into());
    let ask = async |purpose, fresh| store.house_key(purpose, &key(fresh), now()).await.unwrap();
    assert_eq!(ask("urls", "a").await, key("a"));
    assert_eq!(ask("urls", "b").await, key("a"));
    assert_eq!(ask("logins", "b").await, key("b"));
    store
        .rotate_house_key("urls", &key("c"), now())
        .await
        .unwrap();
    assert_eq!(ask("urls", "d").await, key("c"));
}

async fn a_group_follows_a_repository_and_not_its_name(place: Place) {
    let store = place.open().await;
    let save = async |id, name: &str, time: &str| {
        let repository = repository(id, name);
        store
            .save_repositories(&[repository], at(time))
            .await
            .unwrap();
    };
    save(1, "octo/old", "2026-03-01T09:00").await;
    save(1, "octo/alpha", "2026-03-02T09:00").await;
    let web = group("web");
    let added = rules("Octo/Old octo/later other/*");
    let made = store.add_to_group(&web, &added).await.unwrap();
    let holds = async |id, name: &str| {
        let group = store.group(&group("WEB")).await.unwrap().unwrap();
        group.holds(RepoId(id), &name.parse().unwrap())
    };
    assert_eq!(made, store.groups().await.unwrap()[0]);
    assert!(holds(1, "octo/alpha").await);
    // A name that was not known yet means the first repository that bears it.
    save(2, "octo/later", "2026-03-02T09:00").await;
    assert!(holds(2, "octo/later").await);
    save(1, "octo/renamed", "2026-03-03T09:00").await;
    save(2, "octo/moved", "2026-03-03T09:00").await;
    save(3, "octo/old", "2026-03-03T09:00").await;
    save(4, "octo/later", "2026-03-03T09:00").await;
    for (id, name, expected) in [
        (1, "octo/renamed", true),
        (2, "octo/moved", true),
        (3, "octo/old", false),
        (4, "octo/later", false),
        (5, "other/any", true),
    ] {
        assert_eq!(holds(id, name).await, expected, "{name}");
    }
    let gone = rules("OTHER/* nobody/*");
    let removed = store.remove_from_group(&web, &gone);
    assert_eq!(removed.await.unwrap(), 1);
    assert!(!holds(5, "other/any").await);
    let (ada, shown) = (name("Ada"), [web.clone(), group("no")]);
    let viewer = store.add_person(&ada, Role::Viewer, &shown, now());
    let viewer = viewer.await.unwrap().unwrap();
    assert_eq!(store.persons().await.unwrap()[0].groups, [group("web")]);
    store.set_person_groups(viewer, &[]).await.unwrap();
    store
        .set_person_groups(viewer, std::slice::from_ref(&web))
        .await
        .unwrap();
    let added = store.add_session(hash(1), viewer, now(), later(60)).await;
    assert!(added.unwrap());
    let session = store.session(hash(1)).await.unwrap().unwrap();
    assert!(session.groups[0].holds(RepoId(2), &"octo/moved".parse().unwrap()));
    assert!(store.remove_group(&web).await.unwrap());
    assert!(!store.remove_group(&web).await.unwrap());
    assert_eq!(store.session(hash(1)).await.unwrap().unwrap().groups, []);
    // A group of the same name made later is another one.
    store.add_to_group(&web, &rules("*")).await.unwrap();
    assert_eq!(store.session(hash(1)).await.unwrap().unwrap().groups, []);
}

/// What version 4 of the schema has besides.
pub(crate) const SAMPLE_4: &str = include_str!("../samples/V4.sql");

/// Takes away all that version 4 brought, which leaves what version 3 had made.
pub(crate) const UNDO_4: &str = "
    drop table person;
    drop table person_group;
    drop table session;
    drop table api_token;
    drop table share;
    drop table invite;
    drop table login_failure;
    drop table house_key;
    drop table repo_group;
    drop table group_rule;
    delete from gitratra_schema_history where version = 4;";

async fn a_store_of_version_3_is_brought_up_to_date(place: Place) {
    place.open().await.close().await;
    place.execute(crate::presence::UNDO_9).await;
    place.execute(crate::marks::UNDO_8).await;
    place.execute(crate::leases::UNDO_7).await;
    place.execute(crate::imports::UNDO_6).await;
    place.execute(UNDO_5).await;
    place.execute(UNDO_4).await;
    if place.kind == Kind::Sqlite {
        place.execute("pragma user_version = 3").await;
    }
    place.open().await.close().await;
    place.execute(SAMPLE_4).await;
    let store = place.open().await;
    let persons = store.persons().await.unwrap();
    let shown = persons
        .iter()
        .map(|p| (p.id.0, p.has_password, p.groups.len()));
    assert_eq!(Vec::from_iter(shown), [(1, true, 1), (3, false, 0)]);
    let group = store.groups().await.unwrap().remove(0);
    assert!(group.holds(RepoId(1), &"octo/any".parse().unwrap()));
    assert!(store.session(hash(0xaa)).await.unwrap().is_some());
    assert!(store.token(hash(0xbb)).await.unwrap().is_some());
    assert!(store.share(hash(0xcc)).await.unwrap().unwrap().1.is_some());
    let invited = store.invited(hash(0xdd), at("2026-01-15T00:00"));
    assert!(invited.await.unwrap().is_some());
    let key = store.house_key("urls", &HouseKey("x".into()), now()).await;
    assert_eq!(key.unwrap(), HouseKey("c2VjcmV0".into()));
}
