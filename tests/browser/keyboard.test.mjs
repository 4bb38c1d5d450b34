// Without a mouse: every control can be reached, is seen when it has the focus, and charts tell
// their values to the keyboard.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, logIn, open } from "./browser.mjs";
import { PAGES } from "./paths.mjs";
import { serveAll } from "./site.mjs";

let browser, sites, stop;

before(async () => {
  browser = await launch();
  ({ sites, stop } = await serveAll(PAGES.map((page) => page.store)));
});

after(async () => {
  await browser?.close();
  await stop?.();
});

/** A page of a store, closed again when the test ends. */
async function visit(t, name, path, options) {
  const { origin } = sites[name];
  const opened = await open(browser, origin, options);
  t.after(() => opened.context.close());
  await opened.page.goto(origin + path);
  return { ...opened, origin };
}

/** Gives every control a number; answers with how each is to be spoken of. */
function number(page) {
  return page.evaluate(() => {
    const controls = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const isThere = (element) =>
      element.checkVisibility({ visibilityProperty: true }) &&
      !element.disabled &&
      element.type !== "hidden" &&
      element.tabIndex >= 0;
    const all = [...document.querySelectorAll(controls)].filter(isThere);
    all.forEach((element, at) => {
      element.dataset.control = at;
    });
    return all.map((element) => element.outerHTML.slice(0, 100));
  });
}

/** What has the focus now: its number, and what is wrong with how it is seen. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) {
      return null;
    }
    const box = element.getBoundingClientRect();
    const isOnScreen =
      box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const style = getComputedStyle(element);
    const hasRing = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0;
    const wrong = [];
    if (!isOnScreen) wrong.push("is off the screen");
    if (!hasRing) wrong.push("has no focus ring");
    return { at: element.dataset.control, what: element.outerHTML.slice(0, 100), wrong };
  });
}

/** One of each kind, the richest: others have the same controls. */
const RICHEST = [
  "fleet-many",
  "first-run",
  "repository-year",
  "unread",
  "compare",
  "health-odd",
  "settings",
  "about",
  "api",
  "login",
  "account",
  "users",
  "groups",
  "shares",
  "missing",
];

for (const { name, store, path, as } of PAGES.filter((page) => RICHEST.includes(page.name))) {
  test(`Tab reaches every control: ${name}`, async (t) => {
    const { page, origin } = await visit(t, store, "/about");
    if (as) {
      await logIn(page, origin, as);
    }
    await page.goto(origin + path);
    const controls = await number(page);
    const reached = new Set();
    const faults = new Set();
    // Fields of dates take several steps each, and regions that scroll take one.
    for (let step = 0; step < controls.length * 3 + 60; step += 1) {
      await page.keyboard.press("Tab");
      const now = await focused(page);
      if (!now) {
        break;
      }
      now.wrong.forEach((why) => faults.add(`${now.what} ${why}`));
      reached.add(Number(now.at));
    }
    const missed = controls.filter((_, at) => !reached.has(at));
    assert.equal(missed.length, 0, `not reached:\n${missed.join("\n")}`);
    assert.equal(faults.size, 0, [...faults].join("\n"));
  });
}

test("the first step skips to the content", async (t) => {
  const { page } = await visit(t, "demo", "/octo/hello");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
});

/** The chart of views, as large as it is shown here, and the rows of the table behind it. */
async function chart(page) {
  const figure = page.locator("figure.chart").first();
  const svg = figure.locator("svg[data-plot-width]:visible");
  const rows = await figure.locator("table.behind tbody tr").evaluateAll((all) =>
    all.map((row) => ({ ...row.dataset, cells: [...row.cells].map((cell) => cell.textContent.trim()) })),
  );
  return { figure, svg, rows, told: figure.locator("output.told") };
}

test("arrows tell the exact values of the table", async (t) => {
  const { page, faults } = await visit(t, "demo", "/octo/hello");
  const { svg, rows, told } = await chart(page);
  assert.ok(rows.length >= 30);
  await svg.focus();
  assert.ok(await told.isHidden());
  const cellsAre = async (at) => {
    const text = await told.textContent();
    for (const cell of rows.at(at).cells.filter(Boolean)) {
      assert.ok(text.includes(cell), `"${text}" lacks "${cell}"`);
    }
  };
  await page.keyboard.press("ArrowRight");
  await cellsAre(0);
  assert.ok(await told.isVisible());
  await page.keyboard.press("ArrowRight");
  await cellsAre(1);
  await page.keyboard.press("PageDown");
  await cellsAre(8);
  await page.keyboard.press("ArrowLeft");
  await cellsAre(7);
  await page.keyboard.press("End");
  await cellsAre(-1);
  await page.keyboard.press("Home");
  await cellsAre(0);
  await page.keyboard.press("Escape");
  assert.ok(await told.isHidden());
  assert.deepEqual(faults, []);
});

test("Enter marks two ends, and the chart shows what lies between", async (t) => {
  const { page } = await visit(t, "demo", "/octo/hello");
  const { svg, rows } = await chart(page);
  await svg.focus();
  for (const key of ["Home", "ArrowRight", "ArrowRight", "Enter", "PageDown", "Enter"]) {
    await page.keyboard.press(key);
  }
  await page.waitForURL(/range=/);
  const [first, last] = [rows[2].first, rows[9].last];
  assert.equal(new URL(page.url()).searchParams.get("range"), `${first}..${last}`);
  const shown = await (await chart(page)).svg.evaluate((svg) => ({ ...svg.dataset }));
  assert.deepEqual([shown.first, shown.last], [first, last]);
});

test("a table behind a chart opens with the keyboard", async (t) => {
  const { page } = await visit(t, "demo", "/octo/hello");
  const { figure } = await chart(page);
  const table = figure.locator("table.behind");
  assert.ok(await table.isHidden());
  await figure.locator("summary").focus();
  await page.keyboard.press("Enter");
  assert.ok(await table.isVisible());
});
