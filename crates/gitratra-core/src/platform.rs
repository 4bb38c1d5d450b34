//! Which platform the file of a release is for, by its name and by rules that a person can read and
//! override. A guess from names, and told as one.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// The rules that are known without being told.
pub const RULES: &str = include_str!("platform/rules.txt");

static BUILT_IN: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rules = parse(RULES);
    rules.expect("a test reads the rules, so they can be read")
});

/// The system a file runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Linux of any kind.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
    /// FreeBSD and its like.
    Bsd,
    /// Android.
    Android,
    /// iOS.
    Ios,
}

/// The kind of processor a file runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Machine {
    /// 64 bits, Intel and AMD.
    X8664,
    /// 64 bits, ARM.
    Arm64,
    /// 32 bits, Intel and AMD.
    X86,
    /// 32 bits, ARM.
    Arm,
    /// Several in one file.
    Universal,
    /// 64 bits, RISC-V.
    Riscv64,
    /// 64 bits, PowerPC.
    Ppc64,
    /// IBM's.
    S390x,
    /// WebAssembly.
    Wasm,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Content {
    /// Something to run or to install; also whatever no rule speaks of.
    #[default]
    Program,
    /// Source code.
    Source,
    /// A checksum of other files.
    Checksum,
    /// A signature or a proof of origin.
    Signature,
    /// What describes other files.
    Metadata,
}

/// What the name of a file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Platform {
    /// What it is.
    pub content: Content,
    /// The system; nothing where the name tells none, so that it may be for any.
    pub system: Option<System>,
    /// The machine; nothing where the name tells none.
    pub machine: Option<Machine>,
}

macro_rules! words {
    ($of:ty: $($variant:ident = $word:literal),* $(,)?) => {
        impl $of {
            const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word used in rules and output.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }
        }
    };
}

words!(System: Linux = "linux", MacOs = "macos", Windows = "windows", Bsd = "bsd",
    Android = "android", Ios = "ios");
words!(Machine: X8664 = "x86-64", Arm64 = "arm64", X86 = "x86", Arm = "arm",
    Universal = "universal", Riscv64 = "riscv64", Ppc64 = "ppc64", S390x = "s390x", Wasm = "wasm");
words!(Content: Program = "program", Source = "source", Checksum = "checksum",
    Signature = "signature", Metadata = "metadata");

impl fmt::Display for Platform {
    /// `linux x86-64`, `windows`, `any` for a program; else what it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match (self.content, self.system, self.machine) {
            (Content::Program, Some(system), Some(machine)) => {
                format!("{} {}", system.word(), machine.word())
            }
            (Content::Program, Some(system), None) => system.word().to_owned(),
            (Content::Program, None, Some(machine)) => machine.word().to_owned(),
            (Content::Program, None, None) => "any".to_owned(),
            (content, ..) => content.word().to_owned(),
        };
        f.pad(&text)
    }
}

/// A rule: what a pattern in a name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pattern: String,
    content: Option<Content>,
    system: Option<System>,
    machine: Option<Machine>,
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not of the form `PATTERN = WORDS`.
    #[error("\"{0}\" is no rule, write it as `*-mac-* = macos arm64`")]
    Form(String),
    /// A word that means nothing here.
    #[error(
        "\"{0}\" is no system, machine or content: write linux, macos, windows, bsd, android, ios, \
         x86-64, arm64, x86, arm, universal, riscv64, ppc64, s390x, wasm, program, source, \
         checksum, signature or metadata"
    )]
    Word(String),
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(line: &str) -> Result<Self, RuleError> {
        let form = || RuleError::Form(line.trim().to_owned());
        let (pattern, words) = line.rsplit_once('=').ok_or_else(form)?;
        let pattern = pattern.trim().to_lowercase();
        if pattern.chars().all(|letter| letter == '*') || words.trim().is_empty() {
            return Err(form());
        }
        let mut rule = Self {
            pattern,
            content: None,
            system: None,
            machine: None,
        };
        for word in words.split_whitespace() {
            let word = word.to_lowercase();
            if let Some(found) = Content::ALL.iter().find(|known| known.word() == word) {
                rule.content = Some(*found);
            } else if let Some(found) = System::ALL.iter().find(|known| known.word() == word) {
                rule.system = Some(*found);
            } else if let Some(found) = Machine::ALL.iter().find(|known| known.word() == word) {
                rule.machine = Some(*found);
            } else {
                return Err(RuleError::Word(word));
            }
        }
        Ok(rule)
    }
}

/// Reads rules, one a line; blank lines and those that begin with `#` say nothing.
///
/// # Errors
/// [`RuleError`] of the first line that is no rule.
pub fn parse(text: &str) -> Result<Vec<Rule>, RuleError> {
    let lines = text.lines().map(str::trim);
    let rules = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    rules.map(str::parse).collect()
}

