/** One option of a slash command as it is asked for: its field, its value, what is wrong with it. */

import { h, icon } from "./dom.js";
import { KIND, valueOf } from "./commands.js";
import { packed, refusal } from "./files.js";
import { toast } from "./popup.js";

const KEYPADS = { [KIND.INTEGER]: "numeric", [KIND.NUMBER]: "decimal" };

/** A prompt; `typed` is called at each change and when the field gets the focus. */
export class Prompt {
  option;
  /** The fixed choices as {name, value}, or null. */
  choices;
  /** The choice that was picked from a list, or null. */
  picked = null;
  #file = null;
  #typed;
  #id;

  constructor(option, choices, typed) {
    this.option = option;
    this.choices = choices;
    this.#typed = typed;
    this.#id = `option-${option.name}`;
    this.note = h("small", { class: "prompt-note", id: `${this.#id}-note` }, explained(option));
    const [control, input] = this.takesFile ? this.#fileControl() : [this.#textControl(), null];
    this.control = control;
    const name = h("label", { class: "prompt-name", for: this.#id }, option.name);
    this.node = h("div", { class: "prompt" }, name, control, input, this.note);
  }

  get takesFile() {
    return this.option.type === KIND.ATTACHMENT;
  }

  /** Whether a list of choices, fixed or the bot's, stands behind the field. */
  get listed() {
    return Boolean(this.choices || this.option.autocomplete);
  }

  /** What the field holds for the bot while other fields are typed in; undefined where empty. */
  get raw() {
    if (this.takesFile || !this.control.value) return undefined;
    return this.picked ? this.picked.value : this.control.value;
  }

  #textControl() {
    const combobox = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
    const field = h("input", {
      id: this.#id,
      type: "text",
      class: "prompt-field",
      name: this.option.name,
      autocomplete: "off",
      inputmode: KEYPADS[this.option.type],
      "aria-describedby": this.note.id,
      "aria-required": String(Boolean(this.option.required)),
      ...(this.listed ? combobox : {}),
    });
    field.addEventListener("input", () => {
      this.picked = null;
      this.clearProblem();
      this.#typed(this);
    });
    field.addEventListener("focus", () => this.#typed(this));
    return field;
  }

  #fileControl() {
    const words = h("span", {}, "Choose a file");
    const input = h("input", { type: "file", hidden: true, name: this.option.name, "aria-label": this.option.name });
    const attributes = { type: "button", id: this.#id, class: "prompt-field", "aria-describedby": this.note.id };
    const button = h("button", { ...attributes, onclick: () => input.click() }, icon("attach"), words);
    input.addEventListener("change", () => {
      const file = input.files[0];
      if (!file) return;
      const no = refusal(file);
      if (no) toast(no);
      this.#file = no ? null : file;
      words.textContent = this.#file?.name ?? "Choose a file";
      this.clearProblem();
    });
    return [button, input];
  }

  /** Takes a choice of the list. */
  pick(choice) {
    this.picked = choice;
    this.control.value = choice.name;
    this.clearProblem();
  }

  /** Returns {value}, {problem}, or {} for an optional prompt left empty. */
  async value() {
    if (this.#file) return { value: await packed(this.#file) };
    if (this.takesFile) return this.option.required ? { problem: "Choose a file first." } : {};
    return this.picked ? { value: this.picked.value } : valueOf(this.option, this.control.value, this.choices);
  }

  /** Says below the field what is wrong with it. */
  problem(sentence) {
    this.node.classList.add("wrong");
    this.note.textContent = sentence;
    this.control.setAttribute("aria-invalid", "true");
  }

  clearProblem() {
    if (!this.node.classList.contains("wrong")) return;
    this.node.classList.remove("wrong");
    this.note.textContent = explained(this.option);
    this.control.removeAttribute("aria-invalid");
  }
}

/** Returns an option's description; "…" is what libraries send where there is none. */
function explained({ description, required }) {
  const words = description === "…" ? "" : description ?? "";
  return required ? words : `${words} (optional)`.trim();
}
