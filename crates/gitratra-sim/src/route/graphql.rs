//! `/graphql`: who may ask, and in which status the answer comes.

use crate::graphql::{self, Query};
use crate::reply::Reply;
use crate::route::Ask;

/// Answers a query; one that goes wrong is answered 200 as well.
pub(crate) fn reply(ask: &Ask<'_>) -> Reply {
    if !ask.world.has_graphql {
        return Reply::not_found();
    }
    if ask.app.is_some() {
        return Reply::error(403, "Resource not accessible by integration");
    }
    if ask.token.is_none() {
        return Reply::error(401, "This endpoint requires you to be authenticated.");
    }
    if serde_json::from_slice::<serde_json::Value>(ask.body).is_err() {
        return Reply::error(400, "Problems parsing JSON");
    }
    let body = match Query::read(ask.body) {
        Ok(query) => graphql::answer(ask, &query),
        Err(refused) => refused,
    };
    Reply::json(body.to_string())
}
