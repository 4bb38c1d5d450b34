-- What version 5 of the schema keeps beside the rows before it: the seals of two months.

insert into seal (repo_id, last_day, content, chain, days)
values
    (1, 20423, 'c1', 'h1', '...'),
    (1, 20453, 'c2', 'h2', '...');
