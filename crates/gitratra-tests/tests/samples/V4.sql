-- What version 4 of the schema keeps beside the rows before it: a group of one bound name and one
-- owner, a viewer of it, somebody who was removed, a session, a token, a link and a key.

insert into repo_group (group_key, name)
values ('web', 'Web');

insert into group_rule (group_key, pattern_key, pattern, name_key, repo_id)
values
    ('web', 'octo/alpha', 'octo/alpha', 'octo/alpha', 1),
    ('web', 'other/*', 'other/*', null, null);

insert into person (
    person_id, name, name_key, password_hash, issuer, subject, role, created_at, is_disabled
)
values
    (1, 'Ada', 'ada', '$argon2id$x', null, null, 'viewer', 1768003200, false),
    (2, '', null, null, null, null, 'admin', 1768003200, true),
    (3, 'Bo', 'bo', null, 'https://id.example', 'b-1', 'editor', 1768003200, false);

insert into person_group (person_id, group_key)
values (1, 'web');

insert into session (token_hash, person_id, created_at, expires_at, last_seen_at)
values ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 1768003200, 1770000000, 1768384800);

insert into api_token (
    token_id, token_hash, name, scope, person_id, created_at, expires_at, last_used_at
)
values (1, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'ci', 'read', 3, 1768003200, null, null);

insert into share (
    share_id, secret_hash, label, repo_id, group_key, person_id, created_at, expires_at, revoked_at
)
values (1, 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', 'press', null, 'web', 3, 1768003200, 1770000000, null);

insert into invite (secret_hash, person_id, created_at, expires_at)
values ('dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', 3, 1768003200, 1770000000);

insert into login_failure (tried, failures, last_at)
values ('name/ada', 2, 1768384800);

insert into house_key (purpose, secret, made_at)
values ('urls', 'c2VjcmV0', 1768003200);
