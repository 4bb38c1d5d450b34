//! What a provider claims of somebody, and what that makes of them here.

use std::collections::{BTreeSet, HashMap};

use gitratra_web::access::{ElsewhereError, GroupName, PersonName, Role, Vouched};
use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, IdTokenClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::OidcConfig;

/// Claims that are in no standard, among them the groups.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Extra {
    #[serde(flatten)]
    rest: HashMap<String, Value>,
}

impl AdditionalClaims for Extra {}

/// Who it is, if one of their groups is let in.
pub(crate) fn vouched(
    config: &OidcConfig,
    claims: &IdTokenClaims<Extra, CoreGenderClaim>,
) -> Result<Vouched, ElsewhereError> {
    let groups = groups(claims.additional_claims().rest.get(&config.groups_claim));
    let role = role(config, &groups).ok_or(ElsewhereError::NoRole)?;
    let subject = claims.subject().as_str();
    let known = claims.preferred_username().map(|name| name.as_str());
    let email = claims.email().map(|email| email.as_str());
    let names = [known, email, Some(subject)].into_iter().flatten();
    let name = names
        .filter_map(|text| text.parse::<PersonName>().ok())
        .next();
    let nameless = || "unnamed".parse().expect("a word is a name");
    let shown = groups.intersection(&config.viewer_groups);
    Ok(Vouched {
        issuer: claims.issuer().to_string(),
        subject: subject.to_owned(),
        name: name.unwrap_or_else(nameless),
        role,
        groups: shown
            .filter_map(|group| group.parse::<GroupName>().ok())
            .collect(),
    })
}

/// Groups as providers write them: a list of names, or one name.
fn groups(claim: Option<&Value>) -> BTreeSet<String> {
    match claim {
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        Some(Value::Array(all)) => {
            let names = all.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        }
        _ => BTreeSet::new(),
    }
}

fn role(config: &OidcConfig, groups: &BTreeSet<String>) -> Option<Role> {
    let roles = [
        (Role::Admin, &config.admin_groups),
        (Role::Editor, &config.editor_groups),
        (Role::Viewer, &config.viewer_groups),
    ];
    let role = roles.into_iter().find(|(_, of)| !of.is_disjoint(groups));
    role.map(|(role, _)| role)
}
