/** Dates and times in the reader's own language. */

const FORMS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Returns a date in words: `form` is one of Discord's timestamp letters, R for relative, or `brief`. */
export function inWords(date, form = "f") {
  if (form === "R") return relative(date);
  if (form === "brief") return brief(date);
  return new Intl.DateTimeFormat(undefined, FORMS[form] ?? FORMS.f).format(date);
}

/** Returns the time of day as the reader writes it, without AM and PM. */
function brief(date) {
  const parts = new Intl.DateTimeFormat(undefined, FORMS.t).formatToParts(date);
  return parts.filter(({ type }) => type !== "dayPeriod").map(({ value }) => value).join("").trim();
}

function relative(date) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

/** Returns the day as a divider names it: Today, Yesterday, or the date. */
export function dayName(date) {
  const days = Math.round((startOfDay(new Date()) - startOfDay(date)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return inWords(date, "D");
}

/** Returns whether two dates are of one day here. */
export function sameDay(one, other) {
  return startOfDay(one) === startOfDay(other);
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Returns a `time` element; relative ones are refreshed by `refreshRelative`. */
export function timeNode(date, form) {
  const node = document.createElement("time");
  if (Number.isNaN(date.getTime())) {
    node.textContent = "at some time";
    return node;
  }
  node.dateTime = date.toISOString();
  node.title = inWords(date, "F");
  node.textContent = inWords(date, form);
  if (form === "R") node.dataset.relative = "";
  return node;
}

/** Brings every relative time on the page up to date. */
export function refreshRelative() {
  for (const node of document.querySelectorAll("time[data-relative]")) {
    const words = relative(new Date(node.dateTime));
    if (node.textContent !== words) node.textContent = words;
  }
}
