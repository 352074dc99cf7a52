/** A chosen slash command: a prompt for each option, completions from the bot, sending. */

import { byId, h, icon } from "./dom.js";
import { choicesOf } from "./commands.js";
import { toast } from "./popup.js";
import { Prompt } from "./prompts.js";

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

  /** @param {() => void} pressed is told of each interaction that is started. */
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
    const choices = choicesOf(option, this.#state, this.#channel);
    const prompt = new Prompt(option, choices, (changed) => changed.listed && this.#complete(changed));
    const { control } = prompt;
    control.addEventListener("blur", () => this.#suggestions.isFor(control) && this.#suggestions.hide());
    row.insertBefore(prompt.node, row.querySelector(".command-more, .send-command"));
    this.#prompts.push(prompt);
    return prompt;
  }

  /** Offers the fixed choices that fit, or asks the bot once typing pauses. */
  #complete(prompt) {
    const typed = prompt.control.value.trim().toLowerCase();
    if (prompt.choices) {
      const fits = (choice) => prompt.picked || choice.name.toLowerCase().includes(typed);
      const fitting = prompt.choices.filter(fits);
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
      prompt.problem(error.message);
      return [];
    }
  }

  #soFar() {
    const typed = this.#prompts.map((prompt) => [prompt.option.name, prompt.raw]);
    return Object.fromEntries(typed.filter(([, value]) => value !== undefined));
  }

  #offerChoices(prompt, choices) {
    const items = choices.slice(0, MOST_CHOICES).map((choice) => ({ label: choice.name, value: choice }));
    const pick = (item) => prompt.pick(item.value);
    // An optional prompt left empty must stay empty on Enter, so nothing is active there yet.
    const first = Boolean(prompt.control.value && !prompt.picked) || Boolean(prompt.option.required && !prompt.picked);
    this.#suggestions.show(prompt.control, items, { label: prompt.option.name, pick, first });
  }

  #key(event) {
    if (this.#suggestions.key(event) || event.isComposing) return;
    const field = event.target;
    const isField = field.tagName === "INPUT";
    const first = isField && !field.value && field === this.#prompts[0]?.control;
    if (event.key === "Escape") this.#leave("");
    else if (event.key === "Backspace" && first) this.#leave(`/${this.#command.path}`);
    else if (event.key === "Enter" && isField) this.send();
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
      const fields = { channel_id: this.#channel.id, command: command.path, options };
      this.#pressed();
      await this.#connection.request("slash", fields);
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
      const found = await prompt.value();
      if (found.problem) {
        prompt.problem(found.problem);
        wrong ??= prompt;
      } else if ("value" in found) options[prompt.option.name] = found.value;
    }
    wrong?.control.focus();
    return wrong ? null : options;
  }
}
