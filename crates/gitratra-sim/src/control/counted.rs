//! Control of and questions about what GitHub counts besides traffic.

use serde_json::{Value, json};

use super::{Failed, Order, no_such};
use crate::answer::Shared;
use crate::clock::{Day, Time};
use crate::numbers::Number;

pub(super) fn question(shared: &Shared, name: &str, order: &Order) -> Result<Value, Failed> {
    match name {
        "numbers" => {
            let at = match order.parameters.contains_key("at") {
                true => order.read::<Time>("at")?,
                false => shared.clock.now(),
            };
            Ok(json!(shared.numbers(&order.repo()?, at)?))
        }
        "stars" => by_day(order, |day| {
            let (given, lost) = shared.stars_moved(&order.repo()?, day)?;
            Ok(json!({ "day": day, "given": given, "lost": lost }))
        }),
        "assets" => Ok(json!(shared.assets(&order.repo()?)?)),
        "downloads" => by_day(order, |day| {
            let count = shared.downloads(&order.repo()?, order.read("asset")?, day)?;
            Ok(json!({ "day": day, "count": count }))
        }),
        "about" => Ok(json!(shared.about(&order.repo()?)?)),
        _ => Err(no_such(name)),
    }
}

pub(super) fn change(shared: &Shared, name: &str, order: &Order) -> Result<(), Failed> {
    match name {
        "set_stars" => shared.set_stars(&order.repo()?, order.read("stars")?)?,
        "give_stars" => shared.give_stars(&order.repo()?, order.read("stars")?)?,
        "take_stars" => {
            let given_on: Day = order.read("given_on")?;
            shared.take_stars(&order.repo()?, given_on, order.read("stars")?)?;
        }
        "number" => shared.set_number(&order.repo()?, number(order)?, order.read("value")?)?,
        "publish_release" => {
            shared.publish_release(&order.repo()?, &order.json()?)?;
        }
        "delete_release" => shared.delete_release(&order.repo()?, order.text("tag")?)?,
        "replace_asset" | "remove_asset" | "reset_asset" => {
            let repo = order.repo()?;
            let (tag, file) = (order.text("tag")?, order.text("asset")?);
            match name {
                "replace_asset" => shared.replace_asset(&repo, tag, file).map(|_| ())?,
                "remove_asset" => shared.remove_asset(&repo, tag, file)?,
                _ => shared.reset_asset(&repo, tag, file)?,
            }
        }
        "about" => shared.set_about(&order.repo()?, order.json()?)?,
        _ => return Err(no_such(name)),
    }
    Ok(())
}

/// What is to be said of each of the days `from` to `to`.
fn by_day(order: &Order, say: impl Fn(Day) -> Result<Value, Failed>) -> Result<Value, Failed> {
    let (from, to): (Day, Day) = (order.read("from")?, order.read("to")?);
    let days = (from.number()..=to.number()).map(|number| say(Day::from_number(number)));
    days.collect()
}

fn number(order: &Order) -> Result<Number, Failed> {
    match order.text("number")? {
        "forks" => Ok(Number::Forks),
        "watchers" => Ok(Number::Watchers),
        "issues" => Ok(Number::Issues),
        "pulls" => Ok(Number::Pulls),
        other => Err(Failed::bad(format!("no number \"{other}\""))),
    }
}
