//! The `git` program, for archives that lie in a checkout: what is committed and pushed, and how a
//! push that came too late is put on top of the one that was faster.
//!
//! No token of ours ever goes to git: it has credentials of its own. What it says is shown without
//! what may be a password in an address.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gitratra_core::Timestamp;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// A git that takes longer waits for somebody who does not answer.
const PATIENCE: Duration = Duration::from_secs(600);

/// Who commits.
const NAME: &str = "gitratra";
const MAIL: &str = "gitratra@localhost";

/// A checkout of git with a folder in it.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// Its top.
    root: PathBuf,
    /// Variables that hold secrets of ours, which git, its hooks and its helpers do not get.
    secrets: Vec<String>,
    /// The folder within it, with a slash at the end; nothing where it is the top itself.
    inner: String,
    branch: String,
    remote: String,
    /// The branch's full name at the other end.
    far: String,
}

/// What came of a push.
#[derive(Debug)]
pub(crate) enum Pushed {
    /// It is there, or was already.
    Done,
    /// Somebody else pushed before.
    Lost,
    /// It cannot be pushed, and trying again is of no use.
    Failed(String),
}

/// The other end as it was fetched.
pub(crate) struct Remote<'c> {
    checkout: &'c Checkout,
    commit: String,
}

impl Checkout {
    /// The checkout that a folder lies in. The folder is made where there is none.
    pub(crate) async fn around(folder: &Path, secrets: Vec<String>) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder \"{}\"", folder.display()))?;
        let ask = async |args: &[&str]| text(run(git(folder, &secrets).args(args)).await?);
        let root = ask(&["rev-parse", "--show-toplevel"]).await.map_err(|error| {
            error.context(format!(
                "\"{}\" is in no checkout of git: clone the repository that keeps the archive, or leave --push out",
                folder.display()
            ))
        })?;
        let inner = ask(&["rev-parse", "--show-prefix"]).await?;
        let branch = ask(&["symbolic-ref", "--quiet", "--short", "HEAD"]).await;
        let Ok(branch) = branch else {
            bail!(
                "the checkout \"{root}\" is on no branch, so nobody knows where to push: check one out with `git switch BRANCH`"
            );
        };
        let remote = match setting(folder, &secrets, &format!("branch.{branch}.pushRemote")).await {
            Some(remote) => Some(remote),
            None => match setting(folder, &secrets, "remote.pushDefault").await {
                Some(remote) => Some(remote),
                None => setting(folder, &secrets, &format!("branch.{branch}.remote")).await,
            },
        };
        let remote = match remote {
            Some(remote) => remote,
            None => only_remote(&ask(&["remote"]).await?, &root)?,
        };
        let far = setting(folder, &secrets, &format!("branch.{branch}.merge")).await;
        Ok(Self {
            root: PathBuf::from(root),
            secrets,
            inner,
            far: far.unwrap_or_else(|| format!("refs/heads/{branch}")),
            branch,
            remote,
        })
    }

    /// Where is pushed to, for people.
    pub(crate) fn target(&self) -> String {
        let branch = self.far.strip_prefix("refs/heads/").unwrap_or(&self.far);
        format!("{branch} of {}", without_passwords(&self.remote))
    }

    fn git(&self) -> Command {
        git(&self.root, &self.secrets)
    }

    /// Takes the archive's files as they lie here into an index, those that are no more out of it,
    /// and leaves all others.
    async fn stage(&self, with_index: impl Fn() -> Command) -> Result<()> {
        let mut list = with_index();
        list.args(["ls-files", "-z", "--cached", "--others", "--deduplicate"]);
        let ours = self.ours(&run(&mut list).await?);
        let mut update = with_index();
        update.args(["update-index", "--add", "--remove", "-z", "--stdin"]);
        run_with_input(&mut update, ours.as_bytes()).await
    }

    /// Those of some paths, each ended by a zero, that are of the archive.
    fn ours(&self, listed: &Output) -> String {
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let is_ours = |path: &&str| {
            let inner = path.strip_prefix(self.inner.as_str());
            inner.is_some_and(|inner| is_of_archive(inner) && !is_left(inner))
        };
        let ours = listed.split('\0').filter(is_ours);
        ours.map(|path| format!("{path}\0")).collect()
    }

    /// Refuses a checkout in which something was changed that is not the archive's, or a merge is
    /// not ended; says whether the archive itself was changed, as by a run that was killed.
    pub(crate) async fn refuse_dirt(&self) -> Result<bool> {
        let mut status = self.git();
        status.args([
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--no-renames",
        ]);
        let told = run(&mut status).await?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let mut is_changed = false;
        for entry in told.split('\0').filter(|entry| !entry.is_empty()) {
            let (state, path) = entry.split_at_checked(3).unwrap_or((entry, ""));
            let is_unmerged = state.starts_with("U")
                || state[1..].starts_with('U')
                || state.starts_with("AA")
                || state.starts_with("DD");
            if is_unmerged {
                bail!(
                    "a merge is not ended in the checkout \"{}\" (\"{path}\"): end it or take it back with `git merge --abort`",
                    self.root.display()
                );
            }
            let inner = path.strip_prefix(self.inner.as_str());
            let is_untracked = state.starts_with("??");
            match inner {
                Some(inner) if is_of_archive(inner) => is_changed |= !is_left(inner),
                // What git does not know yet is in nobody's way, outside of the archive.
                _ if is_untracked => {}
                _ => bail!(
                    "\"{path}\" was changed in the checkout \"{}\" and is no part of the archive: commit it or take it back, then run again",
                    self.root.display()
                ),
            }
        }
        Ok(is_changed)
    }

    /// Commits the archive as it lies there; `false` where nothing changed.
    pub(crate) async fn commit(&self, message: &str, at: Option<Timestamp>) -> Result<bool> {
        self.stage(|| self.git()).await?;
        let mut staged = self.git();
        staged.args(["diff", "--cached", "--quiet"]);
        if output(&mut staged).await?.status.success() {
            return Ok(false);
        }
        let mut commit = self.git();
        signed(&mut commit, at);
        commit.args(["commit", "--quiet", "--no-verify", "--message", message]);
        run(&mut commit).await?;
        Ok(true)
    }

    /// Pushes what is committed.
    pub(crate) async fn push(&self) -> Result<Pushed> {
        let mut head = self.git();
        head.args(["rev-parse", "--verify", "--quiet", "HEAD"]);
        if !output(&mut head).await?.status.success() {
            // Nothing was ever committed, so nothing was read.
            return Ok(Pushed::Done);
        }
        let mut push = self.git();
        let what = format!("HEAD:{}", self.far);
        push.args(["push", "--porcelain", "--", &self.remote, &what]);
        let pushed = output(&mut push).await?;
        if pushed.status.success() {
            return Ok(Pushed::Done);
        }
        let told = String::from_utf8_lossy(&pushed.stdout);
        let lost = [
            "(fetch first)",
            "(non-fast-forward)",
            "cannot lock ref",
            "(incorrect old value",
            "reference already exists",
            "failed to update ref",
        ];
        let is_lost = told
            .lines()
            .filter(|line| line.starts_with('!'))
            .any(|line| lost.iter().any(|word| line.contains(word)));
        if is_lost {
            return Ok(Pushed::Lost);
        }
        let refused = told.lines().find(|line| line.starts_with('!'));
        let said = complaint(&pushed);
        Ok(Pushed::Failed(match refused {
            Some(line) => without_passwords(line.trim_start_matches(['!', '\t'])),
            None => said,
        }))
    }

    /// Fetches the branch at the other end; nothing where it is not there.
    pub(crate) async fn fetch(&self) -> Result<Option<Remote<'_>>> {
        let mut list = self.git();
        list.args(["ls-remote", "--", &self.remote, &self.far]);
        if text(run(&mut list).await?)?.is_empty() {
            return Ok(None);
        }
        let mut fetch = self.git();
        // A shallow checkout, as actions make it, needs no more than the tip.
        fetch.args([
            "fetch",
            "--quiet",
            "--no-tags",
            "--",
            &self.remote,
            &self.far,
        ]);
        run(&mut fetch).await?;
        let mut tip = self.git();
        tip.args(["rev-parse", "--verify", "FETCH_HEAD^{commit}"]);
        let commit = text(run(&mut tip).await?)?;
        Ok(Some(Remote {
            checkout: self,
            commit,
        }))
    }

    /// Commits the archive as it lies here on top of the other end, whose other files stay as they
    /// are there, and goes there.
    ///
    /// The branch moves only once the commit is whole, so that a kill leaves either what was
    /// committed before or this.
    pub(crate) async fn commit_onto(
        &self,
        remote: &Remote<'_>,
        message: &str,
        at: Option<Timestamp>,
    ) -> Result<()> {
        self.refuse_own_commits(remote).await?;
        self.refuse_untracked(remote).await?;
        let folder = TempDir::new().context("cannot make a folder for an index of git")?;
        let index = folder.path().join("index");
        let with_index = || {
            let mut git = self.git();
            git.env("GIT_INDEX_FILE", &index);
            git
        };
        run(with_index().args(["read-tree", &remote.commit])).await?;
        self.stage(with_index).await?;
        let tree = text(run(with_index().arg("write-tree")).await?)?;
        let same = format!("{}^{{tree}}", remote.commit);
        let theirs = text(run(self.git().args(["rev-parse", &same])).await?)?;
        let commit = if tree == theirs {
            // The other run knew all of it.
            remote.commit.clone()
        } else {
            let mut commit = self.git();
            signed(&mut commit, at);
            commit.args(["commit-tree", &tree, "-p", &remote.commit, "-m", message]);
            text(run(&mut commit).await?)?
        };
        // Nothing but the archive was changed here, and all of that is in the commit.
        run(self.git().args(["reset", "--quiet", "--hard", &commit])).await?;
        Ok(())
    }

    /// Refuses to leave commits behind that have something else in them than the archive.
    async fn refuse_own_commits(&self, remote: &Remote<'_>) -> Result<()> {
        let mut base = self.git();
        base.args(["merge-base", "HEAD", &remote.commit]);
        let base = output(&mut base).await?;
        let from = if base.status.success() {
            text(base)?
        } else {
            // Nothing in common, or a shallow checkout that does not reach so far back.
            let mut parent = self.git();
            parent.args(["rev-parse", "--verify", "--quiet", "HEAD^"]);
            let parent = output(&mut parent).await?;
            match parent.status.success() {
                true => text(parent)?,
                false => {
                    let mut empty = self.git();
                    empty.args(["hash-object", "-t", "tree", "--stdin"]);
                    text(run(&mut empty).await?)?
                }
            }
        };
        let mut changed = self.git();
        changed.args(["diff", "--name-only", "-z", "--no-renames", &from, "HEAD"]);
        let changed = run(&mut changed).await?;
        let changed = String::from_utf8_lossy(&changed.stdout).into_owned();
        let is_ours = |path: &&str| {
            path.strip_prefix(self.inner.as_str())
                .is_some_and(is_of_archive)
        };
        let other = changed
            .split('\0')
            .find(|path| !path.is_empty() && !is_ours(path));
        match other {
            None => Ok(()),
            Some(path) => bail!(
                "the branch {} has commits that were not pushed and change \"{path}\", which is no part of the archive: push them first",
                self.branch
            ),
        }
    }
}

