// Debian's Chromium, and a page of it that notes whatever a page must not do.

import { setTimeout } from "node:timers/promises";

import { chromium } from "playwright-core";

import { PASSWORD } from "./site.mjs";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const SIZES = {
  phone: { width: 360, height: 740 },
  laptop: { width: 1366, height: 768 },
  wide: { width: 2560, height: 1440 },
};
export const LOOKS = ["light", "dark"];

export function launch() {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--hide-scrollbars",
      "--force-color-profile=srgb",
      // Even a page that tried would reach nobody.
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

/**
 * A page of a fresh context. `faults` fills with what its pages did wrong: words on the console,
 * violations of the policy, requests to others, requests that failed.
 */
export async function open(browser, origin, options = {}) {
  // Who wants less motion gets none, and nothing has to be waited for.
  const context = await browser.newContext({ viewport: SIZES.laptop, reducedMotion: "reduce", ...options });
  const faults = [];
  if (options.javaScriptEnabled !== false) {
    await context.exposeBinding("tellViolation", (_, text) => faults.push(`policy: ${text}`));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const { violatedDirective, blockedURI, sourceFile, lineNumber } = event;
        tellViolation(`${violatedDirective} against ${blockedURI} (${sourceFile}:${lineNumber})`);
      });
    });
  }
  const page = await context.newPage();
  page.on("console", (message) => {
    const { url } = message.location();
    // That the document itself is refused is said by its status.
    const isStatus = url === page.url() && /the server responded with a status/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isStatus) {
      faults.push(`console: ${message.text()} (${url})`);
    }
  });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) {
      faults.push(`request to another host: ${request.url()}`);
    }
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // A page that is left while it loads.
    if (why !== "net::ERR_ABORTED") {
      faults.push(`request failed: ${request.url()} ${why}`);
    }
  });
  return { page, context, faults };
}

/** Logs somebody in, as they would. */
export async function logIn(page, origin, name, password = PASSWORD) {
  await page.goto(`${origin}/login`);
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.locator("main").getByRole("button", { name: "Log in", exact: true }).click();
}

/**
 * A picture of a page. Chromium refuses one now and then and takes the same a moment later; whatever
 * else goes wrong, and a third refusal, is told.
 */
export async function picture(page, options) {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return await page.screenshot(options);
    } catch (error) {
      if (refusals === 2 || !error.message.includes("Unable to capture screenshot")) {
        throw error;
      }
      await setTimeout(200);
    }
  }
}

/** How far a page can be scrolled sideways: nothing, on a good page. */
export function sideways(page) {
  return page.evaluate(() => {
    const all = document.scrollingElement;
    if (all.scrollWidth <= innerWidth) {
      return [];
    }
    // What is in a region that scrolls by itself does no harm.
    const isBeyond = (element) =>
      element.getBoundingClientRect().right > innerWidth + 1 && !element.closest(".scroll");
    const beyond = [...document.body.querySelectorAll("*")].filter(isBeyond).slice(0, 5);
    const name = (element) => element.outerHTML.slice(0, 120);
    return [`${all.scrollWidth} px in a window of ${innerWidth} px`, ...beyond.map(name)];
  });
}
