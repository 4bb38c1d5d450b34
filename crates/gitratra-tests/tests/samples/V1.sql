-- Two repositories as version 1 of the schema keeps them. Day 20465 is 2026-01-12; 1768348800 is
-- 2026-01-14T00:00:00Z.

insert into repo (
    repo_id, node_id, full_name, name_key, is_private, is_fork, is_archived, first_seen, named_at,
    gone_status, gone_since
)
values
    (1, 'R_1', 'Octo/Alpha', 'octo/alpha', true, false, false, 1767225600, 1768384800, null, null),
    (2, null, 'octo/beta', 'octo/beta', false, true, false, 1767225600, 1767225600, 404, 1768003200);

insert into repo_name (repo_id, name_key, full_name, first_seen, last_seen)
values
    (1, 'octo/alpha', 'Octo/Alpha', 1767312000, 1768384800),
    (1, 'octo/old-alpha', 'octo/old-alpha', 1767225600, 1767225600),
    (2, 'octo/beta', 'octo/beta', 1767225600, 1767225600);

insert into rule (pattern_key, pattern)
values
    ('octo/*', 'octo/*'),
    ('octo/alpha', 'octo/Alpha'),
    ('!fork', '!fork');

insert into rule_repo (pattern_key, repo_id)
values ('octo/alpha', 1);

insert into source (source_id, kind, label)
values (1, 'file', 'an older file');

-- Seen after the day, seen in two values, seen while running.
insert into traffic_day (
    repo_id, day, views, views_uniques, views_first_seen, views_last_seen, views_source,
    views_window_uniques, clones, clones_uniques, clones_first_seen, clones_last_seen,
    clones_source, clones_window_uniques
)
values
    (1, 20465, 90, 14, 32400, 118800, 0, null, 0, 0, 32400, 32400, 0, null),
    (1, 20466, 78, 21, 3600, 86400, 0, 60, null, null, null, null, null, null),
    (1, 20467, 4, 2, -50400, -14400, 0, null, null, null, null, null, null, null);

insert into sighting (repo_id, metric, day, count, uniques, first_seen, last_seen, source)
values
    (1, 0, 20466, 57, 20, 1768420800, 1768435200, 1),
    (1, 0, 20466, 78, 21, 1768352400, 1768352400, 0);

insert into ranked_window (repo_id, ranking, last_day, read_at, lines)
values
    (1, 0, 20466, 1768384800, 0),
    (1, 1, 20466, 1768384800, 1);

insert into ranked_name (repo_id, ranking, name_id, name, title)
values (1, 1, 1, '/Octo/Alpha', 'Overview');

insert into ranked (repo_id, ranking, last_day, name_id, count, uniques)
values (1, 1, 20466, 1, 12, 5);

insert into asked (
    repo_id, endpoint, asked_at, answered_at, newest_day, span_first, span_last, etag, credential,
    status, message, action, failed_since
)
values
    (1, 'views', 1768384800, 1768384800, 20466, 20453, 20466, 'W/"1"', 'abc', null, null, null, null),
    (
        1, 'clones', 1768384800, null, null, null, null, null, null, 403,
        'Must have push access to repository', 'ask for push access', 1768384800
    );

insert into run (
    run_id, started_at, finished_at, sent, not_modified, retried, ok, failed, skipped, new_days
)
values (1, 1768384800, 1768384860, 4, 1, 0, 0, 1, 1, 3);

insert into suspect (metric, day, since)
values (1, 20465, 1768294800);
