// The program under test: its stores, made once a run, and a server on each.

import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const program = process.env.GITRATRA_PROGRAM ?? join(target, "debug/gitratra");
const simulation = join(target, "debug/gitratra-sim");
const writesOdd = join(target, "debug/examples/odd");
const folder = join(target, "browser");

/** How each store comes to be. */
const MADE_BY = {
  demo: (path) => run(program, ["--db", path, "--quiet", "demo", "--no-web"]),
  odd: (path) => run(writesOdd, [path]),
  members: (path) => admit(path),
  empty: (path) => run(program, ["--db", path, "--quiet", "repos"]),
};

/** The password of everybody there is. */
export const PASSWORD = "a long password";

/** Two simulated years, with an administrator and somebody who sees a group alone. */
function admit(path) {
  run("cp", [store("demo"), path]);
  run(program, ["--db", path, "--quiet", "group", "add", "Web", "octo/hello", "octo/notes"]);
  for (const whom of [["ada", "--role", "admin"], ["bo", "--group", "Web"]]) {
    run(program, ["--db", path, "--quiet", "users", "add", ...whom, "--password-stdin"], PASSWORD);
  }
  run(program, ["--db", path, "--quiet", "share", "octo/secret-plans", "--label", "press"]);
}

/** The path of a store; one that is as new as the program that made it is taken again. */
export function store(name) {
  const path = join(folder, `${name}.db`);
  const maker = name === "odd" ? writesOdd : program;
  if (!existsSync(maker)) {
    throw new Error(`"${maker}" is not built: run scripts/test, or cargo build and its examples`);
  }
  if (!existsSync(path) || statSync(path).mtimeMs < statSync(maker).mtimeMs) {
    mkdirSync(folder, { recursive: true });
    forget(path);
    const unfinished = join(folder, `${name}-unfinished.db`);
    forget(unfinished);
    MADE_BY[name](unfinished);
    run("mv", [unfinished, path]);
  }
  return path;
}

/** A copy of a store, for tests that write. */
export function copy(name, as) {
  const path = join(folder, `${name}-${as}.db`);
  forget(path);
  run("cp", [store(name), path]);
  return path;
}

/** Servers on several stores, by name, and what ends them. */
export async function serveAll(names) {
  const sites = {};
  for (const name of new Set(names)) {
    sites[name] = await serve(store(name));
  }
  const stop = () => Promise.all(Object.values(sites).map((site) => site.stop()));
  return { sites, stop };
}

/** Makes every store, so that files of tests that run side by side only read them. */
export function prepare() {
  for (const name of Object.keys(MADE_BY)) {
    store(name);
  }
}

/** Starts a server on a store that asks GitHub nothing; `stop` ends it and gives what it said. */
export function serve(path, extra = []) {
  const rest = ["serve", "--no-collect", "--listen", "127.0.0.1:0", ...extra];
  return start(program, ["--db", path, ...rest], {}, /listening on (http:\/\/[^\s/]+)/);
}

/** Starts a simulated GitHub, and a collector that reads it into a new store. */
export async function collect() {
  const simulated = await start(simulation, ["--repos", "4"], {}, /(http:\/\/[\d.:]+)/);
  const path = join(folder, "collected.db");
  mkdirSync(folder, { recursive: true });
  forget(path);
  run(program, ["--db", path, "track", "*"]);
  const own = { GITRATRA_TOKEN: "ghp_simulated", GITRATRA_API_URL: simulated.origin };
  const rest = ["serve", "--listen", "127.0.0.1:0"];
  const collector = await start(program, ["--db", path, ...rest], own, /listening on (http:\/\/[^\s/]+)/);
  const stop = async () => {
    const said = await collector.stop();
    await simulated.stop();
    return said;
  };
  return { ...collector, stop };
}

/** Starts a program and waits until it has said its address. */
async function start(command, args, own, address) {
  const server = spawn(command, args, {
    env: { ...environment(), ...own },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const origin = await new Promise((found, failed) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        said += text;
        const at = address.exec(said);
        if (at) {
          found(at[1]);
        }
      });
    }
    server.on("error", failed);
    server.on("exit", (code) => failed(new Error(`"${command}" ended with ${code}: ${said}`)));
  });
  const ended = new Promise((end) => server.on("exit", end));
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    return said;
  };
  return { origin, stop, said: () => said, pid: server.pid };
}

function run(command, args, input = "") {
  execFileSync(command, args, { input, env: environment(), stdio: ["pipe", "ignore", "inherit"] });
}

/** What a command on a store prints. */
export function ask(path, args) {
  return execFileSync(program, ["--db", path, "--quiet", ...args], { env: environment(), encoding: "utf8" }).trim();
}

/** What a developer's shell holds must not reach the program. */
function environment() {
  const foreign = (name) => /^(GITRATRA_|GITHUB_|GH_)|^(NOTIFY_SOCKET|WATCHDOG_USEC)$/.test(name);
  const kept = Object.entries(process.env).filter(([name]) => !foreign(name));
  // Nobody's configuration is read.
  return { ...Object.fromEntries(kept), XDG_CONFIG_HOME: join(folder, "config") };
}

function forget(path) {
  for (const suffix of ["", "-wal", "-shm"]) {
    rmSync(path + suffix, { force: true });
  }
}

/** Files of a folder of the repository, sorted. */
export function filesIn(path) {
  return readdirSync(join(root, path)).sort();
}
