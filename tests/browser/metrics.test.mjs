// What Prometheus and Grafana are given works on a real scrape: of a collector that reads a
// simulated GitHub, so that every number is there.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { collect, filesIn, root, target } from "./site.mjs";

const contrib = (path) => join(root, "contrib", path);
const ACCEPTS = { accept: "application/openmetrics-text; version=1.0.0" };
/** What is told once a pass has ended and the overview has read what it stored. */
const LAST_TO_COME = ["gitratra_last_pass_timestamp_seconds", "gitratra_newest_day_events", "gitratra_stars"];
/** Numbers that a good collector does not have. */
const OF_TROUBLE = ["gitratra_failures_total"];

let collector, classic, names;

before(async () => {
  collector = await collect();
  for (;;) {
    classic = await (await fetch(`${collector.origin}/metrics`)).text();
    if (LAST_TO_COME.every((name) => new RegExp(`^${name}`, "m").test(classic))) {
      break;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  names = new Set([...classic.matchAll(/^([a-z][a-z0-9_]*)(?:\{| )/gm)].map(([, name]) => name));
});

after(() => collector?.stop());

function promtool(args) {
  return execFileSync("promtool", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Names of ours in a query. */
const namesIn = (query) => query.match(/\b(?:gitratra|process)_[a-z0-9_]+/g) ?? [];

function checkNames(query) {
  for (const name of namesIn(query)) {
    assert.ok(names.has(name) || OF_TROUBLE.includes(name), `"${name}" is not told: ${query}`);
  }
}

test("promtool accepts the numbers", () => {
  assert.ok(names.size > 12);
  const { stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: classic, encoding: "utf8" });
  const advice = `${stdout}${stderr}`.split("\n").filter(Boolean).sort();
  // GitHub publishes and forgets days as a whole: seconds would claim to know more.
  const unit = 'use base unit "seconds" instead of "days"';
  assert.deepEqual(advice, [`gitratra_days_safe ${unit}`, `gitratra_next_loss_days ${unit}`]);
});

test("the newer format ends as it has to", async () => {
  const answer = await fetch(`${collector.origin}/metrics`, { headers: ACCEPTS });
  assert.match(answer.headers.get("content-type"), /openmetrics-text/);
  assert.match(await answer.text(), /\n# EOF\n$/);
});

test("promtool accepts the alert rules, and they fire when they should", () => {
  promtool(["check", "rules", contrib("prometheus/gitratra.rules.yml")]);
  promtool(["test", "rules", contrib("prometheus/rules.test.yml")]);
});

test("alerts ask for numbers that are there", () => {
  const rules = readFileSync(contrib("prometheus/gitratra.rules.yml"), "utf8");
  const queries = [...rules.matchAll(/^\s+expr: (.*)$/gm)].map(([, query]) => query);
  assert.ok(queries.length >= 6);
  queries.forEach(checkNames);
});

test("Grafana's dashboards ask for numbers that are there", () => {
  assert.deepEqual(filesIn("contrib/grafana"), ["gitratra.json"]);
  const board = JSON.parse(readFileSync(contrib("grafana/gitratra.json"), "utf8"));
  const queries = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assert.ok(queries.length >= board.panels.length);
  queries.forEach(checkNames);
  const all = new Set(queries.flatMap(namesIn));
  for (const name of names) {
    const isUsed = all.has(name) || JSON.stringify(board).includes(name);
    assert.ok(isUsed || name === "gitratra_last_pass_timestamp_seconds", `"${name}" is on no panel`);
  }
});

test("Grafana's queries are well-formed", () => {
  const board = JSON.parse(readFileSync(contrib("grafana/gitratra.json"), "utf8"));
  const queries = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  // promtool knows queries as parts of rules.
  const rules = queries.map((query, at) => ({ record: `query:${at}`, expr: query.replaceAll("$job", "x") }));
  checkRules(JSON.stringify({ groups: [{ name: "queries", rules }] }));
  assert.throws(() => checkRules(JSON.stringify({ groups: [{ name: "q", rules: [{ record: "q", expr: "sum(" }] }] })));
});

test("panels neither overlap nor repeat their number", () => {
  const { panels } = JSON.parse(readFileSync(contrib("grafana/gitratra.json"), "utf8"));
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
  );
  assert.equal(new Set(cells).size, cells.length);
});

/** JSON is YAML; promtool reads rules from a file alone. */
function checkRules(text) {
  const path = join(target, "browser/queries.yml");
  writeFileSync(path, text);
  promtool(["check", "rules", path]);
}
