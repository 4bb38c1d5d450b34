-- What version 2 of the schema keeps beside the rows of V1.sql: a repository that another
-- credential was asked for, whose days come at eight, and two troubles.

insert into asked (
    repo_id, endpoint, asked_at, answered_at, newest_day, watched_since, span_first, span_last,
    span_seen_at, answered_by, etag, credential, status, message, action, failed_since
)
values
    (
        2, 'views', 1768384800, 1768384800, 20466, 1768377600, 20453, 20466, 1768381200, 'def',
        'W/"2"', 'abc', null, null, null, null
    );

insert into rhythm (repo_id, publications)
values (2, '471-480 475-482');

insert into alarm (alarm_key, channel, since, subject, is_told, tries, tried_at, is_over)
values
    ('days-left/2', 'mail', 1768384800, 'octo/beta', true, 0, null, false),
    ('nothing-stored', 'mail', 1768384800, '', false, 2, 1768384860, false);
