/** What stands within a line of Discord's Markdown: emphasis, code, links, mentions, times. */

import { h } from "./dom.js";
import { channelLink, placeHref, safeHref } from "./links.js";
import { timeNode } from "./time.js";

const DEEPEST = 10;
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}_]/u;

const EMPHASIS = [
  ["***", (inner) => h("em", {}, h("strong", {}, inner))],
  ["**", (inner) => h("strong", {}, inner)],
  ["*", (inner) => h("em", {}, inner)],
  ["___", (inner) => h("em", {}, h("u", {}, inner))],
  ["__", (inner) => h("u", {}, inner)],
  ["_", (inner) => h("em", {}, inner)],
  ["~~", (inner) => h("s", {}, inner)],
  ["||", (inner) => spoiler(inner)],
];

const IN_ANGLES = [
  [/<@!?(\d{1,20})>/y, ([, id], lookup) => mention(`@${lookup.user(id) ?? "someone"}`, { "data-user-id": id })],
  [/<@&(\d{1,20})>/y, ([, id], lookup) => mention(`@${lookup.role(id) ?? "a role"}`)],
  [/<#(\d{1,20})>/y, ([, id], lookup) => placeLink({ channel: id, message: null }, lookup)],
  [
    /<\/([^:<>\n]{1,100}):\d{1,20}>/y,
    ([, name]) => h("button", { type: "button", class: "mention", "data-command": name }, `/${name}`),
  ],
  [/<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, ([, at, form]) => timeNode(new Date(Number(at) * 1000), form)],
  [/<a?:(\w{2,32}):\d{1,20}>/y, ([, name]) => h("span", { class: "emoji-name" }, `:${name}:`)],
  [/<(https?:\/\/[^\s<>]+)>/iy, ([, address], lookup) => link(address, [address], lookup)],
];

/** Returns the nodes of a text without blocks; `depth` bounds nesting. */
export function inline(text, lookup, depth = 0) {
  const out = [];
  let plain = "";
  const put = (node) => {
    if (plain) out.push(plain);
    plain = "";
    out.push(node);
  };
  for (let at = 0; at < text.length; ) {
    const found = depth < DEEPEST ? special(text, at, lookup, depth) : null;
    if (!found) plain += text[at++];
    else {
      if (typeof found.node === "string") plain += found.node;
      else put(found.node);
      at = found.end;
    }
  }
  if (plain) out.push(plain);
  return out;
}

function special(text, at, lookup, depth) {
  switch (text[at]) {
    case "\\":
      return PUNCTUATION.test(text[at + 1] ?? "") ? { node: text[at + 1], end: at + 2 } : null;
    case "`":
      return code(text, at);
    case "<":
      return angles(text, at, lookup);
    case "[":
      return masked(text, at, lookup, depth);
    case "h":
    case "H":
      return bare(text, at, lookup);
    case "@":
      return everyone(text, at);
    case "*":
    case "_":
    case "~":
    case "|":
      return emphasis(text, at, lookup, depth);
    default:
      return null;
  }
}

function code(text, at) {
  const mark = text.startsWith("``", at) ? "``" : "`";
  const close = text.indexOf(mark, at + mark.length);
  if (close <= at + mark.length) return null;
  return { node: h("code", {}, text.slice(at + mark.length, close)), end: close + mark.length };
}

function angles(text, at, lookup) {
  for (const [pattern, build] of IN_ANGLES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { node: build(match, lookup), end: pattern.lastIndex };
  }
  return null;
}

const MASKED = /\[((?:[^[\]\\\n]|\\.|\[[^[\]\n]*\]){1,500})\]\(\s*<?((?:[^\s()<>]|\([^\s()<>]*\)){1,2000})>?(?:\s+"[^"\n]*")?\s*\)/y;

function masked(text, at, lookup, depth) {
  MASKED.lastIndex = at;
  const match = MASKED.exec(text);
  if (!match || !safeHref(match[2])) return null;
  return {
    node: link(match[2], inline(match[1], lookup, Math.max(depth + 1, DEEPEST - 2)), lookup),
    end: MASKED.lastIndex,
  };
}

function bare(text, at, lookup) {
  const pattern = /https?:\/\/[^\s<>|]+/iy;
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (!match || WORD.test(text[at - 1] ?? "")) return null;
  let address = match[0].replace(/[.,:;!?"'*_~]+$/, "");
  if (address.endsWith(")") && !address.includes("(")) address = address.slice(0, -1);
  if (!safeHref(address)) return null;
  return { node: link(address, [address], lookup), end: at + address.length };
}

function everyone(text, at) {
  const name = ["@everyone", "@here"].find((one) => text.startsWith(one, at));
  return name ? { node: mention(name), end: at + name.length } : null;
}

function emphasis(text, at, lookup, depth) {
  for (const [mark, build] of EMPHASIS) {
    if (!text.startsWith(mark, at)) continue;
    const from = at + mark.length;
    if (mark === "_" && WORD.test(text[at - 1] ?? "")) continue;
    if ((mark === "*" || mark === "_") && /\s|^$/.test(text[from] ?? "")) continue;
    const close = closing(text, from, mark);
    if (close < 0 || !text.slice(from, close).trim()) continue;
    return { node: build(inline(text.slice(from, close), lookup, depth + 1)), end: close + mark.length };
  }
  return null;
}

/** Returns where the mark closes, or -1; a run of three closes both emphases, its last characters the outer one. */
function closing(text, from, mark) {
  for (let at = from; at < text.length; ) {
    if (text[at] === "\\") {
      at += 2;
    } else if (text[at] === "`") {
      at = code(text, at)?.end ?? at + 1;
    } else if (text[at] === mark[0]) {
      let end = at;
      while (text[end] === mark[0]) end += 1;
      const run = end - at;
      const fits = run === mark.length || run === 3 || (run > 3 && mark.length > 1);
      const blocked = mark === "_" && WORD.test(text[end] ?? "");
      if (at > from && run >= mark.length && fits && !blocked) return end - mark.length;
      at = end;
    } else {
      at += 1;
    }
  }
  return -1;
}

function spoiler(inner) {
  const content = h("span", { class: "spoiler-text", "aria-hidden": "true", inert: true }, inner);
  const node = h(
    "span",
    { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: press to show" },
    content,
  );
  const open = (event) => {
    if (node.classList.contains("open") || (event.key && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("open");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
    content.removeAttribute("aria-hidden");
    content.removeAttribute("inert");
  };
  node.addEventListener("click", open);
  node.addEventListener("keydown", open);
  return node;
}

function mention(text, attributes = {}) {
  return h("span", { class: "mention", ...attributes }, text);
}

/** Returns a link; those to a channel stay within the page. */
export function link(address, children, lookup) {
  const place = channelLink(address);
  if (place) {
    const named = children.length === 1 && children[0] === address ? null : children;
    return placeLink(place, lookup, named);
  }
  return h("a", { href: safeHref(address), target: "_blank", rel: "noopener noreferrer", class: "link" }, children);
}

function placeLink(place, lookup, children = null) {
  const name = lookup.channel(place.channel);
  if (!name) return mention(children ? children : "#a-place-you-cannot-see");
  const words = children ?? `#${name}${place.message ? " › message" : ""}`;
  return h(
    "a",
    { href: placeHref(place.channel, place.message), class: "mention", "data-channel-id": place.channel },
    words,
  );
}
