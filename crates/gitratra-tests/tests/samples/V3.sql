-- What version 3 of the schema keeps beside the rows of V1.sql and V2.sql: the counters of three
-- days, of which REST told the last, what the repository is, a tag, a week, stars with the days they
-- were read for, a release that is gone and one with a file, a note and one that was removed, workflow
-- runs, and referrers.

insert into counter_run (
    repo_id, first_day, last_day, stars, forks, watchers, open_issues, open_pulls, open_both,
    size_kib, releases, read_at
)
values
    (1, 20464, 20465, 40, 6, 3, 5, 2, null, 812, 1, null),
    (1, 20466, 20466, 41, 6, null, null, null, 7, 812, null, 1768384700);

insert into profile (
    repo_id, seen_at, description, language, licence, topics, is_archived, visibility
)
values
    (1, 1768003200, 'A tool', 'Rust', 'MIT', '', false, 'private'),
    (1, 1768384800, null, 'Rust', 'MIT', 'cli rust', false, 'public');

insert into tag (repo_id, name, day)
values (1, 'v1.0.0', 20465);

insert into traffic_week (repo_id, monday, views, views_uniques, clones, clones_uniques)
values (1, 20458, 300, 80, null, null);

insert into star_day (repo_id, day, given, still)
values (1, 20465, 3, 2);

insert into star_span (repo_id, first_day, last_day, read_at)
values
    (1, 0, 20463, 1768003200),
    (1, 20464, 20467, 1768384800);

insert into release (
    repo_id, release_id, tag, name, published_at, is_prerelease, seen_at, gone_since
)
values
    (1, 7, 'v0.9.0', null, 1767225600, true, 1767312000, 1768003200),
    (1, 8, 'v1.0.0', 'First', 1768212000, false, 1768384800, null);

insert into asset (repo_id, asset_id, release_id, name, size_bytes, created_at, gone_since)
values (1, 70, 8, 'alpha-x86_64-linux.tar.gz', 81920, 1768212000, null);

insert into asset_run (repo_id, asset_id, first_day, last_day, downloads)
values
    (1, 70, 20465, 20465, 10),
    (1, 70, 20466, 20467, 12);

insert into note (repo_id, note_id, day, body, written_at)
values
    (1, 1, 20465, null, 1768384800),
    (1, 2, 20465, 'on the front page', 1768384800);

insert into workflow_day (repo_id, day, runs)
values
    (1, 20465, 0),
    (1, 20466, 31);

-- Day 20465 was not read; of the paths neither was 20464.
insert into ranked_window (repo_id, last_day, referrers_seen, paths_seen)
values
    (2, 20464, 36000, null),
    (2, 20466, 36000, 36000);

insert into ranked_name (repo_id, ranking, name_id, name, title)
values
    (2, 0, 1, 'Google', null),
    (2, 0, 2, 't.co', null);

insert into ranked_run (
    repo_id, ranking, name_id, first_window, last_window, count, uniques
)
values
    (2, 0, 1, 20464, 20466, 20, 4),
    (2, 0, 2, 20464, 20464, 3, 1);
