// Without script, on paper, and on the wire: everything works, nothing is heavy, no link is dead.

import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, test } from "node:test";

import { launch, open, sideways } from "./browser.mjs";
import { PAGES } from "./paths.mjs";
import { serve, store } from "./site.mjs";

/** Compressed bytes of a page with everything that it needs. */
const HEAVIEST = 120 << 10;

const sites = {};
let browser;

before(async () => {
  browser = await launch();
  for (const name of new Set(PAGES.map((page) => page.store))) {
    sites[name] = await serve(store(name));
  }
});

after(async () => {
  await browser?.close();
  await Promise.all(Object.values(sites).map((site) => site.stop()));
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

test("without script every page has its content and fits", async (t) => {
  for (const { name, store, path, has } of PAGES) {
    await t.test(name, async (t) => {
      const { page, faults } = await visit(t, store, path, SCRIPTLESS);
      assert.ok(await page.locator(has).first().isVisible(), `"${has}" is not to be seen`);
      assert.ok(await page.getByRole("heading", { level: 1 }).isVisible());
      assert.deepEqual(await sideways(page), []);
      assert.deepEqual(faults, []);
    });
  }
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
function weigh(url) {
  return new Promise((done, failed) => {
    const request = get(url, { headers: { "accept-encoding": "gzip" } }, (answer) => {
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
  for (const { name, store, path } of PAGES) {
    await t.test(name, async (t) => {
      const { origin } = sites[store];
      const { page, context } = await open(browser, origin);
      t.after(() => context.close());
      const needed = new Set();
      page.on("request", (request) => needed.add(request.url()));
      await page.goto(origin + path, { waitUntil: "networkidle" });
      const weights = await Promise.all([...needed].map(weigh));
      const whole = weights.reduce((sum, { bytes }) => sum + bytes, 0);
      assert.ok(needed.size >= 3, "a page has a style and a script");
      assert.equal(weights[0].encoding, "gzip");
      assert.ok(whole < HEAVIEST, `${whole} bytes in ${needed.size} answers`);
    });
  }
});

test("no link is dead", async (t) => {
  const asked = new Map();
  for (const { store, path, name } of PAGES) {
    await t.test(name, async (t) => {
      const { page, origin } = await visit(t, store, path);
      const { links, missing } = await page.evaluate(() => {
        const all = [...document.querySelectorAll("a[href], link[href], img[src], area[href]")];
        const to = all.map((one) => new URL(one.getAttribute("href") ?? one.getAttribute("src"), location.href));
        const here = to.filter((url) => url.href.startsWith(location.href.split("#")[0] + "#"));
        const missing = here.filter((url) => !document.getElementById(decodeURIComponent(url.hash.slice(1))));
        return { links: to.map((url) => url.href.split("#")[0]), missing: missing.map((url) => url.hash) };
      });
      assert.deepEqual(missing, [], "links within the page");
      const ours = [...new Set(links)].filter((link) => link.startsWith(`${origin}/`));
      const dead = [];
      for (const link of ours) {
        if (!asked.has(link)) {
          asked.set(link, (await fetch(link, { redirect: "follow" })).status);
        }
        if (asked.get(link) >= 400) {
          dead.push(`${asked.get(link)} ${link.slice(origin.length)}`);
        }
      }
      assert.equal(dead.length, 0, `dead links on ${path}:\n${dead.join("\n")}`);
    });
  }
});
