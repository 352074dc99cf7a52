/** A select: a button that opens a list, single or multiple, by mouse or keyboard. */

import { h, icon } from "./dom.js";
import { openPopup } from "./popup.js";

let lists = 0;

/**
 * Returns a select's button; `choose` gets the values once the choice is made.
 * @param {{label: string, values?: string[],
 *   options: {label: string, value: string, description?: string, emoji?: object}[] | (() => object[]),
 *   min?: number, max?: number, disabled?: boolean, focusKey?: string, search?: boolean,
 *   choose: (values: string[]) => void}} wanted a function as `options` is asked each time the list opens
 */
export function select(wanted) {
  const { label, min = 1, max = 1, disabled = false, search = false } = wanted;
  const offered = () => (typeof wanted.options === "function" ? wanted.options() : wanted.options);
  let chosen = new Set(wanted.values ?? []);
  const words = h("span", { class: "select-words" });
  const button = h(
    "button",
    {
      type: "button",
      class: "select",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      disabled,
      "data-focus": wanted.focusKey,
    },
    words,
    icon("down"),
  );
  const show = () => {
    const names = offered().filter((option) => chosen.has(option.value)).map((option) => option.label);
    words.textContent = names.length ? names.join(", ") : label;
    words.classList.toggle("placeholder", !names.length);
    button.setAttribute("aria-label", names.length ? `${label}: ${names.join(", ")}` : label);
  };
  const open = () => {
    button.setAttribute("aria-expanded", "true");
    openList(button, { label, options: offered(), min, max, chosen, search }, (values) => {
      button.setAttribute("aria-expanded", "false");
      if (!values) return;
      chosen = new Set(values);
      show();
      wanted.choose(values);
    });
  };
  button.addEventListener("click", open);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    event.stopPropagation();
    open();
  });
  show();
  return button;
}

/** Opens the list; `done` gets the values, or null where nothing changed. */
function openList(button, { label, options, min, max, chosen, search }, done) {
  const many = max > 1;
  const picked = new Set(chosen);
  const prefix = `list-${++lists}`;
  const list = h(
    "div",
    {
      class: "listbox",
      role: "listbox",
      id: prefix,
      tabindex: search ? null : "0",
      "aria-label": label,
      "aria-multiselectable": many ? "true" : null,
    },
  );
  const rows = options.map((option, index) => row(option, `${prefix}-${index}`));
  list.append(...rows);
  const field = search ? searchField(label, prefix) : null;
  const focused = field ?? list;
  const nothing = h("p", { class: "muted", hidden: rows.length > 0 }, "There is nothing to choose.");
  const panel = h("div", { class: "select-panel" }, field, list, nothing);
  // The places of the rows that a search leaves standing.
  let shown = options.map((_, index) => index);
  let active = Math.max(0, options.findIndex((option) => picked.has(option.value)));
  let finished = false;
  const finish = (values) => {
    if (finished) return;
    finished = true;
    done(values);
  };
  const same = () => picked.size === chosen.size && [...picked].every((value) => chosen.has(value));
  const ending = () => finish(!many || same() || picked.size < min ? null : inOrder());
  const inOrder = () => options.map((option) => option.value).filter((value) => picked.has(value));
  const mark = () => {
    rows.forEach((node, index) => {
      node.classList.toggle("active", index === active);
      node.setAttribute("aria-selected", String(picked.has(options[index].value)));
      node.hidden = !shown.includes(index);
    });
    if (!shown.includes(active)) {
      focused.removeAttribute("aria-activedescendant");
      return;
    }
    focused.setAttribute("aria-activedescendant", rows[active].id);
    rows[active].scrollIntoView({ block: "nearest" });
  };
  const toggle = (index) => {
    const value = options[index]?.value;
    if (value === undefined || !shown.includes(index)) return;
    active = index;
    if (!many) {
      finish(min === 0 && picked.has(value) ? [] : [value]);
      close();
      return;
    }
    if (!picked.delete(value) && picked.size < max) picked.add(value);
    mark();
  };
  rows.forEach((node, index) => node.addEventListener("click", () => toggle(index)));
  field?.addEventListener("input", () => {
    const query = field.value.trim().toLowerCase();
    shown = options.flatMap((option, index) => (found(option, query) ? [index] : []));
    active = shown[0] ?? -1;
    nothing.hidden = shown.length > 0;
    nothing.textContent = "Nothing fits.";
    mark();
  });
  focused.addEventListener("keydown", (event) => {
    const at = shown.indexOf(active);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, ...(field ? {} : { Home: 0, End: shown.length - 1 }) };
    if (event.key in moves) active = shown[Math.min(shown.length - 1, Math.max(0, moves[event.key]))] ?? -1;
    else if (event.key === "Enter" && many && !field) close();
    else if (event.key === "Enter" || (event.key === " " && !field)) toggle(active);
    else if (event.key.length === 1 && !field) {
      const named = options.findIndex((option) => option.label.toLowerCase().startsWith(event.key.toLowerCase()));
      if (named >= 0) active = named;
    } else return;
    event.preventDefault();
    mark();
  });
  if (many) {
    const hint = `Choose ${min === max ? min : `${min} to ${max}`}${field ? ": Enter adds, Tab ends" : ""}`;
    const end = h("button", { type: "button", class: "solid small", onclick: () => close() }, "Done");
    panel.append(h("div", { class: "select-foot" }, h("span", { class: "muted" }, hint), end));
  }
  const close = openPopup(panel, button, { returnTo: button, onclose: ending, width: button.offsetWidth });
  mark();
  focused.focus();
}

function searchField(label, list) {
  return h("input", {
    type: "text",
    class: "text-field select-search",
    role: "combobox",
    placeholder: "Search",
    autocomplete: "off",
    "aria-label": `Search: ${label}`,
    "aria-autocomplete": "list",
    "aria-expanded": "true",
    "aria-controls": list,
  });
}

/** Returns whether what was typed stands in an option, in its name or below it. */
function found({ label, description }, query) {
  return `${label} ${description ?? ""}`.toLowerCase().includes(query);
}

function row(option, id) {
  const sign = option.emoji && !option.emoji.id ? option.emoji.name : null;
  const emoji = sign ? h("span", { class: "option-emoji", "aria-hidden": "true" }, sign) : null;
  const words = h(
    "span",
    { class: "option-words" },
    option.label,
    option.description ? h("small", {}, option.description) : null,
  );
  return h("div", { role: "option", id, class: "option" }, emoji, words, icon("check"));
}
