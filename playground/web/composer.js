/** The field to write in: sending, replies, files, drafts, suggestions of commands and people. */

import { byId, h, icon } from "./dom.js";
import { flatten, matching, usableIn } from "./commands.js";
import { draftOf, keepDraft } from "./drafts.js";
import { gist } from "./gist.js";
import { packed } from "./files.js";
import { toast } from "./popup.js";
import { displayName } from "./state.js";
import { FileTray } from "./tray.js";

const TYPING_EVERY_MS = 8_000;
const TALLEST = 240;
const NARROW = window.matchMedia("(max-width: 760px)");

/** Writes into the open channel. */
export class Composer {
  #state;
  #connection;
  #suggestions;
  #slash;
  #editLast;
  #channel = null;
  #replyTo = null;
  #tray = new FileTray();
  #mentions = new Map();
  #typedAt = 0;
  field = byId("composer");

  /** @param {() => boolean} editLast opens the newest own message for editing, if there is one. */
  constructor({ state, connection, suggestions, slash, editLast }) {
    this.#state = state;
    this.#connection = connection;
    this.#suggestions = suggestions;
    this.#slash = slash;
    this.#editLast = editLast;
    slash.onleave = (text) => this.fill(text);
    byId("attach-button").append(icon("attach"));
    byId("send-button").append(icon("send"));
    byId("composer-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (slash.active) slash.send();
      else this.send();
    });
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => this.#suggestions.isFor(this.field) && this.#suggestions.hide());
    this.field.addEventListener("focus", () => this.#suggest());
    this.field.addEventListener("paste", (event) => this.#take(event, event.clipboardData));
    byId("attach-button").addEventListener("click", () => byId("attach-input").click());
    byId("attach-input").addEventListener("change", (event) => {
      this.#tray.add(event.target.files);
      event.target.value = "";
    });
    const room = document.querySelector(".room");
    room.addEventListener("dragover", (event) => event.preventDefault());
    room.addEventListener("drop", (event) => this.#take(event, event.dataTransfer));
  }

  /** Turns to a channel; what was typed elsewhere waits there. */
  open(channel) {
    const changed = this.#channel?.id !== channel?.id;
    this.#channel = channel;
    const may = Boolean(channel) && channel.can_send !== false;
    this.field.disabled = !may;
    byId("attach-button").disabled = !may;
    byId("send-button").disabled = !may;
    this.field.placeholder = may ? this.#invitation(channel) : "You cannot write here";
    if (!changed || !channel) return;
    this.#slash.close();
    this.#suggestions.hide();
    this.#tray.files = [];
    this.reply(null);
    this.field.value = draftOf(this.#state.me.id, channel.id);
    this.#grow();
  }

  #invitation(channel) {
    if (NARROW.matches) return "Write, or / for commands";
    const name = this.#state.placeTitle(channel);
    const short = name.length > 40 ? `${name.slice(0, 39)}…` : name;
    return `${channel.guild_id ? "Write in" : "Write to"} ${short}, or / for commands`;
  }

  /** Puts text into the field as if it had been typed. */
  fill(text) {
    this.#slash.close();
    this.field.value = text;
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
    this.#typed(false);
  }

  /** Adds a mention of a person at the cursor. */
  mention(user) {
    this.#replace(this.field.selectionStart, this.field.selectionStart, user);
  }

  /** Answers a message, or none. */
  reply(message) {
    this.#replyTo = message;
    const bar = byId("reply-bar");
    bar.hidden = !message;
    if (!message) {
      bar.replaceChildren();
      return;
    }
    const words = gist(message, this.#state.lookup, 90);
    const stop = h(
      "button",
      { type: "button", class: "quiet icon-only", "aria-label": "Do not reply", onclick: () => this.reply(null) },
      icon("close"),
    );
    bar.replaceChildren(
      icon("reply"),
      h(
        "span",
        { class: "bar-words" },
        "Replying to ",
        h("b", {}, displayName(message.author)),
        h("span", { class: "muted" }, words),
      ),
      stop,
    );
    this.field.focus();
  }

  /** Sends what stands in the field; a refusal gives it back. */
  async send() {
    const text = this.field.value;
    const { files } = this.#tray;
    const answered = this.#replyTo;
    const channel = this.#channel;
    if (!channel || this.field.disabled || (!text.trim() && !files.length)) return;
    this.#suggestions.hide();
    // A command's whole name is that command, also for whoever presses Enter before the list has opened.
    const command = this.#flat().find(({ path }) => `/${path}` === text.trim());
    if (command) return this.#begin(command);
    this.#clear();
    try {
      const sent = await Promise.all(files.map(packed));
      await this.#connection.request("say", {
        channel_id: channel.id,
        content: this.#withMentions(text.trim()),
        ...(answered ? { reply_to: answered.id } : {}),
        ...(sent.length ? { files: sent } : {}),
      });
      keepDraft(this.#state.me.id, channel.id, this.#channel?.id === channel.id ? this.field.value : "");
    } catch (error) {
      toast(error.message);
      this.#giveBack(channel, text, files, answered);
    }
  }

  #clear() {
    this.field.value = "";
    this.#tray.files = [];
    this.reply(null);
    this.#grow();
    this.#typedAt = 0;
  }

  #giveBack(channel, text, files, answered) {
    keepDraft(this.#state.me.id, channel.id, text);
    if (this.#channel?.id !== channel.id || this.field.value) return;
    this.field.value = text;
    this.#tray.files = files;
    if (answered) this.reply(answered);
    this.#grow();
  }

  #withMentions(text) {
    let out = text;
    for (const [name, id] of this.#mentions) out = out.replaceAll(name, `<@${id}>`);
    return out;
  }

  #typed(byHand = true) {
    this.#grow();
    if (!this.#channel) return;
    keepDraft(this.#state.me.id, this.#channel.id, this.field.value);
    if (this.#wholeCommand()) return;
    this.#suggest();
    const words = byHand && this.field.value && !this.field.value.startsWith("/");
    if (!words || Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.#connection.request("typing", { channel_id: this.#channel.id }).catch(() => {});
  }

  #flat() {
    return flatten(usableIn(this.#state, this.#channel));
  }

  /** A command's whole name and a space choose it, as they would in a list. */
  #wholeCommand() {
    const text = this.field.value;
    if (!/^\/.+ $/.test(text)) return false;
    const found = this.#flat().find((command) => `/${command.path} ` === text);
    if (found) this.#begin(found);
    return Boolean(found);
  }

  #begin(command) {
    this.field.value = "";
    keepDraft(this.#state.me.id, this.#channel.id, "");
    this.#grow();
    this.#slash.begin(command, this.#channel);
  }

  #suggest() {
    const text = this.field.value;
    if (document.activeElement !== this.field || this.field.disabled) return;
    const at = /(?:^|\s)@([\p{L}\p{N}_.-]{0,32})$/u.exec(text.slice(0, this.field.selectionStart));
    if (/^\/[^\n]*$/.test(text)) this.#suggestCommands(text.slice(1));
    else if (at) this.#suggestPeople(at[1]);
    else if (this.#suggestions.isFor(this.field)) this.#suggestions.hide();
  }

  #suggestCommands(typed) {
    const items = matching(this.#flat(), typed).map((command) => ({
      label: `/${command.path}`,
      detail: command.description,
      note: command.options.map((option) => (option.required ? option.name : `[${option.name}]`)).join(" "),
      value: command,
    }));
    this.#suggestions.show(this.field, items, { label: "Commands", pick: (item) => this.#begin(item.value) });
  }

  #suggestPeople(typed) {
    const start = this.field.selectionStart - typed.length - 1;
    const query = typed.toLowerCase();
    const fits = ({ name, username }) => [name, username].some((one) => one.toLowerCase().startsWith(query));
    const fitting = this.#state.peopleIn(this.#channel).filter(fits);
    const items = fitting.slice(0, 8).map((user) => ({ label: user.name, detail: user.username, value: user }));
    const pick = (item) => this.#replace(start, this.field.selectionStart, item.value);
    this.#suggestions.show(this.field, items, { label: "People", pick });
  }

  #replace(from, to, user) {
    const name = `@${user.name ?? displayName(user)}`;
    this.#mentions.set(name, user.id);
    this.field.setRangeText(`${name} `, from, to, "end");
    this.field.focus();
    this.#typed(false);
  }

  #key(event) {
    if (event.isComposing || this.#suggestions.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && this.#replyTo) this.reply(null);
    else if (event.key === "ArrowUp" && !this.field.value && this.#editLast()) event.preventDefault();
  }

  #grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(TALLEST, this.field.scrollHeight)}px`;
  }

  #take(event, transfer) {
    if (!transfer?.files?.length || this.field.disabled) return;
    event.preventDefault();
    this.#tray.add(transfer.files);
    this.field.focus();
  }
}
