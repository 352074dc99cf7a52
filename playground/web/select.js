/** A select: a button that opens a list, single or multiple, by mouse or keyboard. */

import { h, icon } from "./dom.js";
import { openPopup } from "./popup.js";

let lists = 0;

/**
 * Returns a select's button; `choose` gets the values once the choice is made.
 * @param {{label: string, values?: string[],
 *   options: {label: string, value: string, description?: string, emoji?: object}[],
 *   min?: number, max?: number, disabled?: boolean, focusKey?: string, choose: (values: string[]) => void}} wanted
 */
export function select(wanted) {
  const { label, options, min = 1, max = 1, disabled = false } = wanted;
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
    const names = options.filter((option) => chosen.has(option.value)).map((option) => option.label);
    words.textContent = names.length ? names.join(", ") : label;
    words.classList.toggle("placeholder", !names.length);
    button.setAttribute("aria-label", names.length ? `${label}: ${names.join(", ")}` : label);
  };
  const open = () => {
    button.setAttribute("aria-expanded", "true");
    openList(button, { label, options, min, max, chosen }, (values) => {
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
function openList(button, { label, options, min, max, chosen }, done) {
  const many = max > 1;
  const picked = new Set(chosen);
  const prefix = `list-${++lists}`;
  const list = h(
    "div",
    {
      class: "listbox",
      role: "listbox",
      tabindex: "0",
      "aria-label": label,
      "aria-multiselectable": many ? "true" : null,
    },
  );
  const rows = options.map((option, index) => row(option, `${prefix}-${index}`));
  list.append(...rows);
  const panel = h("div", { class: "select-panel" }, list);
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
    });
    if (!rows.length) return;
    list.setAttribute("aria-activedescendant", rows[active].id);
    rows[active].scrollIntoView({ block: "nearest" });
  };
  const toggle = (index) => {
    const value = options[index]?.value;
    if (value === undefined) return;
    active = index;
    if (!many) {
      finish([value]);
      close();
      return;
    }
    if (!picked.delete(value) && picked.size < max) picked.add(value);
    mark();
  };
  rows.forEach((node, index) => node.addEventListener("click", () => toggle(index)));
  list.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 };
    if (event.key in moves) active = Math.min(rows.length - 1, Math.max(0, moves[event.key]));
    else if (event.key === " " || (event.key === "Enter" && !many)) toggle(active);
    else if (event.key === "Enter") close();
    else if (event.key.length === 1) {
      const found = options.findIndex((option) => option.label.toLowerCase().startsWith(event.key.toLowerCase()));
      if (found >= 0) active = found;
    } else return;
    event.preventDefault();
    mark();
  });
  if (!rows.length) panel.append(h("p", { class: "muted" }, "There is nothing to choose."));
  if (many) {
    const hint = `Choose ${min === max ? min : `${min} to ${max}`}`;
    panel.append(
      h(
        "div",
        { class: "select-foot" },
        h("span", { class: "muted" }, hint),
        h("button", { type: "button", class: "solid small", onclick: () => close() }, "Done"),
      ),
    );
  }
  const close = openPopup(panel, button, { returnTo: button, onclose: ending, width: button.offsetWidth });
  mark();
  list.focus();
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
