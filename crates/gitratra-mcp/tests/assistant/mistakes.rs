//! A question that cannot be answered is told what to ask instead.

use serde_json::{Value, json};

use crate::assistant::on_both;

#[tokio::test]
async fn every_mistake_says_what_to_do_next() {
    on_both(false, async |assistant| {
        let cases: Vec<(&str, Value, &str)> = vec![
            (
                "series",
                json!({"repo": "octo/helo"}),
                "Names like it: octo/hello",
            ),
            ("series", json!({"repo": "hello"}), "octo/hello"),
            (
                "series",
                json!({"repo": "quite/different"}),
                "list_repositories",
            ),
            ("series", json!({"repo": "x".repeat(400)}), "longer than"),
            ("series", json!({}), "missing field `repo`"),
            (
                "series",
                json!({"repo": "octo/hello", "range": "last week"}),
                "2026-01-01..",
            ),
            (
                "series",
                json!({"repo": "octo/hello", "range": "2020-01-01..2020-02-01"}),
                "the days that are known are",
            ),
            (
                "series",
                json!({"repo": "octo/hello", "metric": "people"}),
                "expected one of",
            ),
            (
                "series",
                json!({"repo": "octo/hello", "from": "x"}),
                "unknown field `from`",
            ),
            (
                "series",
                json!({"repo": "octo/hello", "limit": 401}),
                "from 1 to 400",
            ),
            (
                "series",
                json!({"repo": "octo/hello", "cursor": "x"}),
                "next_cursor",
            ),
            (
                "series",
                json!({"repo": "acme/unread"}),
                "nothing was read of acme/unread",
            ),
            (
                "series",
                json!({"repo": "octo/quiet", "metric": "downloads"}),
                "no downloads of octo/quiet are known",
            ),
            ("top", json!({"cursor": "1"}), "next_cursor"),
            ("top", json!({"limit": "5"}), "invalid type"),
            ("gaps", json!({"cursor": "nothing"}), "next_cursor"),
            ("compare", json!({"repos": ["octo/hello"]}), "two to 8"),
            (
                "compare",
                json!({"repos": ["octo/hello", "OCTO/HELLO"]}),
                "named twice",
            ),
            (
                "explain_spike",
                json!({"repo": "octo/hello", "day": "yesterday"}),
                "YYYY-MM-DD",
            ),
            (
                "explain_spike",
                json!({"repo": "octo/hello", "day": "2031-01-01"}),
                "its known days are",
            ),
            (
                "sources",
                json!({"repo": "octo/hello", "window": "2026"}),
                "YYYY-MM-DD",
            ),
            (
                "delete_everything",
                json!({}),
                "the tools are list_repositories",
            ),
        ];
        for (tool, arguments, expected) in cases {
            let told = assistant.call(tool, arguments.clone()).await;
            assert!(
                told.error().contains(expected),
                "{tool} {arguments}: {}",
                told.text
            );
        }
        // What was asked comes back cleaned.
        let told = assistant
            .call("series", json!({"repo": "a/\u{202e}b\nc"}))
            .await;
        assert!(told.error().contains("quoted: \"a/b c\""), "{}", told.text);
    })
    .await;
}
