// Logging in and out, invitations and share links, as people go through them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, logIn, open } from "./browser.mjs";
import { PASSWORD, ask, copy, serve } from "./site.mjs";

let browser, site, path;

before(async () => {
  browser = await launch();
  path = copy("members", "access");
  site = await serve(path);
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

async function visit(t, to, options) {
  const opened = await open(browser, site.origin, options);
  t.after(() => opened.context.close());
  await opened.page.goto(site.origin + to);
  return opened;
}

const pathOf = (page) => new URL(page.url()).pathname;

test("who is not known logs in first, with the keyboard, and gets where they wanted", async (t) => {
  const { page, faults } = await visit(t, "/octo/hello?range=90d");
  assert.equal(pathOf(page), "/login");
  await page.locator("#name").focus();
  await page.keyboard.type("ada");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/octo\/hello\?range=90d$/);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.goto(`${site.origin}/octo/hello`);
  assert.equal(pathOf(page), "/login");
  assert.deepEqual(faults, []);
});

test("a wrong password is told beside the field, and no more than that", async (t) => {
  const said = [];
  for (const name of ["ada", "nobody"]) {
    const { page } = await visit(t, "/login");
    await logIn(page, site.origin, name, "not the password");
    const field = page.locator("#password");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    const id = await field.getAttribute("aria-describedby");
    said.push(await page.locator(`#${id}`).textContent());
    assert.equal(await field.inputValue(), "");
  }
  assert.equal(said[0], said[1], "whether somebody is known is nobody's business");
});

test("a viewer of a group sees nothing else, and cannot change anything", async (t) => {
  const { page } = await visit(t, "/login");
  await logIn(page, site.origin, "bo");
  await page.goto(site.origin);
  const names = (await page.locator("table.fold tbody tr th").allTextContents()).map((name) => name.trim());
  assert.deepEqual(names.toSorted(), ["octo/hello", "octo/notes"]);
  assert.equal(await page.getByRole("link", { name: "Settings" }).count(), 0);
  const hidden = await page.goto(`${site.origin}/octo/secret-plans`);
  assert.equal(hidden.status(), 404);
  const text = await page.locator("main").textContent();
  await page.goto(`${site.origin}/octo/no-such-plans`);
  assert.equal(await page.locator("main").textContent(), text);
});

test("an invitation leads in once", async (t) => {
  const invitation = ask(path, ["users", "add", "cy", "--role", "editor"]).match(/\/invite\/\S+/)[0];
  const { page, faults } = await visit(t, invitation, { javaScriptEnabled: false });
  await page.fill("#password", "another long one");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.goto(`${site.origin}/settings`);
  assert.equal(pathOf(page), "/settings");
  assert.deepEqual(faults, []);
  const again = await (await visit(t, "/about")).page.goto(site.origin + invitation);
  assert.equal(again.status(), 404);
});

test("a share link shows one repository to whoever has it", async (t) => {
  const link = ask(path, ["share", "octo/secret-plans", "--days", "3"]).match(/\/share\/\S+/)[0];
  const { page, faults } = await visit(t, link);
  assert.equal(pathOf(page), "/octo/secret-plans");
  assert.ok(await page.locator("figure.chart svg:visible").count());
  assert.equal((await page.goto(`${site.origin}/octo/hello`)).status(), 404);
  assert.deepEqual(faults, []);
});

test("a token is shown once, and reads the API", async (t) => {
  const { page } = await visit(t, "/login");
  await logIn(page, site.origin, "ada");
  await page.goto(`${site.origin}/account`);
  await page.locator("input[name=name]").fill("for a script");
  await page.getByRole("button", { name: "Make a token" }).click();
  const token = (await page.content()).match(/gtr_[A-Za-z0-9_-]+/)[0];
  const asked = (authorization) => fetch(`${site.origin}/api/v1/repos`, { headers: { authorization } });
  assert.equal((await asked(`Bearer ${token}`)).status, 200);
  assert.equal((await asked(`Bearer ${token}x`)).status, 401);
  await page.goto(`${site.origin}/account`);
  assert.ok(!(await page.content()).includes(token));
  await page.getByRole("button", { name: "Remove the token for for a script" }).click();
  assert.equal((await asked(`Bearer ${token}`)).status, 401);
});
