//! Who asks: nobody, a token's holder or an App, as far as the `Authorization` header tells.

use crate::app::App;
use crate::clock::Time;
use crate::identity::{Credential, Token};
use crate::jwt::{self, Refused};
use crate::world::World;

/// Who asks.
pub(crate) enum Who<'a> {
    Anonymous,
    Known(&'a Token),
    /// An App that signed the request itself.
    App(&'a App),
    /// Somebody who cannot prove it.
    Refused(Refused),
}

const BAD_CREDENTIALS: Refused = (401, "Bad credentials");
const SUSPENDED: Refused = (403, "This installation has been suspended");

/// Finds out who asks.
pub(crate) fn identify<'a>(world: &'a World, credential: &Credential, at: Time) -> Who<'a> {
    let secret = match credential {
        Credential::Absent => return Who::Anonymous,
        Credential::Unreadable(_) => return Who::Refused(BAD_CREDENTIALS),
        Credential::Secret(secret) => secret,
    };
    match world.tokens.get(secret) {
        Some(token) if token.is_valid(at) => admit(world, token),
        Some(_) => Who::Refused(BAD_CREDENTIALS),
        None if jwt::is_signed_text(secret) => {
            jwt::verify(secret, &world.apps, at).map_or_else(Who::Refused, Who::App)
        }
        None => Who::Refused(BAD_CREDENTIALS),
    }
}

fn admit<'a>(world: &World, token: &'a Token) -> Who<'a> {
    let Some(id) = token.installation else {
        return Who::Known(token);
    };
    match world.installation(id) {
        None => Who::Refused(BAD_CREDENTIALS),
        Some(found) if found.suspended.is_some() => Who::Refused(SUSPENDED),
        Some(_) => Who::Known(token),
    }
}
