/** Components of messages: rows of buttons and selects, and the cards of Components V2. */

import { h, icon } from "./dom.js";
import { colour, fileCard, picture } from "./embeds.js";
import { channelLink, mediaAddress, placeHref, safeHref } from "./links.js";
import { renderMarkdown } from "./markdown.js";
import { select } from "./select.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

/**
 * Returns a message's components as nodes.
 * @param {object[]} components
 * @param {{lookup: object, attachments: object[], options: (component: object) => object[],
 *   press: (component: object, button: HTMLElement) => void,
 *   choose: (component: object, values: string[]) => void}} context
 */
export function renderComponents(components, context) {
  return components.map((component) => one(component, context));
}

function one(component, context) {
  switch (component.type) {
    case 1:
      return h("div", { class: "action-row" }, renderComponents(component.components ?? [], context));
    case 2:
      return button(component, context);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return menu(component, context);
    case 9:
      return section(component, context);
    case 10:
      return h("div", { class: "markdown card-text" }, renderMarkdown(component.content, context.lookup));
    case 11:
      return thumbnail(component, context);
    case 12:
      return gallery(component, context);
    case 13:
      return file(component, context);
    case 14:
      return h("hr", { class: component.divider === false ? "gap" : "rule", "data-spacing": component.spacing ?? 1 });
    case 17:
      return container(component, context);
    default:
      return h("p", { class: "muted" }, "This part of the message cannot be shown here.");
  }
}

function container(component, context) {
  const node = h("div", { class: "card" }, renderComponents(component.components ?? [], context));
  if (Number.isInteger(component.accent_color)) node.style.setProperty("--tint", colour(component.accent_color));
  return component.spoiler ? veiled(node) : node;
}

function section(component, context) {
  const accessory = component.accessory ? one(component.accessory, context) : null;
  return h(
    "div",
    { class: "section" },
    h("div", { class: "section-words" }, renderComponents(component.components ?? [], context)),
    accessory,
  );
}

function thumbnail(component, { attachments }) {
  const address = mediaAddress(component.media, attachments);
  if (!address) return h("span", { class: "thumb missing", title: component.description ?? "" });
  const node = h("img", { class: "thumb", src: address, alt: component.description ?? "", loading: "lazy" });
  return component.spoiler ? veiled(node) : node;
}

function gallery(component, { attachments }) {
  const items = (component.items ?? []).map((item) => {
    const address = mediaAddress(item.media, attachments);
    if (!address) return h("span", { class: "muted" }, "A picture from elsewhere, not shown here.");
    const node = picture(address, { ...item.media, description: item.description });
    return item.spoiler ? veiled(node) : node;
  });
  return h("div", { class: items.length > 1 ? "gallery many" : "gallery" }, items);
}

function file(component, { attachments }) {
  const address = mediaAddress(component.file, attachments);
  const name = component.name ?? (component.file?.url ?? "").split("/").pop();
  const size = component.size ?? attachments.find((one) => one.filename === name)?.size;
  return fileCard(name, address, size);
}

/** Covers something until it is pressed. */
function veiled(node) {
  const cover = h("button", { type: "button", class: "veil" }, "Spoiler");
  const holder = h("div", { class: "veiled" }, node, cover);
  node.inert = true;
  cover.addEventListener("click", () => {
    cover.remove();
    node.inert = false;
    holder.classList.add("open");
  });
  return holder;
}

function button(component, context) {
  const inside = [sign(component.emoji), component.label ? h("span", {}, component.label) : null];
  const name = component.label ? null : component.emoji?.name;
  const attributes = { class: `button ${STYLES[component.style] ?? "secondary"}`, "aria-label": name };
  if (component.style === 5) return linkButton(component, attributes, inside);
  const node = h(
    "button",
    {
      type: "button",
      ...attributes,
      disabled: component.disabled,
      "data-focus": component.custom_id,
      "data-custom-id": component.custom_id,
    },
    inside,
  );
  node.addEventListener("click", () => {
    if (!node.hasAttribute("aria-busy")) context.press(component, node);
  });
  return node;
}

function linkButton(component, attributes, inside) {
  const place = channelLink(component.url);
  if (component.disabled) return h("button", { type: "button", ...attributes, disabled: true }, inside);
  if (!place) {
    const outward = { href: safeHref(component.url), target: "_blank", rel: "noopener noreferrer" };
    return h("a", { ...attributes, ...outward }, inside, icon("out"));
  }
  const inward = { href: placeHref(place.channel, place.message), "data-channel-id": place.channel };
  return h("a", { ...attributes, ...inward }, inside, icon("thread"));
}

function sign(emoji) {
  if (!emoji) return null;
  return h("span", { class: "button-emoji", "aria-hidden": "true" }, emoji.id ? `:${emoji.name}:` : emoji.name);
}

function menu(component, context) {
  const entity = component.type !== 3;
  const options = entity ? () => context.options(component) : component.options ?? [];
  const preset = entity ? component.default_values ?? [] : options.filter((option) => option.default);
  return select({
    label: component.placeholder || "Choose",
    options,
    values: preset.map((one) => one.value ?? one.id),
    min: component.min_values ?? 1,
    max: component.max_values ?? 1,
    disabled: component.disabled,
    focusKey: component.custom_id,
    search: entity,
    choose: (values) => context.choose(component, values),
  });
}