impl Checkout {
    /// Refuses to put a file of the other end where one lies that git does not know.
    async fn refuse_untracked(&self, remote: &Remote<'_>) -> Result<()> {
        let mut untracked = self.git();
        untracked.args(["ls-files", "-z", "--others"]);
        let untracked = run(&mut untracked).await?;
        let mut theirs = self.git();
        theirs.args([
            "ls-tree",
            "-r",
            "-z",
            "--name-only",
            "--full-tree",
            &remote.commit,
        ]);
        let theirs = run(&mut theirs).await?;
        let theirs = String::from_utf8_lossy(&theirs.stdout).into_owned();
        let theirs: HashSet<&str> = theirs.split('\0').collect();
        let untracked = String::from_utf8_lossy(&untracked.stdout).into_owned();
        let is_ours = |path: &str| {
            let inner = path.strip_prefix(self.inner.as_str());
            inner.is_some_and(is_of_archive)
        };
        let mut in_the_way = untracked
            .split('\0')
            .filter(|path| !path.is_empty() && theirs.contains(path) && !is_ours(path));
        match in_the_way.next() {
            None => Ok(()),
            Some(path) => bail!(
                "\"{path}\" lies in the checkout \"{}\" where the other end has a file of its own: move it away",
                self.root.display()
            ),
        }
    }
}

