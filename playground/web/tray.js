/** The files that wait to be sent with a message. */

import { byId, h, icon } from "./dom.js";
import { inBytes, refusal } from "./files.js";
import { toast } from "./popup.js";

const MOST_FILES = 10;

/** A row of chosen files above the field; each can be taken out again. */
export class FileTray {
  #files = [];
  #bar = byId("file-bar");

  get files() {
    return this.#files;
  }

  set files(files) {
    this.#files = files;
    this.#bar.hidden = !files.length;
    this.#bar.replaceChildren(...files.map((file) => this.#chip(file)));
  }

  /** Adds files; those that may not be sent are refused in words. */
  add(list) {
    for (const file of list) {
      const full = this.#files.length >= MOST_FILES;
      const no = refusal(file) ?? (full ? "A message carries ten files at most." : null);
      if (no) toast(no);
      else this.files = [...this.#files, file];
    }
  }

  #chip(file) {
    const drop = () => {
      this.files = this.#files.filter((one) => one !== file);
    };
    const remove = { type: "button", class: "quiet icon-only", "aria-label": `Remove ${file.name}`, onclick: drop };
    return h(
      "span",
      { class: "file-chip" },
      icon("file"),
      h("span", { class: "file-name" }, file.name),
      h("small", {}, inBytes(file.size)),
      h("button", remove, icon("close")),
    );
  }
}
