// How soon the pages are seen on loopback, and what they weigh. Prints, and judges nothing:
// figures are for docs/performance.md, from a release build on a quiet machine.
//
//   cargo build --release --locked
//   GITRATRA_PROGRAM=target/release/gitratra node tests/browser/measure.mjs [DATABASE]

import { get } from "node:http";

import { launch, open } from "./browser.mjs";
import { serve, store } from "./site.mjs";

const TIMES = 15;
const given = process.argv[2];
const paths = given ? ["/", "/health"] : ["/", "/?range=1y", "/octo/hello", "/octo/hello?range=all", "/health"];

const site = await serve(given ?? store("demo"));
const browser = await launch();
console.log(`${"page".padEnd(26)} ${"first".padStart(8)} ${"median".padStart(8)} ${"worst".padStart(8)} ${"weight".padStart(10)}`);
for (const path of paths) {
  const times = [];
  for (let time = 0; time < TIMES; time += 1) {
    // A new context has no cache: everybody's first visit.
    const { page, context } = await open(browser, site.origin);
    await page.goto(site.origin + path, { waitUntil: "load" });
    times.push(await painted(page));
    await context.close();
  }
  const sorted = times.toSorted((a, b) => a - b);
  const columns = [times[0], sorted[TIMES >> 1], sorted.at(-1)].map((ms) => `${ms.toFixed(0)} ms`.padStart(8));
  const weight = `${((await weigh(site.origin + path)) / 1024).toFixed(1)} KB`.padStart(10);
  console.log(`${path.padEnd(26)} ${columns.join(" ")} ${weight}`);
}
await browser.close();
await site.stop();

/** Milliseconds from asking to the first content that is painted. */
function painted(page) {
  return page.evaluate(
    () =>
      new Promise((done) => {
        const observer = new PerformanceObserver((list) => {
          const [paint] = list.getEntriesByName("first-contentful-paint");
          if (paint) {
            done(paint.startTime);
          }
        });
        observer.observe({ type: "paint", buffered: true });
      }),
  );
}

/** Compressed bytes of the document. */
function weigh(url) {
  return new Promise((done, failed) => {
    const request = get(url, { headers: { "accept-encoding": "gzip" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (part) => {
        bytes += part.length;
      });
      answer.on("end", () => done(bytes));
    });
    request.on("error", failed);
  });
}
