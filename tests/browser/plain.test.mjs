// Without script, on paper, and on the wire: everything works, nothing is heavy, no link is dead.

import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";

import { launch, logIn, open, sideways } from "./browser.mjs";
import { PAGES, windows } from "./paths.mjs";
import { serveAll } from "./site.mjs";

/** Compressed bytes of a page with everything that it needs. */
const HEAVIEST = 120 << 10;

let browser, sites, stop;

before(async () => {
  browser = await launch();
  ({ sites, stop } = await serveAll(PAGES.map((page) => page.store)));
});

after(async () => {
  await browser?.close();
  await stop?.();
});

async function visit(t, name, path, options) {
  const { origin } = sites[name];
  const opened = await open(browser, origin, options);
  t.after(() => opened.context.close());
  await opened.page.goto(origin + path);
  return { ...opened, origin };
}

const SCRIPTLESS = { javaScriptEnabled: false };
const query = (page, name) => new URL(page.url()).searchParams.get(name);

/** Opens every page, many in one window. */
async function everyPage(t, options, check) {
  for (const { store, as, pages } of windows()) {
    const { page, faults, origin, context } = await visit(t, store, "/about", options);
    if (as) {
      await logIn(page, origin, as);
    }
    for (const wanted of pages) {
      await t.test(wanted.name, async () => {
        faults.length = 0;
        await page.goto(origin + wanted.path, { waitUntil: "load" });
        await check(page, wanted, origin, context);
        assert.deepEqual(faults, []);
      });
    }
    await context.close();
  }
}

test("without script every page has its content and fits", async (t) => {
  await everyPage(t, SCRIPTLESS, async (page, { has }) => {
    assert.ok(await page.locator(has).first().isVisible(), `"${has}" is not to be seen`);
    assert.ok(await page.getByRole("heading", { level: 1 }).isVisible());
    assert.deepEqual(await sideways(page), []);
  });
});

test("without script choices have a button", async (t) => {
  const { page } = await visit(t, "demo", "/octo/hello?range=1y", SCRIPTLESS);
  await page.selectOption("#by", "week");
  const form = page.locator("form", { has: page.locator("#by") });
  await form.getByRole("button").click();
  assert.deepEqual([query(page, "by"), query(page, "range")], ["week", "1y"]);
  await page.fill("#from", "2026-08-01");
  await page.fill("#to", "2026-08-31");
  await page.locator("form", { has: page.locator("#from") }).getByRole("button").click();
  const svg = page.locator("figure.chart svg[data-first]:visible").first();
  assert.ok((await svg.getAttribute("data-first")) <= "2026-08-01");
  assert.ok((await svg.getAttribute("data-last")) >= "2026-08-31");
  assert.equal(query(page, "by"), "week", "what was chosen before stays");
});

test("without script the colours can be chosen", async (t) => {
  const { page } = await visit(t, "demo", "/about", { ...SCRIPTLESS, colorScheme: "light" });
  await page.selectOption("#look", "dark");
  await page.locator("form", { has: page.locator("#look") }).getByRole("button").click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  assert.match(page.url(), /\/about$/);
});

test("without script a table stands behind every chart", async (t) => {
  const { page } = await visit(t, "demo", "/octo/hello", SCRIPTLESS);
  const figures = page.locator("figure.chart");
  assert.ok((await figures.count()) >= 4);
  for (const figure of await figures.all()) {
    await figure.locator("summary").click();
    assert.ok((await figure.locator("table.behind tbody tr").count()) > 0);
    assert.ok(await figure.locator("table.behind").isVisible());
  }
});

test("on paper there are charts on white, and nothing to click", async (t) => {
  for (const path of ["/", "/octo/hello?range=90d"]) {
    const { page } = await visit(t, "demo", path, { colorScheme: "dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const control of ["nav", "form", "button", "select", "input", "footer"]) {
      const shown = await page.locator(`${control}:visible`).evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 100)));
      assert.deepEqual(shown, [], `${control} on the paper of ${path}`);
    }
    assert.ok(await page.locator("figure.chart svg:visible").count());
    const [ground, text] = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color].map((value) => Number(/\d+/.exec(value)[0]));
    });
    assert.ok(ground > 240 && text < 80, `ground ${ground}, text ${text}`);
  }
});

/** Bytes of an answer as they come over the wire. */
function weigh(url, cookie) {
  return new Promise((done, failed) => {
    const request = get(url, { headers: { "accept-encoding": "gzip", cookie } }, (answer) => {
      let bytes = 0;
      answer.on("data", (part) => {
        bytes += part.length;
      });
      answer.on("end", () => done({ bytes, encoding: answer.headers["content-encoding"] }));
    });
    request.on("error", failed);
  });
}

test("no page is heavy", async (t) => {
  await everyPage(t, {}, async (page, _, __, context) => {
    const needed = await page.evaluate(() => [
      location.href,
      ...performance.getEntriesByType("resource").map(({ name }) => name),
    ]);
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const weights = await Promise.all([...new Set(needed)].map((url) => weigh(url, cookie)));
    const whole = weights.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(weights.length >= 4, `a page has a style, a script and an icon, not ${needed}`);
    assert.equal(weights[0].encoding, "gzip");
    assert.ok(whole < HEAVIEST, `${whole} bytes in ${needed.length} answers`);
  });
});

test("no link is dead", async (t) => {
  const asked = new Map();
  await everyPage(t, SCRIPTLESS, async (page, { path, as }, origin, context) => {
    const { links, missing } = await page.evaluate(linksOf);
    assert.deepEqual(missing, [], "links within the page");
    const dead = [];
    for (const link of links.filter((link) => link.startsWith(`${origin}/`))) {
      const key = `${as} ${link}`;
      if (!asked.has(key)) {
        // With the cookies of whoever looks.
        asked.set(key, (await context.request.get(link)).status());
      }
      if (asked.get(key) >= 400) {
        dead.push(`${asked.get(key)} ${link.slice(origin.length)}`);
      }
    }
    assert.equal(dead.length, 0, `dead links on ${path}:\n${dead.join("\n")}`);
  });
});

/** Where a page leads to, none twice, and its links into itself that lead nowhere. */
function linksOf() {
  const all = [...document.querySelectorAll("a[href], link[href], img[src]")];
  const to = all.map((one) => new URL(one.getAttribute("href") ?? one.getAttribute("src"), location.href));
  const whole = (url) => url.href.split("#")[0];
  const isHere = (url) => url.hash !== "" && whole(url) === whole(location);
  const leadsNowhere = (url) => !document.getElementById(decodeURIComponent(url.hash.slice(1)));
  return {
    links: [...new Set(to.filter((url) => !isHere(url)).map(whole))],
    missing: to.filter(isHere).filter(leadsNowhere).map((url) => url.hash),
  };
}
