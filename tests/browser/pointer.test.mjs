// With the mouse: dragging zooms, the way back leads back, choices take effect at once, and the
// colours that were chosen stay.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, open } from "./browser.mjs";
import { serveAll } from "./site.mjs";

let browser, sites, stop;

before(async () => {
  browser = await launch();
  ({ sites, stop } = await serveAll(["demo", "odd"]));
});

after(async () => {
  await browser?.close();
  await stop?.();
});

async function visit(t, path, { name = "demo", ...options } = {}) {
  const { origin } = sites[name];
  const opened = await open(browser, origin, options);
  t.after(() => opened.context.close());
  await opened.page.goto(origin + path);
  return { ...opened, origin };
}

const chart = (page) => page.locator("figure.chart").first().locator("svg[data-plot-width]:visible");
const daysOf = (page) => chart(page).evaluate((svg) => [svg.dataset.first, svg.dataset.last]);
const query = (page, name) => new URL(page.url()).searchParams.get(name);

/** Presses at one part of the chart's plot and moves to another. */
async function pull(page, from, to) {
  const svg = chart(page);
  await svg.scrollIntoViewIfNeeded();
  const box = await svg.boundingBox();
  const { plotLeft, plotWidth, width } = await svg.evaluate((svg) => ({
    ...svg.dataset,
    width: svg.viewBox.baseVal.width,
  }));
  const x = (part) => box.x + ((Number(plotLeft) + part * Number(plotWidth)) / width) * box.width;
  const y = box.y + box.height / 2;
  await page.mouse.move(x(from), y);
  await page.mouse.down();
  await page.mouse.move(x((from + to) / 2), y);
  await page.mouse.move(x(to), y);
}

for (const path of ["/", "/octo/hello"]) {
  test(`dragging on the chart of ${path} zooms, and back leads back`, async (t) => {
    const { page, faults } = await visit(t, `${path}?range=90d&by=day`);
    const before = await daysOf(page);
    await pull(page, 0.3, 0.6);
    await page.mouse.up();
    await page.waitForURL(/range=\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d/);
    const [first, last] = await daysOf(page);
    assert.equal(query(page, "range"), `${first}..${last}`);
    assert.equal(query(page, "by"), "day", "what else was chosen stays");
    assert.ok(before[0] < first && first < last && last < before[1], `${before} → ${first}, ${last}`);
    await page.goBack();
    assert.equal(query(page, "range"), "90d");
    assert.deepEqual(await daysOf(page), before);
    assert.deepEqual(faults, []);
  });
}

test("dragging zooms after the form from day to day as well", async (t) => {
  const { page } = await visit(t, "/octo/hello?range=30d&by=day");
  const all = await daysOf(page);
  await page.goto(`${new URL(page.url()).origin}/octo/hello?from=${all[0]}&to=${all[1]}&by=day`);
  const before = await daysOf(page);
  await pull(page, 0.3, 0.6);
  await page.mouse.up();
  await page.waitForURL(/range=\d{4}/);
  const [first, last] = await daysOf(page);
  assert.ok(before[0] < first && first < last && last < before[1], `${before} → ${first}, ${last}`);
  assert.equal(query(page, "from"), null);
});

test("dragging to the left is dragging too, on a phone's width as well", async (t) => {
  const { page } = await visit(t, "/octo/hello?range=90d&by=day", { viewport: { width: 360, height: 740 } });
  const before = await daysOf(page);
  await pull(page, 0.7, 0.2);
  await page.mouse.up();
  await page.waitForURL(/range=\d{4}/);
  const [first, last] = await daysOf(page);
  assert.ok(before[0] < first && first < last && last < before[1]);
});

test("Escape gives up a drag, and a click is none", async (t) => {
  const { page } = await visit(t, "/octo/hello");
  const url = page.url();
  await pull(page, 0.3, 0.6);
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await pull(page, 0.4, 0.4);
  await page.mouse.up();
  await page.waitForTimeout(100);
  assert.equal(page.url(), url);
});

test("the pointer tells the values of the day under it", async (t) => {
  const { page } = await visit(t, "/octo/hello?range=90d&by=day");
  await pull(page, 0.5, 0.5);
  const figure = page.locator("figure.chart").first();
  const rows = await figure.locator("table.behind tbody tr").evaluateAll((all) =>
    all.map((row) => [...row.cells].map((cell) => cell.textContent.trim())),
  );
  const text = await figure.locator("output.told").textContent();
  const row = rows[Math.floor(rows.length / 2)];
  assert.ok(row.filter(Boolean).every((cell) => text.includes(cell)), `"${text}" is not ${row}`);
});

