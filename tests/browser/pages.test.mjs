// Every page at every size, light and dark: it answers, keeps to its host and to its policy, says
// nothing on the console, fits its window, and axe-core finds no serious problem.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { seriousProblems } from "./accessible.mjs";
import { LOOKS, SIZES, launch, logIn, open, picture, sideways } from "./browser.mjs";
import { PAGES, windows } from "./paths.mjs";
import { serveAll, target } from "./site.mjs";

const pictures = join(target, "screenshots");
let browser, sites, stop;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
  ({ sites, stop } = await serveAll(PAGES.map((page) => page.store)));
});

after(async () => {
  await browser?.close();
  await stop?.();
});

test("every page", { concurrency: 2 }, async (t) => {
  const all = [];
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const look of LOOKS) {
      all.push(t.test(`${size}, ${look}`, (t) => checkAll(t, size, viewport, look)));
    }
  }
  await Promise.all(all);
});

/** Every page at one size and in one look. */
async function checkAll(t, size, viewport, look) {
  for (const { store, as, pages } of windows()) {
    const { origin } = sites[store];
    const { page, context, faults } = await open(browser, origin, { viewport, colorScheme: look });
    if (as) {
      await logIn(page, origin, as);
    }
    for (const wanted of pages) {
      faults.length = 0;
      await t.test(`${wanted.name}, ${size}, ${look}`, async () => {
        const found = await check(page, origin + wanted.path, wanted);
        const path = join(pictures, `${wanted.name}-${size}-${look}.jpeg`);
        await picture(page, { path, fullPage: true, quality: 80 });
        // Sizes and names are judged on phones, colours on laptops; more room adds nothing to it.
        const isJudged = size === "phone" ? look === "light" : size === "laptop";
        found.push(...(isJudged ? await seriousProblems(page) : []), ...faults);
        assert.equal(found.length, 0, `${wanted.path}:\n${found.join("\n")}`);
      });
    }
    await context.close();
  }
}

async function check(page, url, { status = 200, has }) {
  const answer = await page.goto(url, { waitUntil: "load" });
  assert.equal(answer.status(), status);
  assert.ok(await page.locator(has).first().count(), `there is no "${has}"`);
  return sideways(page);
}
