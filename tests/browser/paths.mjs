// Every page, in one place: which store it is looked at with, and what is to be on it.

const LONG = `/${"o".repeat(39)}/${"n".repeat(100)}`;

/**
 * `name` is that of its screenshots, `has` a selector of what makes it this page, and `status` what
 * it answers with where that is not 200, and `as` who has logged in.
 */
export const PAGES = [
  { name: "fleet", store: "demo", path: "/", has: "#league" },
  { name: "fleet-year", store: "demo", path: "/?range=1y&by=month&sort=-clones", has: "#league" },
  { name: "fleet-many", store: "odd", path: "/?sort=name", has: "a[rel=next]" },
  { name: "fleet-found-nothing", store: "odd", path: "/?q=nowhere", has: "#league" },
  { name: "first-run", store: "empty", path: "/", has: ".welcome" },
  { name: "repository", store: "demo", path: "/octo/hello", has: "figure.chart svg" },
  { name: "repository-year", store: "demo", path: "/octo/hello?range=1y", has: "figure.chart svg" },
  {
    name: "repository-all",
    store: "demo",
    path: "/octo/hello?range=all&by=month&over=year&scale=log",
    has: "figure.chart svg",
  },
  {
    name: "repository-sum",
    store: "demo",
    path: "/octo/hello?range=90d&sum=yes&over=before",
    has: "figure.chart svg",
  },
  { name: "long-name", store: "odd", path: LONG, has: "figure.chart svg" },
  { name: "zero", store: "odd", path: "/octo/zero", has: "figure.chart svg" },
  { name: "huge", store: "odd", path: "/octo/huge", has: "figure.chart svg" },
  { name: "gaps", store: "odd", path: "/octo/gaps?range=1y", has: "figure.chart svg" },
  { name: "one-day", store: "odd", path: "/octo/one-day", has: "figure.chart svg" },
  { name: "unread", store: "odd", path: "/octo/unread", has: "h1" },
  {
    name: "compare",
    store: "demo",
    path: "/compare?r=octo/hello&r=octo/ferris-tools&r=octo/atlas-maps&range=90d",
    has: "figure.chart svg",
  },
  { name: "compare-odd", store: "odd", path: `/compare?r=${LONG.slice(1)}&r=octo/huge&r=octo/gaps`, has: "figure.chart" },
  { name: "compare-nothing", store: "demo", path: "/compare", has: "form" },
  { name: "health", store: "demo", path: "/health", has: "table" },
  { name: "health-odd", store: "odd", path: "/health", has: "table" },
  { name: "health-empty", store: "empty", path: "/health", has: "h1" },
  { name: "settings", store: "demo", path: "/settings", has: "form" },
  { name: "settings-odd", store: "odd", path: "/settings", has: "form" },
  { name: "settings-empty", store: "empty", path: "/settings", has: "form" },
  { name: "about", store: "demo", path: "/about", has: "dl.facts" },
  { name: "api", store: "demo", path: "/api", has: "h1" },
  { name: "login", store: "members", path: "/login", has: "#password" },
  { name: "invite-of-nobody", store: "members", path: "/invite/nobody", status: 404, has: "h1" },
  { name: "account", store: "members", as: "ada", path: "/account", has: "#new" },
  { name: "users", store: "members", as: "ada", path: "/settings/users", has: "form" },
  { name: "groups", store: "members", as: "ada", path: "/settings/groups", has: "form" },
  { name: "shares", store: "members", as: "ada", path: "/settings/shares", has: "form" },
  { name: "fleet-in-group", store: "members", as: "ada", path: "/?group=Web", has: "#by-group" },
  { name: "fleet-of-group", store: "members", as: "bo", path: "/", has: "#league" },
  { name: "refused-to-viewer", store: "members", as: "bo", path: "/settings/users", status: 403, has: "h1" },
  { name: "missing", store: "demo", path: "/octo/nowhere", status: 404, has: "h1" },
  { name: "refused", store: "demo", path: "/octo/hello?range=soon", status: 400, has: "h1" },
];

/** Pages by what can be looked at in one window: one store, and one person or nobody. */
export function windows(pages = PAGES) {
  const all = new Map();
  for (const page of pages) {
    const key = `${page.store} ${page.as ?? ""}`;
    const known = all.get(key) ?? { store: page.store, as: page.as, pages: [] };
    known.pages.push(page);
    all.set(key, known);
  }
  return [...all.values()];
}
