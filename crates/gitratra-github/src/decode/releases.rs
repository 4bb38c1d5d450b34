//! Releases and the running totals of their downloads. Drafts and files that are not there yet are
//! left out.

use std::collections::HashSet;
use std::fmt;

use gitratra_core::{Asset, Count, Release, Timestamp};

use super::{Bad, Object, parse_any, printable, quote, short, wrong};

/// Releases on a page at most.
pub(crate) const PAGE: usize = 100;

/// One page of a list of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReleasePage {
    pub(crate) releases: Vec<Release>,
    /// Whether it holds as many as a page can, those included that are left out.
    pub(crate) is_full: bool,
}

#[derive(serde::Deserialize)]
struct WireRelease {
    id: u64,
    tag_name: String,
    name: Option<String>,
    draft: bool,
    prerelease: bool,
    published_at: Option<String>,
    assets: Vec<Object<WireAsset>>,
}

#[derive(serde::Deserialize)]
struct WireAsset {
    id: u64,
    name: String,
    state: String,
    size: u64,
    download_count: u64,
    created_at: Option<String>,
}

/// One page, in GitHub's order.
pub(crate) fn releases(body: &[u8]) -> Result<ReleasePage, Bad> {
    let wire: Vec<Object<WireRelease>> = parse_any(body)?;
    if wire.len() > PAGE {
        let what = format!("{} releases are more than a page holds", wire.len());
        return Err(Bad::Wrong(what));
    }
    let is_full = wire.len() == PAGE;
    let published = wire.into_iter().filter(|Object(wire)| !wire.draft);
    let releases: Result<Vec<_>, Bad> = published.map(|Object(wire)| release(wire)).collect();
    let releases = releases?;
    none_twice("release", releases.iter().map(|release| release.id))?;
    let assets = releases.iter().flat_map(|release| &release.assets);
    none_twice("asset", assets.map(|asset| asset.id))?;
    Ok(ReleasePage { releases, is_full })
}

fn none_twice(what: &str, ids: impl Iterator<Item = u64>) -> Result<(), Bad> {
    let mut seen = HashSet::new();
    for id in ids {
        if id == 0 || i64::try_from(id).is_err() {
            return Err(Bad::Wrong(format!("id {id} is no {what}'s number")));
        }
        if !seen.insert(id) {
            return Err(Bad::Wrong(format!("{what} {id} is there twice")));
        }
    }
    Ok(())
}

fn release(wire: WireRelease) -> Result<Release, Bad> {
    let place = quote(&wire.tag_name);
    let published_at = moment(&place, wire.published_at.as_deref())?;
    let uploaded = wire.assets.into_iter();
    let uploaded = uploaded.filter(|Object(asset)| asset.state == "uploaded");
    let assets: Result<Vec<_>, Bad> = uploaded.map(|Object(wire)| asset(wire)).collect();
    let name = wire.name.filter(|name| !name.trim().is_empty());
    Ok(Release {
        id: wire.id,
        tag: short(printable(wire.tag_name)),
        name: name.map(|name| short(printable(name))),
        published_at,
        is_prerelease: wire.prerelease,
        assets: assets?,
    })
}

fn asset(wire: WireAsset) -> Result<Asset, Bad> {
    let place = quote(&wire.name);
    let within = |what: &dyn fmt::Display, number| match number {
        Count::LIMIT.. => Err(wrong(&place, format!("{number} {what} are absurd"))),
        number => Ok(number),
    };
    Ok(Asset {
        id: wire.id,
        size: within(&"bytes", wire.size)?,
        downloads: within(&"downloads", wire.download_count)?,
        created_at: moment(&place, wire.created_at.as_deref())?,
        name: short(printable(wire.name)),
    })
}