/// What the name of a file tells, by somebody's own rules first and then by those that are known.
#[must_use]
pub fn classify(name: &str, own: &[Rule]) -> Platform {
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let mut found: (Option<Content>, Option<System>, Option<Machine>) = (None, None, None);
    for rule in own.iter().chain(BUILT_IN.iter()) {
        let says_more = (found.0.is_none() && rule.content.is_some())
            || (found.1.is_none() && rule.system.is_some())
            || (found.2.is_none() && rule.machine.is_some());
        if says_more && rule.is_in(&name) {
            found.0 = found.0.or(rule.content);
            found.1 = found.1.or(rule.system);
            found.2 = found.2.or(rule.machine);
        }
    }
    Platform {
        content: found.0.unwrap_or_default(),
        system: found.1,
        machine: found.2,
    }
}

impl Rule {
    /// Whether the pattern is anywhere in a name, and not in the middle of a word.
    fn is_in(&self, name: &[char]) -> bool {
        let pattern = self.pattern.trim_matches('*');
        let parts: Vec<Vec<char>> = pattern
            .split('*')
            .filter(|part| !part.is_empty())
            .map(|part| part.chars().collect())
            .collect();
        let is_open_before = self.pattern.starts_with('*');
        let is_open_after = self.pattern.ends_with('*');
        let Some(first) = parts.first() else {
            return false;
        };
        (0..name.len()).any(|start| {
            name[start..].starts_with(first)
                && (is_open_before || is_between_words(name, start))
                && has_rest(name, start + first.len(), &parts[1..], is_open_after)
        })
    }
}

/// Whether the other parts of a pattern follow in a name in their order, the last of them at the
/// end of a word unless it may be part of a longer one.
fn has_rest(name: &[char], from: usize, parts: &[Vec<char>], is_open_after: bool) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return is_open_after || is_between_words(name, from);
    };
    (from..name.len()).any(|start| {
        name[start..].starts_with(part) && has_rest(name, start + part.len(), rest, is_open_after)
    })
}

