// What axe-core finds on a page, as lines to read.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Problems of serious and critical impact: the rule, what it wants, and where. */
export async function seriousProblems(page) {
  await page.evaluate(source);
  const { violations } = await page.evaluate(() =>
    axe.run(document, { resultTypes: ["violations"], elementRef: false }),
  );
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return serious.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 5).map(({ target, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message)[0] ?? "";
      return `${id}: ${help}, at ${target.join(" ")}: ${why}`;
    }),
  );
}