impl Remote<'_> {
    /// The archive's folder as it is at the other end, in a folder of its own.
    pub(crate) async fn files(&self) -> Result<TempDir> {
        let scratch = TempDir::new().context("cannot make a folder for what was fetched")?;
        let index = TempDir::new().context("cannot make a folder for an index of git")?;
        let with_index = || {
            let mut git = self.checkout.git();
            git.env("GIT_INDEX_FILE", index.path().join("index"));
            git
        };
        let inner = self.checkout.inner.trim_end_matches('/');
        let tree = format!("{}:{inner}", self.commit);
        let known = output(
            self.checkout
                .git()
                .args(["rev-parse", "--verify", "--quiet", &tree]),
        )
        .await?;
        if known.status.success() {
            run(with_index().args(["read-tree", &tree])).await?;
            let mut prefix = scratch.path().as_os_str().to_owned();
            prefix.push("/");
            let mut out = std::ffi::OsString::from("--prefix=");
            out.push(prefix);
            run(with_index()
                .args(["checkout-index", "--all", "--force"])
                .arg(out))
            .await?;
        }
        Ok(scratch)
    }
}

/// Whether a path within the archive's folder is one of the archive's files.
fn is_of_archive(path: &str) -> bool {
    if is_left(path) {
        return true;
    }
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match path.split_once('/') {
        None => matches!(
            path,
            "gitratra-archive.txt" | "repositories.txt" | "house.txt"
        ),
        Some((folder, file)) => {
            let year = file.strip_suffix(".txt").unwrap_or_default();
            is_number(folder) && (file == "repository.txt" || is_number(year))
        }
    }
}

