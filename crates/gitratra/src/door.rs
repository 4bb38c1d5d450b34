//! How the dashboard is guarded, as the configuration says: by what address browsers reach it, and
//! who else says who somebody is.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use gitratra_web::access::{AccessRules, LoginElsewhere};
use serde::Deserialize;

/// The `[oidc]` table of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(feature = "oidc"),
    expect(dead_code, reason = "read so that the refusal can say why")
)]
pub(crate) struct OidcTable {
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    label: Option<String>,
    scopes: Option<Vec<String>>,
    groups_claim: Option<String>,
    #[serde(default)]
    admin_groups: Vec<String>,
    #[serde(default)]
    editor_groups: Vec<String>,
    #[serde(default)]
    viewer_groups: Vec<String>,
}

/// What the configuration says of the door.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Door {
    /// The address by which browsers reach the dashboard.
    pub(crate) public_url: Option<String>,
    /// A proxy of ours stands before it.
    pub(crate) behind_proxy: bool,
    pub(crate) oidc: Option<OidcTable>,
}

impl Door {
    /// The rules for a server that listens where only this machine can reach it, or also elsewhere.
    pub(crate) fn rules(&self, is_loopback: bool, is_public: bool) -> Result<AccessRules> {
        let host = self.public_url.as_deref().map(host_of).transpose()?;
        let is_https = |url: &String| url.starts_with("https://");
        Ok(AccessRules {
            // Through a proxy, or under a name that is not of this machine, others reach it as well.
            is_loopback: is_loopback
                && !self.behind_proxy
                && host.as_deref().is_none_or(is_of_this_machine),
            is_public,
            is_https: self.public_url.as_ref().is_some_and(is_https),
            has_proxy: self.behind_proxy,
            hosts: host.into_iter().collect(),
        })
    }

    /// Who else says who somebody is.
    pub(crate) fn elsewhere(&self) -> Result<Option<Arc<dyn LoginElsewhere>>> {
        let Some(table) = &self.oidc else {
            return Ok(None);
        };
        let Some(public_url) = &self.public_url else {
            bail!("[oidc] needs public_url, the address by which browsers reach the dashboard");
        };
        provider(table, public_url).map(Some)
    }
}

fn is_of_this_machine(host: &str) -> bool {
    host.parse::<IpAddr>().map_or_else(
        |_| host == "localhost" || host.ends_with(".localhost"),
        |address| address.is_loopback(),
    )
}

/// The host of an address.
fn host_of(url: &str) -> Result<String> {
    let known = ["https://", "http://"];
    let rest = known.iter().find_map(|scheme| url.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', ':']).next());
    match host.filter(|host| !host.is_empty()) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("public_url = \"{url}\" is no address, write https://traffic.example"),
    }
}

#[cfg(feature = "oidc")]
fn provider(table: &OidcTable, public_url: &str) -> Result<Arc<dyn LoginElsewhere>> {
    use anyhow::Context;
    use gitratra_oidc::{Oidc, OidcConfig};

    let secret = match &table.client_secret_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| {
                format!("cannot read client_secret_file \"{}\"", path.display())
            })?;
            Some(text.trim().to_owned())
        }
        None => crate::settings::variable("GITRATRA_OIDC_CLIENT_SECRET"),
    };
    let set = |groups: &[String]| groups.iter().cloned().collect();
    let config = OidcConfig {
        label: table
            .label
            .clone()
            .unwrap_or_else(|| "single sign-on".into()),
        issuer: table.issuer.clone(),
        client_id: table.client_id.clone(),
        client_secret: secret.map(Into::into),
        public_url: public_url.to_owned(),
        scopes: table.scopes.clone().unwrap_or_default(),
        groups_claim: table
            .groups_claim
            .clone()
            .unwrap_or_else(|| "groups".into()),
        admin_groups: set(&table.admin_groups),
        editor_groups: set(&table.editor_groups),
        viewer_groups: set(&table.viewer_groups),
    };
    let oidc = Oidc::new(config).context("[oidc] of the configuration cannot be used")?;
    Ok(Arc::new(oidc))
}

#[cfg(not(feature = "oidc"))]
fn provider(_: &OidcTable, _: &str) -> Result<Arc<dyn LoginElsewhere>> {
    bail!("[oidc] is configured, and this program was built without the feature \"oidc\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_says_name_and_scheme() {
        let door = |url: &str| Door {
            public_url: Some(url.to_owned()),
            ..Door::default()
        };
        let rules = door("https://traffic.example:8443/")
            .rules(true, false)
            .unwrap();
        assert!(rules.is_https && !rules.is_loopback, "others come by it");
        let local = door("http://localhost:8080").rules(true, false).unwrap();
        assert!(local.is_loopback);
        assert_eq!(rules.hosts, ["traffic.example"]);
        let rules = door("http://dash.test/x").rules(false, true).unwrap();
        assert!(!rules.is_https && !rules.is_loopback && rules.is_public);
        for bad in ["traffic.example", "https://", "ftp://x"] {
            assert!(door(bad).rules(true, false).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proxy_before_it_makes_loopback_no_private_place() {
        let door = Door {
            behind_proxy: true,
            ..Door::default()
        };
        assert!(!door.rules(true, false).unwrap().is_loopback);
    }

    #[test]
    fn a_provider_needs_to_know_where_to_send_browsers_back() {
        let table = "issuer = 'https://id.example'\nclient_id = 'x'\nadmin_groups = ['ops']";
        let mut door = Door {
            oidc: Some(toml::from_str(table).unwrap()),
            ..Door::default()
        };
        let told = |door: &Door| door.elsewhere().err().map(|error| error.to_string());
        assert!(told(&door).is_some_and(|text| text.contains("public_url")));
        assert!(Door::default().elsewhere().unwrap().is_none());
        door.public_url = Some("http://traffic.example".into());
        assert!(told(&door).is_some_and(|text| text.contains("oidc")));
        assert!(toml::from_str::<OidcTable>("issuer = 'x'\nsecret = 'y'").is_err());
    }
}
