// Every page, in one place: which store it is looked at with, and what is to be on it.

const LONG = `/${"o".repeat(39)}/${"n".repeat(100)}`;

/**
 * `name` is that of its screenshots, `has` a selector of what makes it this page, and `status` what
 * it answers with where that is not 200.
 */
export const PAGES = [
  { name: "fleet", store: "demo", path: "/", has: "#league" },
  { name: "fleet-year", store: "demo", path: "/?range=1y&sort=name", has: "#league" },
  { name: "fleet-odd", store: "odd", path: "/", has: "#league" },
  { name: "welcome", store: "empty", path: "/", has: ".welcome" },
  {
    name: "compare",
    store: "demo",
    path: "/compare?r=octo/hello&r=octo/atlas-maps&r=octo/notes&range=90d",
    has: "figure.chart svg",
  },
  { name: "compare-none", store: "demo", path: "/compare", has: "form" },
  { name: "health", store: "demo", path: "/health", has: "table" },
  { name: "settings", store: "demo", path: "/settings?pattern=octo/*", has: "#preview" },
  { name: "api", store: "demo", path: "/api", has: "code" },
  { name: "repository", store: "demo", path: "/octo/hello", has: "figure.chart svg" },
  { name: "repository-year", store: "demo", path: "/octo/hello?range=1y", has: "figure.chart svg" },
  {
    name: "repository-all",
    store: "demo",
    path: "/octo/hello?range=all&by=month&over=year&scale=log",
    has: "figure.chart svg",
  },
  { name: "repository-sum", store: "demo", path: "/octo/hello?range=90d&sum=yes&over=before", has: "figure.chart" },
  { name: "about", store: "demo", path: "/about", has: "dl.facts" },
  { name: "missing", store: "demo", path: "/octo/nowhere", status: 404, has: "h1" },
  { name: "refused", store: "demo", path: "/octo/hello?range=soon", status: 400, has: "h1" },
  { name: "long-name", store: "odd", path: LONG, has: "h1" },
  { name: "zero", store: "odd", path: "/octo/zero", has: "figure.chart" },
  { name: "huge", store: "odd", path: "/octo/huge", has: "figure.chart" },
  { name: "gaps", store: "odd", path: "/octo/gaps?range=1y", has: "figure.chart" },
  { name: "one-day", store: "odd", path: "/octo/one-day", has: "h1" },
  { name: "unread", store: "odd", path: "/octo/unread", has: "h1" },
];