fn moment(place: &str, text: Option<&str>) -> Result<Option<Timestamp>, Bad> {
    let Some(text) = text else { return Ok(None) };
    let moment = text.parse();
    let moment = moment.map_err(|_| wrong(place, format!("{} is no time", quote(text))))?;
    Ok(Some(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSET: &str = r#"{"id":5,"name":"tool-linux.tar.gz","state":"uploaded","size":1024,
        "download_count":42,"created_at":"2026-01-02T10:00:00Z"}"#;
    const RELEASE: &str = r#"{"id":3,"tag_name":"v1.0","name":" ","draft":false,
        "prerelease":true,"published_at":"2026-01-02T12:00:00Z","assets":[ASSET]}"#;

    fn release_with(from: &str, to: &str) -> String {
        format!("[{}]", RELEASE.replace("ASSET", ASSET).replace(from, to))
    }

    fn check(from: &str, to: &str, expected: &str) {
        let body = release_with(from, to);
        match releases(body.as_bytes()) {
            Err(Bad::Wrong(what)) => assert!(what.contains(expected), "{what}"),
            found => panic!("{body} gives {found:?}"),
        }
    }

    #[test]
    fn a_release_is_what_github_says() {
        let page = releases(release_with("", "").as_bytes()).unwrap();
        let expected = Release {
            id: 3,
            tag: "v1.0".to_owned(),
            name: None,
            published_at: "2026-01-02T12:00:00Z".parse().ok(),
            is_prerelease: true,
            assets: vec![Asset {
                id: 5,
                name: "tool-linux.tar.gz".to_owned(),
                size: 1024,
                downloads: 42,
                created_at: "2026-01-02T10:00:00Z".parse().ok(),
            }],
        };
        assert_eq!(page.releases, [expected]);
        assert!(!page.is_full);
    }

    #[test]
    fn drafts_and_files_that_are_not_there_yet_are_left_out() {
        let draft = release_with("\"draft\":false", "\"draft\":true");
        assert!(releases(draft.as_bytes()).unwrap().releases.is_empty());
        for state in ["open", "starter", ""] {
            let body = release_with("uploaded", state);
            let page = releases(body.as_bytes()).unwrap();
            assert!(page.releases[0].assets.is_empty(), "{state}");
        }
    }

    #[test]
    fn texts_are_cleaned_and_bounded() {
        let long = format!("v\\u001b{}", "x".repeat(5000));
        let page = releases(release_with("v1.0", &long).as_bytes()).unwrap();
        let tag = &page.releases[0].tag;
        assert!(tag.starts_with("v\u{fffd}x") && tag.ends_with('…'));
        assert_eq!(tag.len(), super::super::LONGEST_NAME);
        let page = releases(release_with("tool-linux", "a\\nb").as_bytes()).unwrap();
        assert_eq!(page.releases[0].assets[0].name, "a\u{fffd}b.tar.gz");
    }

    #[test]
    fn numbers_and_times_that_cannot_be_are_refused() {
        check("\"id\":3", "\"id\":0", "id 0 is no release's number");
        check(
            "\"id\":5",
            "\"id\":9223372036854775808",
            "is no asset's number",
        );
        check("42", "-1", "invalid value: integer `-1`");
        check("42", "1000000000000", "1000000000000 downloads are absurd");
        check("1024", "1000000000000", "1000000000000 bytes are absurd");
        check("42", "\"42\"", "invalid type: string");
        check("2026-01-02T12:00:00Z", "soon", "\"soon\" is no time");
        check("2026-01-02T10:00:00Z", "2026-13-02", "is no time");
        for field in [
            "id",
            "tag_name",
            "draft",
            "assets",
            "download_count",
            "state",
        ] {
            check(&format!("\"{field}\":"), "\"other\":", "missing field");
        }
        let twice = format!("{ASSET},{ASSET}");
        check(ASSET, &twice, "asset 5 is there twice");
        let other = RELEASE.replace("ASSET", "");
        let body = format!("[{other},{other}]");
        let found = releases(body.as_bytes());
        let Err(Bad::Wrong(what)) = found else {
            panic!("{found:?}");
        };
        assert_eq!(what, "release 3 is there twice");
    }

    #[test]
    fn a_page_has_a_hundred_at_most() {
        let page = |count: usize| {
            let one = |n| {
                RELEASE
                    .replace("ASSET", "")
                    .replace("\"id\":3", &format!("\"id\":{n}"))
            };
            let all: Vec<_> = (1..=count).map(one).collect();
            releases(format!("[{}]", all.join(",")).as_bytes())
        };
        assert!(!page(99).unwrap().is_full);
        assert!(page(100).unwrap().is_full);
        assert!(page(101).is_err());
    }
}
