/** A chosen slash command: a prompt for each option, completions from the bot, sending. */

import { byId, h, icon } from "./dom.js";
import { choicesOf, KIND, valueOf } from "./commands.js";
import { packed, refusal } from "./files.js";
import { toast } from "./popup.js";

const PAUSE_MS = 150;
const SHOWN_AT_ONCE = 4;
const MOST_CHOICES = 25;

/** The form that stands in the composer's place while a command is written. */
export class SlashForm {
  #state;
  #connection;
  #suggestions;
  #pressed;
  #box = byId("command-form");
  #command = null;
  #channel = null;
  #prompts = [];
  #asked = 0;
  #timer = 0;
  #sending = false;
  /** Called with the text that goes back to the composer when the form is left. */
  onleave = () => {};

  /** @param {(interactionId: string) => void} pressed is told of each interaction that was started. */
  constructor({ state, connection, suggestions, pressed }) {
    this.#state = state;
    this.#connection = connection;
    this.#suggestions = suggestions;
    this.#pressed = pressed;
    this.#box.addEventListener("keydown", (event) => this.#key(event));
  }

  get active() {
    return this.#command !== null;
  }

  /** Opens the prompts of a command and puts the cursor into the first. */
  begin(command, channel) {
    this.#command = command;
    this.#channel = channel;
    const stop = h(
      "button",
      {
        type: "button",
        class: "quiet icon-only",
        "aria-label": `Leave /${command.path}`,
        onclick: () => this.#leave(""),
      },
      icon("close"),
    );
    const head = h(
      "div",
      { class: "command-head" },
      h("b", {}, `/${command.path}`),
      h("span", { class: "muted" }, command.description),
      stop,
    );
    const row = h("div", { class: "command-options" });
    const optional = h("div", { class: "command-more" });
    this.#prompts = [];
    command.options.forEach((option, at) => {
      if (option.required || at < SHOWN_AT_ONCE) this.#addPrompt(option, row);
      else optional.append(this.#offer(option, row));
    });
    const run = h(
      "button",
      { type: "submit", class: "solid send-command" },
      "Send",
      h("kbd", { "aria-hidden": "true" }, "↵"),
    );
    if (optional.hasChildNodes()) row.append(optional);
    row.append(run);
    this.#box.replaceChildren(head, row);
    this.#box.hidden = false;
    byId("write-row").hidden = true;
    (this.#prompts[0]?.control ?? run).focus();
  }

  /** Closes the form without a word. */
  close() {
    if (!this.active) return;
    this.#command = null;
    this.#prompts = [];
    clearTimeout(this.#timer);
    this.#suggestions.hide();
    this.#box.replaceChildren();
    this.#box.hidden = true;
    byId("write-row").hidden = false;
  }

  #leave(text) {
    this.close();
    this.onleave(text);
  }

  #offer(option, row) {
    const button = h(
      "button",
      { type: "button", class: "offer", title: option.description },
      icon("plus"),
      option.name,
    );
    button.addEventListener("click", () => {
      button.remove();
      this.#addPrompt(option, row).control.focus();
    });
    return button;
  }

  #addPrompt(option, row) {
    const prompt = { option, picked: null, file: null, choices: choicesOf(option, this.#state, this.#channel) };
    const id = `option-${option.name}`;
    const note = h("small", { class: "prompt-note", id: `${id}-note` }, explained(option));
    prompt.note = note;
    prompt.control = option.type === KIND.ATTACHMENT ? this.#fileControl(prompt, id) : this.#textControl(prompt, id);
    prompt.node = h(
      "div",
      { class: "prompt" },
      h("label", { class: "prompt-name", for: id }, option.name),
      prompt.control,
      prompt.input,
      note,
    );
    row.insertBefore(prompt.node, row.querySelector(".command-more, .send-command"));
    this.#prompts.push(prompt);
    return prompt;
  }

  #textControl(prompt, id) {
    const { option } = prompt;
    const listed = prompt.choices || option.autocomplete;
    const field = h("input", {
      id,
      type: "text",
      class: "prompt-field",
      name: option.name,
      autocomplete: "off",
      inputmode: option.type === KIND.INTEGER ? "numeric" : option.type === KIND.NUMBER ? "decimal" : null,
      "aria-describedby": `${id}-note`,
      "aria-required": String(Boolean(option.required)),
      ...(listed ? { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" } : {}),
    });
    field.addEventListener("input", () => {
      prompt.picked = null;
      this.#clearProblem(prompt);
      if (listed) this.#complete(prompt);
    });
    field.addEventListener("focus", () => listed && this.#complete(prompt));
    field.addEventListener("blur", () => this.#suggestions.isFor(field) && this.#suggestions.hide());
    return field;
  }

  #fileControl(prompt, id) {
    const input = h(
      "input",
      { type: "file", hidden: true, name: prompt.option.name, "aria-label": prompt.option.name },
    );
    const button = h(
      "button",
      { type: "button", id, class: "prompt-field file", "aria-describedby": `${id}-note` },
      icon("attach"),
      h("span", {}, "Choose a file"),
    );
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const file = input.files[0];
      if (!file) return;
      const no = refusal(file);
      if (no) toast(no);
      prompt.file = no ? null : file;
      button.lastChild.textContent = prompt.file?.name ?? "Choose a file";
      this.#clearProblem(prompt);
    });
    prompt.input = input;
    return button;
  }

  /** Offers the fixed choices that fit, or asks the bot once typing pauses. */
  #complete(prompt) {
    const typed = prompt.control.value.trim().toLowerCase();
    if (prompt.choices) {
      const fitting = prompt.picked ? prompt.choices : prompt.choices.filter(
        (choice) => choice.name.toLowerCase().includes(typed),
      );
      this.#offerChoices(prompt, fitting);
      return;
    }
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    this.#timer = setTimeout(async () => {
      const choices = await this.#ask(prompt);
      const wanted = asked === this.#asked && this.active && document.activeElement === prompt.control;
      if (wanted) this.#offerChoices(prompt, choices);
    }, PAUSE_MS);
  }

  async #ask(prompt) {
    try {
      const fields = {
        channel_id: this.#channel.id,
        command: this.#command.path,
        options: this.#soFar(),
        focused: prompt.option.name,
      };
      return (await this.#connection.request("autocomplete", fields))?.choices ?? [];
    } catch (error) {
      this.#problem(prompt, error.message);
      return [];
    }
  }

  #soFar() {
    const options = {};
    for (const { option, picked, control } of this.#prompts) {
      if (option.type !== KIND.ATTACHMENT && control.value) options[option.name] = picked ? picked.value : control.value;
    }
    return options;
  }

  #offerChoices(prompt, choices) {
    const items = choices.slice(0, MOST_CHOICES).map((choice) => ({ label: choice.name, value: choice }));
    const pick = (item) => {
      prompt.picked = item.value;
      prompt.control.value = item.value.name;
      this.#clearProblem(prompt);
    };
    // An optional prompt left empty must stay empty on Enter, so nothing is active there yet.
    const first = Boolean(prompt.control.value && !prompt.picked) || Boolean(prompt.option.required && !prompt.picked);
    this.#suggestions.show(prompt.control, items, { label: prompt.option.name, pick, first });
  }

  #problem(prompt, sentence) {
    prompt.node.classList.add("wrong");
    prompt.note.textContent = sentence;
    prompt.control.setAttribute("aria-invalid", "true");
  }

  #clearProblem(prompt) {
    if (!prompt.node.classList.contains("wrong")) return;
    prompt.node.classList.remove("wrong");
    prompt.note.textContent = explained(prompt.option);
    prompt.control.removeAttribute("aria-invalid");
  }

  #key(event) {
    if (this.#suggestions.key(event) || event.isComposing) return;
    const field = event.target;
    if (event.key === "Escape") this.#leave("");
    else if (event.key === "Backspace" && field.tagName === "INPUT" && !field.value && field === this.#prompts[0]?.control) this.#leave(
      `/${this.#command.path}`,
    );
    else if (event.key === "Enter" && field.tagName === "INPUT") this.send();
    else return;
    event.preventDefault();
  }

  /** Checks every prompt and sends the command; a refusal leaves the form as it is. */
  async send() {
    if (this.#sending) return;
    const options = await this.#values();
    if (!options) return;
    const command = this.#command;
    this.#sending = true;
    try {
      const started = await this.#connection.request(
        "slash",
        { channel_id: this.#channel.id, command: command.path, options },
      );
      this.#pressed(started?.interaction_id);
      if (this.#command === command) this.#leave("");
    } catch (error) {
      toast(error.message);
    } finally {
      this.#sending = false;
    }
  }

  async #values() {
    const options = {};
    let wrong = null;
    for (const prompt of this.#prompts) {
      const { name } = prompt.option;
      const found = prompt.option.type === KIND.ATTACHMENT ? await fileValue(prompt) : prompt.picked ? { value: prompt.picked.value } : valueOf(
        prompt.option,
        prompt.control.value,
        prompt.choices,
      );
      if (found.problem) {
        this.#problem(prompt, found.problem);
        wrong ??= prompt;
      } else if ("value" in found) options[name] = found.value;
    }
    wrong?.control.focus();
    return wrong ? null : options;
  }
}

/** Returns an option's description; "…" is what libraries send where there is none. */
function explained({ description, required }) {
  const words = description === "…" ? "" : description ?? "";
  return required ? words : `${words} (optional)`.trim();
}

async function fileValue({ option, file }) {
  if (file) return { value: await packed(file) };
  return option.required ? { problem: "Choose a file first." } : {};
}
