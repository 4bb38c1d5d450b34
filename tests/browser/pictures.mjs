// The README's pictures of the dashboard, from the simulated years of `gitratra demo`.
//
//   cargo build --locked && node tests/browser/pictures.mjs

import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { launch, open, picture } from "./browser.mjs";
import { root, serve, store } from "./site.mjs";

const LAPTOP = { viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
/** So many bytes a picture may have; a README is read over slow lines too. */
const LARGEST = 200 << 10;

const PICTURES = [
  { name: "fleet", path: "/?range=90d", look: "light", ...LAPTOP },
  { name: "repository", path: "/octo/hello?range=90d", look: "light", ...LAPTOP },
  { name: "repository-dark-phone", path: "/octo/hello?range=30d", look: "dark", ...PHONE },
  {
    name: "compare",
    path: "/compare?r=octo/hello&r=octo/ferris-tools&r=octo/atlas-maps&range=1y&by=week",
    look: "light",
    ...LAPTOP,
  },
];

const folder = join(root, "docs/pictures");
mkdirSync(folder, { recursive: true });
const site = await serve(store("demo"));
const browser = await launch();
for (const { name, path, look, viewport, deviceScaleFactor } of PICTURES) {
  const { page, context } = await open(browser, site.origin, { viewport, deviceScaleFactor, colorScheme: look });
  await page.goto(site.origin + path, { waitUntil: "load" });
  const png = await picture(page, { animations: "disabled" });
  const file = join(folder, `${name}.png`);
  writeFileSync(file, png);
  console.log(`${file} ${statSync(file).size} bytes`);
  if (statSync(file).size > LARGEST) {
    process.exitCode = 1;
    console.error(`"${file}" is larger than ${LARGEST} bytes`);
  }
  await context.close();
}
await browser.close();
await site.stop();
