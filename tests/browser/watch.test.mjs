// The watch itself: whatever a page must not do is noticed, or the other tests would prove nothing.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { seriousProblems } from "./accessible.mjs";
import { launch, open, sideways } from "./browser.mjs";

const PAGE = `<!doctype html><html lang="en"><title>bad</title><link rel="icon" href="data:,">
<body><main><h1>bad</h1>
<script>document.title = "inline"</script>
<p style="width: 9000px">wide</p>
<img src="http://elsewhere.invalid/pixel.png">
<script src="/script.js"></script>
</main></body></html>`;
const SCRIPT = `console.warn("careful"); setTimeout(() => { throw new Error("broken"); });`;
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src *";

let browser, server, origin;

before(async () => {
  browser = await launch();
  server = createServer((request, answer) => {
    const isScript = request.url === "/script.js";
    answer.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    answer.setHeader("content-security-policy", POLICY);
    answer.end(isScript ? SCRIPT : PAGE);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("whatever a page must not do is noticed", async (t) => {
  const { page, context, faults } = await open(browser, origin);
  t.after(() => context.close());
  await page.goto(origin, { waitUntil: "networkidle" });
  for (const fault of [
    /^policy: script-src-elem against inline/,
    /^console: careful/,
    /^script: broken/,
    /^request to another host: http:\/\/elsewhere/,
    /^request failed: http:\/\/elsewhere/,
  ]) {
    assert.ok(faults.some((text) => fault.test(text)), `${fault} is not among\n${faults.join("\n")}`);
  }
  assert.match((await sideways(page))[0], /px in a window of 1366 px/);
  assert.match((await seriousProblems(page)).join("\n"), /image-alt/);
});