test("choices take effect at once", async (t) => {
  const { page } = await visit(t, "/octo/hello?range=1y");
  await page.selectOption("#by", "month");
  await page.waitForURL(/by=month/);
  assert.equal(await chart(page).evaluate((svg) => svg.dataset.step), "month");
  assert.equal(query(page, "range"), "1y");
  await page.selectOption("#over", "year");
  await page.waitForURL(/over=year/);
  await page.getByLabel("Logarithmic").check();
  await page.waitForURL(/scale=log/);
  await page.getByLabel("Cumulative").check();
  await page.waitForURL(/sum=yes/);
  assert.deepEqual(
    ["by", "over", "scale", "sum", "range"].map((name) => query(page, name)),
    ["month", "year", "log", "yes", "1y"],
  );
});

test("presets and two days choose the range", async (t) => {
  const { page } = await visit(t, "/octo/hello");
  await page.getByRole("link", { name: "90 days", exact: true }).click();
  await page.waitForURL(/range=90d/);
  await page.fill("#from", "2026-09-01");
  await page.fill("#to", "2026-09-30");
  await page.getByRole("button", { name: "Show" }).first().click();
  await page.waitForURL(/from=/);
  assert.deepEqual(await daysOf(page), ["2026-09-01", "2026-09-30"]);
});

test("the table of repositories is filtered, sorted and turned over", async (t) => {
  const { page } = await visit(t, "/", { name: "odd" });
  const names = () => page.locator("table.fold tbody tr th").allTextContents();
  const first = await names();
  assert.equal(first.length, 50);
  await page.locator("a[rel=next]").click();
  await page.waitForURL(/page=2/);
  const second = await names();
  assert.equal(second.length, 10);
  assert.ok(second.every((name) => !first.includes(name)));
  await page.getByRole("link", { name: "Repository", exact: true }).click();
  await page.waitForURL(/sort=name/);
  assert.equal(query(page, "page"), null, "another order begins on its first page");
  const sorted = (await names()).map((name) => name.trim().split(" ")[0].toLowerCase());
  assert.deepEqual(sorted, sorted.toSorted());
  await page.selectOption("#owner", "owner-2");
  await page.waitForURL(/owner=owner-2/);
  assert.ok((await names()).every((name) => name.includes("owner-2/")));
  await page.fill("#q", "-5");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=-5/);
  const found = await names();
  assert.ok(found.length > 0 && found.every((name) => /owner-2\/.*-5/.test(name)), `${found}`);
});

test("what a pattern would match is told while it is written", async (t) => {
  const { page, faults } = await visit(t, "/settings", { name: "odd" });
  const preview = page.locator("#preview");
  await page.locator("#pattern").pressSequentially("!octo/*");
  await preview.getByText(/8 would be left out/).waitFor();
  assert.match(await preview.textContent(), /octo\/huge/);
  await page.locator("#pattern").fill("octo/a/b");
  await preview.locator(".error").waitFor();
  await page.locator("#pattern").fill("");
  await preview.locator(".error").waitFor({ state: "hidden" });
  assert.deepEqual(faults, []);
});

/** How light the page's ground is, 0 to 255. */
const light = (page) =>
  page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)[0]));

test("the colours that were chosen stay, against those of the system", async (t) => {
  const { page, origin, faults } = await visit(t, "/octo/hello?range=90d", { colorScheme: "light" });
  assert.ok((await light(page)) > 200);
  await page.selectOption("#look", "dark");
  await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
  assert.equal(query(page, "range"), "90d", "one stays where one was");
  assert.ok((await light(page)) < 60);
  await page.reload();
  assert.ok((await light(page)) < 60);
  await page.goto(`${origin}/about`);
  assert.ok((await light(page)) < 60);
  await page.selectOption("#look", "auto");
  await page.waitForFunction(() => document.documentElement.dataset.theme === "auto");
  assert.ok((await light(page)) > 200);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.ok((await light(page)) < 60);
  assert.deepEqual(faults, []);
});

test("Markdown is copied by a button", async (t) => {
  const { page, context } = await visit(t, "/octo/hello");
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const button = page.locator("button[data-copies]").first();
  await button.click();
  await page.waitForFunction(() => /Copied/.test(document.querySelector("button[data-copies]").textContent));
  const wanted = await button.evaluate((button) => document.getElementById(button.dataset.copies).value);
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), wanted);
});