/// Whether a path is a file that is only there while a run writes.
fn is_left(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with('.') && (name.ends_with(".lock") || name.ends_with(".new"))
}

/// The one remote there is.
fn only_remote(remotes: &str, root: &str) -> Result<String> {
    let names: Vec<&str> = remotes.lines().collect();
    match names.as_slice() {
        [] => bail!(
            "the checkout \"{root}\" has nowhere to push to: add a remote with `git remote add origin ADDRESS`, or leave --push out"
        ),
        [only] => Ok((*only).to_owned()),
        several if several.contains(&"origin") => Ok("origin".to_owned()),
        _ => bail!(
            "the checkout \"{root}\" has several remotes: say which one with `git config remote.pushDefault NAME`"
        ),
    }
}

/// Git in a folder, with nothing of ours that it could show or use.
fn git(folder: &Path, secrets: &[String]) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0");
    // Those of a hook that started us are of another checkout.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        git.env_remove(name);
    }
    for name in secrets {
        git.env_remove(name);
    }
    git
}

/// Lets a commit be ours, at GitHub's time.
fn signed(git: &mut Command, at: Option<Timestamp>) {
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), NAME);
        git.env(format!("GIT_{role}_EMAIL"), MAIL);
        if let Some(at) = at {
            git.env(
                format!("GIT_{role}_DATE"),
                format!("{} +0000", at.as_second()),
            );
        }
    }
    git.args(["-c", "commit.gpgSign=false"]);
}

