/** Modals of the bot as dialogs: their fields, what is wrong with them, and sending them. */

import { h, icon } from "./dom.js";
import { fieldFor } from "./fields.js";
import { renderMarkdown } from "./markdown.js";
import { toast } from "./popup.js";

let opened = 0;

/** Opens modals and sends what was filled in. */
export class Modals {
  #state;
  #connection;
  #pressed;
  /** Submitted dialogs by interaction, so that a failure does not lose what was typed. */
  #submitted = new Map();

  constructor({ state, connection, pressed }) {
    this.#state = state;
    this.#connection = connection;
    this.#pressed = pressed;
  }

  /** Shows a modal; the focus returns to where it was once it closes. */
  open(modal) {
    const returnTo = document.activeElement;
    const titleId = `dialog-${++opened}`;
    const fields = [];
    const body = h(
      "div",
      { class: "dialog-body" },
      (modal.components ?? []).map((component) => this.#part(component, fields)),
    );
    const error = h("p", { class: "dialog-error", role: "alert" });
    const submit = h("button", { type: "submit", class: "solid" }, "Submit");
    const cancel = h("button", { type: "button", class: "quiet", onclick: () => leave() }, "Cancel");
    const shut = h(
      "button",
      { type: "button", class: "quiet icon-only", "aria-label": "Close", onclick: () => leave() },
      icon("close"),
    );
    const form = h(
      "form",
      { class: "dialog-form", novalidate: true },
      h("header", { class: "dialog-head" }, h("h2", { id: titleId }, modal.title), shut),
      body,
      error,
      h("footer", { class: "dialog-foot" }, cancel, submit),
    );
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": titleId, "data-modal-id": modal.modal_id }, form);
    const leave = () => {
      if (!fields.some((field) => field.changed()) || dialog.dataset.sure) {
        dialog.close();
        return;
      }
      dialog.dataset.sure = "yes";
      error.textContent = "Closing loses what you wrote. Press again to close all the same.";
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      leave();
    });
    form.addEventListener("input", () => {
      delete dialog.dataset.sure;
      error.textContent = "";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit({ modal, dialog, fields, error, submit });
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (returnTo?.isConnected && returnTo !== document.body) returnTo.focus();
      else document.getElementById("composer").focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    fields[0]?.focus();
  }

  #part(component, fields) {
    if (component.type === 10) {
      return h("div", { class: "markdown" }, renderMarkdown(component.content, this.#state.lookup));
    }
    const inner = component.type === 18 ? component.component : component.components?.[0];
    if (!inner) return null;
    const field = fieldFor(
      inner,
      { label: component.label ?? inner.label ?? "", description: component.description ?? "" },
      this.#state,
    );
    fields.push(field);
    return field.node;
  }

  async #submit({ modal, dialog, fields, error, submit }) {
    error.textContent = "";
    const wrong = fields.filter((field) => !field.check());
    if (wrong.length) {
      wrong[0].focus();
      return;
    }
    submit.disabled = true;
    try {
      const values = {};
      for (const field of fields) values[field.customId] = await field.value();
      const started = await this.#connection.request("submit", { modal_id: modal.modal_id, fields: values });
      const id = started?.interaction_id;
      if (id) this.#keep(id, dialog);
      this.#pressed(id);
      dialog.close();
    } catch (problem) {
      error.textContent = problem.message;
    } finally {
      submit.disabled = false;
    }
  }

  #keep(interaction, dialog) {
    this.#submitted.set(interaction, dialog);
    for (const old of [...this.#submitted.keys()].slice(0, -3)) this.#submitted.delete(old);
  }

  /** Says that an interaction failed; what stood in its form can be copied. */
  failed({ interaction_id: id, text }) {
    const kept = this.#submitted.get(id);
    const sentence = text || "The bot did not answer in time.";
    if (!kept) {
      toast(sentence);
      return;
    }
    this.#submitted.delete(id);
    toast(sentence, {
      label: "Copy what you wrote",
      action: () => navigator.clipboard?.writeText(
        [...kept.querySelectorAll("textarea, input[type=text]")].map((one) => one.value).join("\n\n"),
      ),
    });
  }
}