/// Whether no word goes on across this place.
fn is_between_words(name: &[char], at: usize) -> bool {
    let is_word = |place: Option<usize>| {
        let letter = place.and_then(|place| name.get(place));
        letter.is_some_and(|letter| letter.is_alphanumeric())
    };
    !(is_word(at.checked_sub(1)) && is_word(Some(at)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(name: &str) -> String {
        classify(name, &[]).to_string()
    }

    /// Names as projects give them, and what they tell.
    const NAMES: &[(&str, &str)] = &[
        (
            "tool-v1.2.3-x86_64-unknown-linux-gnu.tar.gz",
            "linux x86-64",
        ),
        (
            "tool-v1.2.3-x86_64-unknown-linux-musl.tar.xz",
            "linux x86-64",
        ),
        (
            "tool-v1.2.3-aarch64-unknown-linux-gnu.tar.gz",
            "linux arm64",
        ),
        (
            "tool-v1.2.3-armv7-unknown-linux-gnueabihf.tar.gz",
            "linux arm",
        ),
        ("tool-v1.2.3-arm-unknown-linux-gnueabi.tar.gz", "linux arm"),
        ("tool-v1.2.3-i686-unknown-linux-gnu.tar.gz", "linux x86"),
        (
            "tool-v1.2.3-riscv64gc-unknown-linux-gnu.tar.gz",
            "linux riscv64",
        ),
        (
            "tool-v1.2.3-powerpc64le-unknown-linux-gnu.tgz",
            "linux ppc64",
        ),
        ("tool-v1.2.3-s390x-unknown-linux-gnu.tgz", "linux s390x"),
        ("tool-v1.2.3-x86_64-apple-darwin.tar.gz", "macos x86-64"),
        ("tool-v1.2.3-aarch64-apple-darwin.tar.gz", "macos arm64"),
        ("tool-v1.2.3-x86_64-pc-windows-msvc.zip", "windows x86-64"),
        ("tool-v1.2.3-i686-pc-windows-gnu.zip", "windows x86"),
        ("tool-v1.2.3-aarch64-pc-windows-msvc.zip", "windows arm64"),
        ("tool_1.2.3_linux_amd64.tar.gz", "linux x86-64"),
        ("tool_1.2.3_linux_arm64.tar.gz", "linux arm64"),
        ("tool_1.2.3_linux_armv6.tar.gz", "linux arm"),
        ("tool_1.2.3_linux_386.tar.gz", "linux x86"),
        ("tool_1.2.3_darwin_all.tar.gz", "macos"),
        ("tool_1.2.3_Darwin_arm64.tar.gz", "macos arm64"),
        ("tool_1.2.3_Windows_x86_64.zip", "windows x86-64"),
        ("tool_1.2.3_freebsd_amd64.tar.gz", "bsd x86-64"),
        ("tool_1.2.3_openbsd_386.tar.gz", "bsd x86"),
        ("tool_1.2.3_amd64.deb", "linux x86-64"),
        ("tool_1.2.3_arm64.deb", "linux arm64"),
        ("tool-1.2.3-1.x86_64.rpm", "linux x86-64"),
        ("tool-1.2.3-1.aarch64.rpm", "linux arm64"),
        ("tool-1.2.3-1-x86_64.pkg.tar.zst", "linux x86-64"),
        ("Tool-1.2.3-x86_64.AppImage", "linux x86-64"),
        ("Tool-1.2.3.AppImage", "linux"),
        ("tool_1.2.3_amd64.snap", "linux x86-64"),
        ("Tool.flatpak", "linux"),
        ("Tool-1.2.3.dmg", "macos"),
        ("Tool-1.2.3-arm64.dmg", "macos arm64"),
        ("Tool-1.2.3-universal.dmg", "macos universal"),
        ("Tool-1.2.3-mac.zip", "macos"),
        ("Tool-osx-x64.zip", "macos x86-64"),
        ("tool-macos11-arm64.tar.gz", "macos arm64"),
        ("Tool.pkg", "macos"),
        ("Tool Setup 1.2.3.exe", "windows"),
        ("tool-win32.zip", "windows x86"),
        ("tool-win64.zip", "windows x86-64"),
        ("tool-win-x64.zip", "windows x86-64"),
        ("tool-winx64.zip", "windows x86-64"),
        ("tool-win-arm64.msi", "windows arm64"),
        ("tool-1.2.3.msix", "windows"),
        ("tool-mingw-w64.zip", "windows"),
        ("tool-linux64", "linux x86-64"),
        ("tool-linux32", "linux x86"),
        ("tool-linux-x64.zip", "linux x86-64"),
        ("tool_static-linuxarm64", "linux arm64"),
        ("app-release.apk", "android"),
        ("app-arm64-v8a-release.apk", "android arm64"),
        ("tool.ipa", "ios"),
        (
            "tool-1.2.3-cp311-cp311-manylinux_2_17_x86_64.whl",
            "linux x86-64",
        ),
        (
            "tool-1.2.3-cp311-cp311-macosx_11_0_arm64.whl",
            "macos arm64",
        ),
        ("tool-1.2.3-cp311-cp311-win_amd64.whl", "windows x86-64"),
        ("tool-1.2.3-py3-none-any.whl", "any"),
        ("tool-1.2.3.jar", "any"),
        ("tool-1.2.3.vsix", "any"),
        ("tool-1.2.3.tar.gz", "any"),
        ("tool.wasm", "wasm"),
        ("tool-1.2.3-src.tar.gz", "source"),
        ("tool-source.zip", "source"),
        ("tool_1.2.3.orig.tar.xz", "source"),
        ("tool-vendored.tar.gz", "source"),
        ("tool-1.2.3-linux-amd64.tar.gz.sha256", "checksum"),
        ("SHA256SUMS", "checksum"),
        ("SHA256SUMS.txt", "checksum"),
        ("tool_1.2.3_checksums.txt", "checksum"),
        ("tool.exe.sha512", "checksum"),
        ("SHA256SUMS.asc", "checksum"),
        ("tool.tar.gz.asc", "signature"),
        ("tool.tar.gz.sig", "signature"),
        ("multiple.intoto.jsonl", "signature"),
        ("tool.spdx.json", "metadata"),
        ("latest-mac.yml", "metadata"),
        ("Tool.exe.blockmap", "metadata"),
        ("winter-is-coming.zip", "any"),
        ("charming.tar.gz", "any"),
        ("darwinism.zip", "macos"),
    ];

    #[test]
    fn names_as_projects_give_them_are_told() {
        for (name, expected) in NAMES {
            assert_eq!(told(name), *expected, "{name}");
        }
    }

    #[test]
    fn a_program_of_darwin_is_none_of_windows() {
        let platform = classify("tool-darwin-arm64.tar.gz", &[]);
        assert_eq!(platform.system, Some(System::MacOs));
        assert_eq!(platform.machine, Some(Machine::Arm64));
    }

    #[test]
    fn own_rules_go_first_and_leave_the_rest_to_the_others() {
        let own =
            parse("# ours\n\n*-docker-* = linux\nkernel.img = linux arm64 program\n").unwrap();
        let told = |name| classify(name, &own).to_string();
        assert_eq!(told("tool-docker-windows-x64.zip"), "linux x86-64");
        assert_eq!(told("kernel.img"), "linux arm64");
        assert_eq!(told("tool.dmg"), "macos");
    }

    #[test]
    fn what_is_no_rule_is_told() {
        for (line, expected) in [
            ("darwin macos", "\"darwin macos\" is no rule"),
            ("* = linux", "\"* = linux\" is no rule"),
            ("a =", "\"a =\" is no rule"),
            ("a = beos", "\"beos\" is no system"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_name_can_be_told(name in "\\PC{0,60}") {
            let platform = classify(&name, &[]);
            prop_assert!(!platform.to_string().is_empty());
            prop_assert_eq!(classify(&name.to_lowercase(), &[]), platform);
        }
    }
}
