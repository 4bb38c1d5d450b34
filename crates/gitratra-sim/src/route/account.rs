//! `/user` and `/rate_limit`.

use crate::body;
use crate::identity::TokenKind;
use crate::reply::Reply;
use crate::route::Ask;

/// Who the token belongs to; installations are nobody.
pub(crate) fn user(ask: &Ask<'_>) -> Reply {
    let Some(token) = ask.token else {
        return Reply::requires_authentication();
    };
    if token.spec.kind == TokenKind::Installation {
        return Reply::error(403, "Resource not accessible by integration");
    }
    let id = ask.world.owner(&token.login).map_or(1, |owner| owner.id);
    Reply::json(body::user(&token.login, id))
}

/// The budget, which costs nothing of it.
pub(crate) fn rate_limit(ask: &Ask<'_>) -> Reply {
    Reply::json(body::rate_limit(ask.budgets, !ask.is_new_version))
}
