/** Suggestions above the composer; the focus stays in the field that is typed in. */

import { byId, h } from "./dom.js";

/** A list of choices tied to a text field. Items: {label, detail?, note?, value}. */
export class Suggestions {
  #box = byId("suggestions");
  #items = [];
  #rows = [];
  #field = null;
  #pick = null;
  active = -1;

  get open() {
    return this.#items.length > 0;
  }

  /** Whether the suggestions stand open for a given field. */
  isFor(field) {
    return this.open && this.#field === field;
  }

  /** Shows items for a field; `first` makes the first one active at once. */
  show(field, items, { label, pick, first = true }) {
    this.hide();
    if (!items.length) return;
    this.#items = items;
    this.#field = field;
    this.#pick = pick;
    this.#rows = items.map((item, index) => this.#row(item, index));
    const list = h(
      "div",
      { class: "listbox", role: "listbox", id: "suggestion-list", "aria-label": label },
      this.#rows,
    );
    this.#box.replaceChildren(h("div", { class: "suggestion-head", "aria-hidden": "true" }, label), list);
    field.setAttribute("aria-controls", "suggestion-list");
    if (field.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", "true");
    this.#activate(first ? 0 : -1);
  }

  hide() {
    this.#items = [];
    this.#box.replaceChildren();
    this.#field?.removeAttribute("aria-activedescendant");
    this.#field?.removeAttribute("aria-controls");
    if (this.#field?.getAttribute("role") === "combobox") this.#field.setAttribute("aria-expanded", "false");
    this.#field = null;
    this.active = -1;
  }

  /** Handles arrow keys, Enter, Tab and Escape; returns whether the key was used. */
  key(event) {
    if (!this.isFor(event.target) || event.isComposing) return false;
    const count = this.#items.length;
    if (event.key === "ArrowDown") this.#activate((this.active + 1) % count);
    else if (event.key === "ArrowUp") this.#activate((this.active - 1 + count) % count);
    else if (event.key === "Escape") this.hide();
    else if ((event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) && this.active >= 0) this.#choose(
      this.active,
    );
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #choose(index) {
    const item = this.#items[index];
    const pick = this.#pick;
    this.hide();
    pick(item);
  }

  #activate(index) {
    this.active = index;
    this.#rows.forEach((row, at) => {
      row.classList.toggle("active", at === index);
      row.setAttribute("aria-selected", String(at === index));
    });
    if (index < 0) return;
    this.#field.setAttribute("aria-activedescendant", this.#rows[index].id);
    this.#rows[index].scrollIntoView({ block: "nearest" });
  }

  #row(item, index) {
    const row = h(
      "div",
      { role: "option", id: `suggestion-${index}`, class: "option" },
      h("span", { class: "option-name" }, item.label),
      item.note ? h("span", { class: "option-note" }, item.note) : null,
      item.detail ? h("span", { class: "option-detail" }, item.detail) : null,
    );
    row.addEventListener("pointerdown", (event) => event.preventDefault());
    row.addEventListener("click", () => this.#choose(index));
    return row;
  }
}
