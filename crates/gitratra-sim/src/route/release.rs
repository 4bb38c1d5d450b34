//! The releases of one repository, with their files and the running totals of downloads.

use serde_json::{Value, json};

use crate::identity::Right;
use crate::release::{Asset, Release};
use crate::reply::Reply;
use crate::repo::Repo;
use crate::route::Ask;
use crate::route::page::{Span, parameters};

/// `…/releases`, the newest first; drafts are shown to those who may push.
pub(crate) fn list(ask: &Ask<'_>, repo: &Repo, right: Right) -> Reply {
    let parameters = parameters(ask);
    let releases = repo.releases.listed(ask.at, right >= Right::Push);
    let span = Span::read(&parameters, releases.len());
    let lines = releases[span.range()].iter();
    let lines: Value = lines.map(|release| line(ask, repo, release)).collect();
    let path = format!("/repositories/{}/releases", repo.id);
    span.linked(Reply::json(lines.to_string()), ask, &parameters, &path)
}

fn line(ask: &Ask<'_>, repo: &Repo, release: &Release) -> Value {
    let url = format!(
        "{}/repos/{}/releases/{}",
        ask.base, repo.full_name, release.id
    );
    let page = format!("https://github.com/{}/releases", repo.full_name);
    let assets = release.assets(ask.at);
    let assets: Value = assets
        .map(|asset| file(ask, repo, release, asset))
        .collect();
    json!({
        "url": url,
        "assets_url": format!("{url}/assets"),
        "html_url": format!("{page}/tag/{}", release.tag),
        "id": release.id,
        "node_id": format!("RE_{:x}", release.id),
        "author": { "login": repo.owner() },
        "tag_name": release.tag,
        "target_commitish": "main",
        "name": release.name,
        "body": null,
        "draft": release.draft,
        "prerelease": release.prerelease,
        "created_at": release.published,
        "published_at": (!release.draft).then_some(release.published),
        "assets": assets,
        "tarball_url": format!("{}/repos/{}/tarball/{}", ask.base, repo.full_name, release.tag),
        "zipball_url": format!("{}/repos/{}/zipball/{}", ask.base, repo.full_name, release.tag),
    })
}

fn file(ask: &Ask<'_>, repo: &Repo, release: &Release, asset: &Asset) -> Value {
    let name = &repo.full_name;
    json!({
        "url": format!("{}/repos/{name}/releases/assets/{}", ask.base, asset.id),
        "browser_download_url": format!(
            "https://github.com/{name}/releases/download/{}/{}", release.tag, asset.name
        ),
        "id": asset.id,
        "node_id": format!("RA_{:x}", asset.id),
        "name": asset.name,
        "label": null,
        "state": "uploaded",
        "content_type": "application/octet-stream",
        "size": asset.size,
        "digest": null,
        "download_count": asset.total(ask.world.noise, ask.at),
        "created_at": asset.uploaded,
        "updated_at": asset.uploaded,
        "uploader": { "login": repo.owner() },
    })
}
