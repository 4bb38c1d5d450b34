//! A message as JSON.

use gitratra_core::alarm::Message;
use serde_json::{Value, json};

/// Discord takes 2,000 characters; a little room is left for what it counts otherwise.
const MOST_CONTENT: usize = 1_900;

/// What commands read and receivers get.
pub(crate) fn json(message: &Message) -> Value {
    json!({
        "event": message.event.as_str(),
        "key": message.key,
        "subject": message.subject,
        "text": message.text,
        "repositories": message.repositories,
        "more": message.more,
        "at": message.at.to_string(),
    })
}

/// The same with what chat rooms show: Slack and Mattermost take `text`, Discord takes `content`
/// and is told that nobody is called by name.
pub(crate) fn for_rooms(message: &Message) -> Value {
    let mut value = json(message);
    let whole = format!("{}\n\n{}", message.subject, message.text);
    let content = match whole.char_indices().nth(MOST_CONTENT) {
        Some((end, _)) => format!("{} …", &whole[..end]),
        None => whole,
    };
    value["content"] = Value::String(content);
    value["allowed_mentions"] = json!({ "parse": [] });
    value
}
