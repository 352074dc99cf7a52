/** What hangs on a message: attachments and embeds. */

import { h, icon } from "./dom.js";
import { inBytes } from "./files.js";
import { localAddress, safeHref } from "./links.js";
import { renderMarkdown } from "./markdown.js";
import { inWords } from "./time.js";

const WIDEST = 440;
const TALLEST = 320;

/** Returns attachments: pictures in place, and below them anything else as files to save. */
export function attachments(items) {
  const isPicture = (item) => localAddress(item.url) && (item.content_type ?? "").startsWith("image/");
  const pictures = items.filter(isPicture).map((item) => picture(localAddress(item.url), item));
  const files = items.filter((item) => !isPicture(item)).map(
    (item) => fileCard(item.filename, localAddress(item.url), item.size),
  );
  return [pictures, files].filter((row) => row.length).map((row) => h("div", { class: "hung" }, row));
}

/** Returns a picture that reserves its room before it is loaded. */
export function picture(address, { filename = "", description = "", width, height }) {
  const image = h("img", { src: address, alt: description || filename || "A picture", loading: "lazy" });
  if (width && height) {
    const scale = Math.min(1, WIDEST / width, TALLEST / height);
    image.width = Math.round(width * scale);
    image.height = Math.round(height * scale);
  }
  return h("a", { class: "picture", href: address, target: "_blank", rel: "noopener" }, image);
}

/** Returns a file with its name and size; without an address it cannot be opened. */
export function fileCard(name, address, size) {
  const words = h(
    "span",
    { class: "file-words" },
    h("span", { class: "file-name" }, name || "A file"),
    h("small", {}, inBytes(size)),
  );
  if (!address) return h("span", { class: "file-card" }, icon("file"), words);
  return h("a", { class: "file-card", href: address, download: name || "" }, icon("file"), words);
}

/** Returns one embed. */
export function embed(data, lookup) {
  const node = h("div", { class: "embed" });
  if (Number.isInteger(data.color)) node.style.setProperty("--tint", colour(data.color));
  const thumb = data.thumbnail ? localAddress(data.thumbnail.url) : null;
  const image = data.image ? localAddress(data.image.url) : null;
  const main = h("div", { class: "embed-main" });
  if (data.author?.name) main.append(
    h("div", { class: "embed-author" }, small(data.author.icon_url), maybeLink(data.author.url, data.author.name)),
  );
  if (data.title) main.append(
    h("div", { class: "embed-title" }, maybeLink(data.url, renderMarkdown(data.title, lookup))),
  );
  if (data.description) main.append(h("div", { class: "markdown" }, renderMarkdown(data.description, lookup)));
  if (data.fields?.length) main.append(
    h("div", { class: "embed-fields" }, data.fields.map((field) => embedField(field, lookup))),
  );
  if (image) main.append(picture(image, { description: data.title, ...data.image }));
  const foot = [data.footer?.text, data.timestamp ? inWords(new Date(data.timestamp), "f") : null].filter(Boolean).join(
    " · ",
  );
  if (foot) main.append(h("div", { class: "embed-foot" }, small(data.footer?.icon_url), foot));
  node.append(main, thumb ? h("img", { class: "thumb", src: thumb, alt: "", loading: "lazy" }) : "");
  return node;
}

function embedField({ name, value, inline }, lookup) {
  return h(
    "div",
    { class: inline ? "embed-field inline" : "embed-field" },
    h("div", { class: "embed-field-name" }, renderMarkdown(name, lookup)),
    h("div", { class: "markdown" }, renderMarkdown(value, lookup)),
  );
}

function small(address) {
  const local = localAddress(address);
  return local ? h("img", { class: "embed-icon", src: local, alt: "" }) : null;
}

function maybeLink(address, words) {
  const href = safeHref(address);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer", class: "link" }, words) : words;
}

/** Returns Discord's colour number as CSS writes it. */
export function colour(number) {
  return `#${number.toString(16).padStart(6, "0")}`;
}
