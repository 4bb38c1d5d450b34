insert into rhythm (repo_id, publications)
values ($1, $2)
on conflict (repo_id) do update set
    publications = excluded.publications