async fn output(git: &mut Command) -> Result<Output> {
    let running = git.output();
    let ran = tokio::time::timeout(PATIENCE, running).await;
    let ran = ran.map_err(|_| anyhow!("git did not end within ten minutes"))?;
    ran.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            anyhow!("there is no program `git`: install it, or leave --push out")
        }
        _ => anyhow!(error).context("cannot run git"),
    })
}

/// Runs git, which has to succeed.
async fn run(git: &mut Command) -> Result<Output> {
    let done = output(git).await?;
    if done.status.success() {
        return Ok(done);
    }
    let command = git.as_std().get_args().find(|arg| {
        let arg = arg.to_string_lossy();
        !arg.starts_with('-') && !arg.contains('=')
    });
    let command = command.map_or_else(String::new, |arg| arg.to_string_lossy().into_owned());
    bail!("git {command} failed: {}", complaint(&done))
}

/// Runs git, which has to succeed, with something to read.
async fn run_with_input(git: &mut Command, input: &[u8]) -> Result<()> {
    let started = git
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = started.context("cannot run git")?;
    let mut stdin = child.stdin.take().context("git takes no input")?;
    let running = async {
        // Who ends before it has read all tells why on its own.
        let written = stdin.write_all(input).await;
        drop(stdin);
        (written, child.wait_with_output().await)
    };
    let ran = tokio::time::timeout(PATIENCE, running).await;
    let (written, done) = ran.map_err(|_| anyhow!("git did not end within ten minutes"))?;
    let done = done.context("cannot run git")?;
    if !done.status.success() {
        bail!("git cannot take the archive in: {}", complaint(&done));
    }
    written.context("git did not read what it was told")
}

/// What git said, in one line and without passwords.
fn complaint(done: &Output) -> String {
    let said = String::from_utf8_lossy(&done.stderr);
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let said = lines.collect::<Vec<_>>().join("; ");
    if said.is_empty() {
        return format!("it ended with {}", done.status);
    }
    without_passwords(&said)
}

fn text(done: Output) -> Result<String> {
    let text = String::from_utf8(done.stdout).context("git names something that is no text")?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

async fn setting(folder: &Path, secrets: &[String], name: &str) -> Option<String> {
    let found = output(git(folder, secrets).args(["config", "--get", name]))
        .await
        .ok()?;
    let found = found.status.success().then(|| text(found).ok());
    found.flatten().filter(|value| !value.is_empty())
}

/// A text without what stands between `://` and `@`.
fn without_passwords(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let host = after.split(|c: char| c == '/' || c.is_whitespace()).next();
        let secret = host.and_then(|host| host.rfind('@'));
        rest = secret.map_or(after, |at| &after[at + 1..]);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, expected) in [
            (
                "fatal: unable to access 'https://x:ghp_secret@github.com/o/r/': 403",
                "fatal: unable to access 'https://github.com/o/r/': 403",
            ),
            ("https://a@b:pass@host/o@r", "https://host/o@r"),
            ("git@github.com:o/r", "git@github.com:o/r"),
        ] {
            assert_eq!(without_passwords(text), expected);
        }
    }

    #[test]
    fn only_files_that_we_write_are_of_the_archive() {
        for (path, expected) in [
            ("gitratra-archive.txt", true),
            ("7/2026.txt", true),
            ("7/repository.txt", true),
            ("7/.2026.txt.abc.new", true),
            (".gitratra-archive.txt.lock", true),
            ("README.md", false),
            ("7/notes.txt", false),
            ("notes/2026.txt", false),
        ] {
            assert_eq!(is_of_archive(path), expected, "{path}");
        }
    }
}
