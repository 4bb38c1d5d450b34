//! GitHub's HTTP to core values: the only socket to GitHub.
