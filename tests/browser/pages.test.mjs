// Every page at every size, light and dark: it answers, keeps to its host and to its policy, says
// nothing on the console, fits its window, and axe-core finds no serious problem.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { seriousProblems } from "./accessible.mjs";
import { LOOKS, SIZES, launch, open, sideways } from "./browser.mjs";
import { PAGES } from "./paths.mjs";
import { serve, store, target } from "./site.mjs";

const pictures = join(target, "screenshots");
const sites = {};
let browser;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
  for (const name of new Set(PAGES.map((page) => page.store))) {
    sites[name] = await serve(store(name));
  }
});

after(async () => {
  await browser?.close();
  await Promise.all(Object.values(sites).map((site) => site.stop()));
});

for (const look of LOOKS) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    // Two at a time: a test waits for the browser and the server in turn.
    test(`every page, ${size}, ${look}`, { concurrency: 2 }, async (t) => {
      const checks = PAGES.map((wanted) =>
        t.test(wanted.name, () => check(wanted, { size, viewport, look })),
      );
      await Promise.all(checks);
    });
  }
}

async function check({ name, store, path, status = 200, has }, { size, viewport, look }) {
  const { origin } = sites[store];
  const { page, context, faults } = await open(browser, origin, { viewport, colorScheme: look });
  try {
    const answer = await page.goto(origin + path, { waitUntil: "load" });
    assert.equal(answer.status(), status);
    assert.ok(await page.locator(has).first().count(), `there is no "${has}"`);
    await page.screenshot({ path: join(pictures, `${name}-${size}-${look}.png`), fullPage: true });
    const found = await sideways(page);
    // What axe-core judges does not differ between a laptop and more.
    found.push(...(size === "wide" ? [] : await seriousProblems(page)), ...faults);
    assert.equal(found.length, 0, `${path}, ${size}, ${look}:\n${found.join("\n")}`);
  } finally {
    await context.close();
  }
}
