//! Users, groups and share links from the command line.

use crate::house::House;

#[test]
fn users_are_added_listed_and_removed() {
    let house = House::empty();
    house.go("users list").exits(0).says(&["users add"]);
    let link = house.go("users add Ada --role admin").exits(0).out;
    assert!(link.starts_with("/invite/") && link.trim().len() > 40);
    house.go("users add ada").exits(2).says(&["already"]);
    house
        .go("users add bo --group web")
        .exits(2)
        .says(&["group add web"]);
    house
        .go("users add bo --role chief")
        .exits(2)
        .says(&["chief"]);
    house.go("group add Web octo/*").exits(0);
    let input = "a long password\n";
    let words = ["users", "add", "bo", "--group", "web", "--password-stdin"];
    let ran = house.run_with_input(&words, input).exits(0);
    assert!(ran.out.is_empty());
    let words = ["users", "password", "bo", "--password-stdin"];
    house
        .run_with_input(&words, "short\n")
        .exits(2)
        .says(&["10 characters"]);
    let list = house.go("users list --json").exits(0).json();
    assert_eq!(list[0]["name"], "Ada");
    assert_eq!(list[0]["has_password"], false);
    assert_eq!(list[1]["role"], "viewer");
    assert_eq!(list[1]["groups"], serde_json::json!(["Web"]));
    assert_eq!(list[1]["has_password"], true);
    house
        .go("users list")
        .exits(0)
        .shows(&["Ada", "not yet", "Web"]);
    let again = house.go("users password ada").exits(0).out;
    assert_ne!(again, link);
    house.go("users remove BO").exits(0);
    house.go("users remove bo").exits(2).says(&["no user"]);
    house.go("users password bo").exits(2);
    let list = house.go("users list --json").exits(0).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn groups_and_links_to_them_come_and_go() {
    let house = House::empty();
    house.go("group list").exits(0).says(&["group add"]);
    house.go("share list").exits(0).says(&["share OWNER/NAME"]);
    house
        .go("share --group web")
        .exits(2)
        .says(&["no such group"]);
    house.go("share octo/hello").exits(2).says(&["octo/hello"]);
    house.go("group add web !fork").exits(2).says(&["!fork"]);
    house
        .go("group add web octo/* octo/later")
        .exits(0)
        .says(&["octo/later"]);
    let list = house.go("group list --json").exits(0).json();
    let patterns = serde_json::json!(["octo/*", "octo/later"]);
    assert_eq!(list[0]["patterns"], patterns);
    let link = house
        .go("share --group WEB --days 3 --label press")
        .exits(0);
    assert!(link.out.starts_with("/share/"), "{}", link.out);
    house
        .go("share list")
        .exits(0)
        .shows(&["web", "open", "press"]);
    house.go("share revoke 7").exits(2).says(&["7"]);
    house.go("share revoke 1").exits(0);
    house.go("share revoke 1").exits(2);
    house.go("share revoke").exits(2).says(&["--signed"]);
    house.go("share revoke --signed").exits(0);
    house.go("share list").exits(0).shows(&["revoked"]);
    house.go("group remove web octo/*").exits(0);
    house.go("group remove web octo/*").exits(2);
    house.go("group remove web").exits(0);
    house.go("group remove web").exits(2);
    let none = house.go("share list --json").exits(0).json();
    assert_eq!(none, serde_json::json!([]));
}
