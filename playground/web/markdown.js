/** Discord's Markdown, built as DOM nodes: blocks here, what stands within a line in inline.js. */

import { h } from "./dom.js";
import { inline } from "./inline.js";

const QUOTE = /^> (.*)$|^>$/;
const HEADING = /^(#{1,3}) +(\S.*)$/;
const SUBTEXT = /^-# +(\S.*)$/;
const ITEM = /^( *)([-*]|\d{1,9}\.) +(\S.*)$/;
const FENCE = "```";

/**
 * Returns text as nodes.
 * @param {string} text
 * @param {{user: Function, role: Function, channel: Function}} lookup names by id, null where unknown
 */
export function renderMarkdown(text, lookup) {
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks(String(text ?? ""), lookup, false));
  return fragment;
}

/** Returns text without its marks, as a screen reader or a preview would say it. */
export function plainText(text, lookup) {
  const holder = document.createElement("div");
  holder.append(renderMarkdown(text, lookup));
  for (const spoiler of holder.querySelectorAll(".spoiler")) spoiler.textContent = "spoiler";
  return holder.textContent.replace(/\s+/g, " ").trim();
}

function blocks(text, lookup, quoted) {
  const out = [];
  let lines = text.split("\n");
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) out.push(h("div", { class: "paragraph" }, inline(paragraph.join("\n"), lookup)));
    paragraph = [];
  };
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    if (!quoted && line.startsWith(">>> ")) {
      flush();
      const rest = [line.slice(4), ...lines.slice(at + 1)].join("\n");
      out.push(h("blockquote", {}, blocks(rest, lookup, true)));
      return out;
    }
    if (!quoted && QUOTE.test(line)) {
      flush();
      const inner = [];
      while (at < lines.length && QUOTE.test(lines[at])) inner.push(lines[at++].slice(2));
      out.push(h("blockquote", {}, blocks(inner.join("\n"), lookup, true)));
      continue;
    }
    const fenced = fence(lines, at);
    if (fenced) {
      if (fenced.before.trim()) paragraph.push(fenced.before);
      flush();
      out.push(codeBlock(fenced.code));
      lines = fenced.after === "" ? [] : fenced.after.split("\n");
      at = 0;
      continue;
    }
    const block = heading(line, lookup);
    if (block) {
      flush();
      out.push(block);
      at += 1;
    } else if (ITEM.test(line)) {
      flush();
      const end = listEnd(lines, at);
      out.push(list(lines.slice(at, end), lookup));
      at = end;
    } else {
      paragraph.push(line);
      at += 1;
    }
  }
  flush();
  return out;
}

function fence(lines, at) {
  const open = lines[at].indexOf(FENCE);
  if (open < 0 || lines[at][open - 1] === "\\") return null;
  const rest = lines.slice(at).join("\n");
  const close = rest.indexOf(FENCE, open + FENCE.length);
  if (close < 0) return null;
  const code = rest.slice(open + FENCE.length, close);
  if (!code.trim()) return null;
  return { before: rest.slice(0, open), code, after: rest.slice(close + FENCE.length).replace(/^\n/, "") };
}

function codeBlock(text) {
  const named = /^([A-Za-z0-9_+.#-]{1,30})\n([^]+)$/.exec(text);
  const code = (named ? named[2] : text).replace(/^\n/, "").replace(/\n$/, "");
  return h("pre", { tabindex: "0", "data-language": named?.[1] }, h("code", {}, code));
}

function heading(line, lookup) {
  const title = HEADING.exec(line);
  if (title) {
    // The page's own headings come first: a message's stand below them.
    const level = String(title[1].length + 2);
    return h(
      "div",
      { class: `title title-${title[1].length}`, role: "heading", "aria-level": level },
      inline(title[2], lookup),
    );
  }
  const small = SUBTEXT.exec(line);
  return small ? h("div", { class: "subtext" }, inline(small[1], lookup)) : null;
}

function listEnd(lines, start) {
  let end = start + 1;
  while (end < lines.length && (ITEM.test(lines[end]) || /^ {2,}\S/.test(lines[end]))) end += 1;
  return end;
}

/** Returns one list; deeper indentation nests, other lines continue their item. */
function list(lines, lookup) {
  const items = [];
  for (const line of lines) {
    const match = ITEM.exec(line);
    if (match) items.push({ depth: match[1].length, mark: match[2], text: match[3] });
    else items[items.length - 1].text += `\n${line.trim()}`;
  }
  return nest(items, 0, items.length, lookup);
}

function nest(items, start, end, lookup) {
  const ordered = /\d/.test(items[start].mark);
  const node = h(ordered ? "ol" : "ul", { start: ordered ? parseInt(items[start].mark, 10) : null });
  for (let at = start; at < end; ) {
    let next = at + 1;
    while (next < end && items[next].depth > items[start].depth) next += 1;
    node.append(h("li", {}, inline(items[at].text, lookup), next > at + 1 ? nest(items, at + 1, next, lookup) : null));
    at = next;
  }
  return node;
}
