/** The fields of a modal: each has a node, a check, a value, and words for what is wrong. */

import { h, icon } from "./dom.js";
import { packed, refusal } from "./files.js";
import { select } from "./select.js";

let fieldsMade = 0;

/**
 * Returns a field for a modal's component.
 * @returns {{customId: string, node: HTMLElement, focus: () => void, check: () => boolean,
 *   changed: () => boolean, value: () => Promise<any>}}
 */
export function fieldFor(sent, words, state) {
  // A null is a value left out, for which the default stands.
  const component = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null));
  const id = `field-${++fieldsMade}`;
  const build = BUILDERS[component.type] ?? unknown;
  const control = build(component, { id, words, state });
  const problem = h("small", { class: "field-problem", id: `${id}-problem`, "aria-live": "polite" });
  const note = words.description ? h("small", { class: "muted", id: `${id}-note` }, words.description) : null;
  const required = component.required !== false && component.type !== 23;
  const name = h(
    control.grouped ? "span" : "label",
    { class: "field-name", for: control.grouped ? null : id, id: `${id}-name` },
    words.label,
    required ? h("span", { class: "needed", "aria-hidden": "true" }, " *") : h(
      "span",
      { class: "muted" },
      " (optional)",
    ),
  );
  const node = h(
    "div",
    {
      class: "field",
      role: control.grouped ? "group" : null,
      "aria-labelledby": control.grouped ? `${id}-name` : null,
    },
    name,
    note,
    control.node,
    problem,
  );
  control.target.setAttribute("aria-describedby", [note ? `${id}-note` : "", problem.id].join(" ").trim());
  return {
    customId: component.custom_id,
    node,
    focus: () => control.target.focus(),
    changed: control.changed,
    value: async () => control.value(),
    check: () => {
      const sentence = control.problem(required);
      problem.textContent = sentence ?? "";
      node.classList.toggle("wrong", Boolean(sentence));
      if (sentence) control.target.setAttribute("aria-invalid", "true");
      else control.target.removeAttribute("aria-invalid");
      return !sentence;
    },
  };
}

function text(component, { id }) {
  const long = component.style === 2;
  const { value: first = "", min_length: min = 0, max_length: max = 4000 } = component;
  const target = h(
    long ? "textarea" : "input",
    {
      id,
      class: "text-field",
      name: component.custom_id,
      placeholder: component.placeholder,
      maxlength: max,
      rows: long ? "5" : null,
      type: long ? null : "text",
      value: first ?? "",
    },
  );
  const count = h("small", { class: "counter", "aria-hidden": "true" });
  const tell = () => {
    count.textContent = target.value.length > max * 0.8 ? `${target.value.length} of ${max}` : "";
  };
  target.addEventListener("input", tell);
  tell();
  return {
    node: h("div", { class: "text-holder" }, target, count),
    target,
    changed: () => target.value !== (first ?? ""),
    value: () => target.value,
    problem: (required) => {
      if (!target.value.trim()) return required ? "This is needed." : null;
      return target.value.length < min ? `At least ${min} characters, please.` : null;
    },
  };
}

function menu(component, { words, state }) {
  const entity = component.type !== 3;
  const options = entity ? () => entities(component, state) : component.options ?? [];
  const chosen = entity ? component.default_values ?? [] : options.filter((option) => option.default);
  const preset = chosen.map((one) => one.value ?? one.id);
  let values = preset;
  const { min_values: min = 1, max_values: max = 1 } = component;
  const target = select(
    {
      label: component.placeholder || words.label || "Choose",
      options,
      values,
      min,
      max,
      disabled: component.disabled,
      search: entity,
      choose: (chosen) => (values = chosen),
    },
  );
  return {
    node: target,
    target,
    grouped: true,
    changed: () => values.join() !== preset.join(),
    value: () => values,
    problem: (required) => {
      if (!values.length) return required ? "Choose one." : null;
      return values.length < min ? `Choose at least ${min}.` : null;
    },
  };
}

/** Returns what an entity select (5 people, 6 roles, 7 both, 8 channels) offers in the open channel. */
export function entities({ type, channel_types: types }, state) {
  const channel = state.channels.get(state.current);
  const people = () => state.peopleIn(channel).map(
    (user) => ({ label: user.name, value: user.id, description: user.username }),
  );
  const roles = () => state.rolesIn(channel).map((role) => ({ label: role.name, value: role.id }));
  if (type === 5) return people();
  if (type === 6) return roles();
  if (type === 7) return [...people(), ...roles()];
  const fits = (one) => one.guild_id && one.guild_id === channel?.guild_id && (!types || types.includes(one.type));
  return [...state.channels.values()].filter(fits).map((one) => ({ label: `#${one.name}`, value: one.id }));
}

function upload(component, { id }) {
  const { min_values: min = 1, max_values: max = 1 } = component;
  const names = h("span", { class: "upload-names" }, max > 1 ? `Up to ${max} files` : "No file chosen");
  const target = h("input", { id, type: "file", class: "upload-input", name: component.custom_id, multiple: max > 1 });
  target.addEventListener("change", () => {
    const chosen = [...target.files].map((file) => file.name).join(", ");
    names.textContent = chosen || "No file chosen";
  });
  return {
    node: h("div", { class: "upload" }, target, icon("attach"), names),
    target,
    changed: () => target.files.length > 0,
    value: () => Promise.all([...target.files].map(packed)),
    problem: (required) => {
      const files = [...target.files];
      if (!files.length) return required ? "Choose a file." : null;
      if (files.length < min) return `Choose at least ${min} files.`;
      if (files.length > max) return `Choose ${max} at most.`;
      return files.map(refusal).find(Boolean) ?? null;
    },
  };
}

/** Radio groups (21), checkbox groups (22) and the lone checkbox (23). */
function choices(component, { id, words }) {
  const kind = component.type === 21 ? "radio" : "checkbox";
  const lone = component.type === 23;
  const options = lone ? [{ label: words.label, value: "on", default: component.default }] : component.options ?? [];
  const boxes = options.map(
    (option, at) => h(
      "input",
      {
        type: kind,
        id: at ? `${id}-${at}` : id,
        name: `${id}-choice`,
        value: option.value,
        checked: Boolean(option.default),
      },
    ),
  );
  const first = boxes.map((box) => box.checked).join();
  const rows = boxes.map(
    (box, at) => h(
      "label",
      { class: "choice" },
      box,
      h("span", {}, options[at].label, options[at].description ? h("small", {}, options[at].description) : null),
    ),
  );
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const { min_values: min = lone ? 0 : 1, max_values: max = options.length } = component;
  return {
    node: h("div", { class: "choices" }, rows),
    target: boxes[0] ?? h("input", { type: kind }),
    grouped: true,
    changed: () => boxes.map((box) => box.checked).join() !== first,
    value: () => (lone ? picked().length > 0 : kind === "radio" ? picked()[0] ?? null : picked()),
    problem: (required) => {
      const count = picked().length;
      if (lone) return null;
      if (!count) return required && min > 0 ? "Choose one." : null;
      if (kind === "checkbox" && (count < min || count > max)) return `Choose ${min} to ${max}.`;
      return null;
    },
  };
}

function unknown() {
  const node = h("p", { class: "muted" }, "This field cannot be shown here.");
  return { node, target: node, grouped: true, changed: () => false, value: () => null, problem: () => null };
}

const BUILDERS = {
  3: menu,
  4: text,
  5: menu,
  6: menu,
  7: menu,
  8: menu,
  19: upload,
  21: choices,
  22: choices,
  23: choices,
};
