/** The list of messages of the open channel: grouping, dividers, scrolling, keys. */

import { announce, byId, h } from "./dom.js";
import { isEphemeral, SYSTEM } from "./kinds.js";
import { MessageView, waiting } from "./message.js";
import { gist } from "./gist.js";
import { avatar } from "./avatars.js";
import { displayName } from "./state.js";
import { dayName, sameDay } from "./time.js";

const NEAR_END = 80;
const NEAR_START = 120;
const TOP_ROOM = 8;
const GROUP_MS = 7 * 60_000;
const SETTLED_MS = 1_500;
const REPLY = 19;

/** Shows one channel's log and keeps the reader's place in it. */
export class MessageList {
  #state;
  #acts;
  #more;
  #views = new Map();
  #channel = null;
  #atEnd = true;
  #fresh = null;
  #loading = false;
  #spoken = 0;
  #box = byId("log");
  #list = byId("log-list");
  #toNewest = byId("to-newest");

  /** @param {(channel: string) => Promise<void>} more reads an older page into the log. */
  constructor(state, acts, more) {
    this.#state = state;
    this.#acts = acts;
    this.#more = more;
    this.#box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#box.addEventListener("keydown", (event) => this.#keys(event));
    this.#toNewest.addEventListener("click", () => this.toEnd());
    const sized = new ResizeObserver(() => this.#atEnd && this.toEnd());
    sized.observe(this.#list);
    sized.observe(this.#box);
  }

  /** Opens a channel at its newest message. */
  show(channelId) {
    if (this.#channel !== channelId) {
      this.#views.clear();
      this.#list.replaceChildren();
      this.#atEnd = true;
    }
    this.#channel = channelId;
    this.sync();
  }

  /** Brings the page in line with the log; `changed` is the one message that is to be redrawn, else all are. */
  sync(changed = null) {
    const log = this.#state.log(this.#channel);
    this.#keepingPlace(() => {
      const nodes = [];
      let before = null;
      for (const message of log.messages) {
        const date = new Date(message.timestamp);
        const newDay = !before || !sameDay(new Date(before.timestamp), date);
        if (newDay) nodes.push(this.#divider(date));
        nodes.push(this.#placed(message, !newDay && groups(before, message), changed).node);
        before = message;
      }
      nodes.push(...log.thinking.map((one) => this.#thinking(one)));
      this.#forget(new Set(log.messages.map((message) => message.id)));
      arrange(this.#list, nodes);
    });
    if (changed && this.#fresh === changed) this.#showTop(changed);
    this.#fresh = null;
    this.#roving();
  }

  #placed(message, grouped, changed) {
    let view = this.#views.get(message.id);
    const fresh = !view;
    if (fresh) this.#fresh = message.id;
    if (fresh) this.#views.set(message.id, (view = new MessageView(message, this.#state, this.#acts)));
    const moved = view.node.classList.contains("grouped") !== grouped;
    if (fresh || moved || changed === null || changed === message.id) view.update(message, { grouped });
    return view;
  }

  #divider(date) {
    const key = date.toDateString();
    const known = [...this.#list.querySelectorAll(".day")].find((node) => node.dataset.day === key);
    return known ?? h(
      "div",
      { class: "day", role: "separator", "data-day": key, "aria-label": dayName(date) },
      h("span", {}, dayName(date)),
    );
  }

  #thinking({ interaction_id: id, ephemeral }) {
    const known = [...this.#list.querySelectorAll(".thinking")].find((node) => node.dataset.interaction === id);
    if (known) return known;
    const { bot } = this.#state;
    const foot = ephemeral ? h("div", { class: "slot-foot" }, "Only you can see this") : null;
    return h(
      "div",
      { class: "message thinking", "data-interaction": id },
      h("div", { class: "gutter" }, avatar(bot)),
      h("div", { class: "body" }, waiting(displayName(bot)), foot),
    );
  }

  #forget(ids) {
    for (const id of [...this.#views.keys()]) if (!ids.has(id)) this.#views.delete(id);
  }

  /** Runs a change of the list; the end stays in sight, or else what was on top stays where it was. */
  #keepingPlace(change) {
    const top = this.#box.scrollTop;
    const inSight = (node) => node.offsetTop + node.offsetHeight > top;
    const anchor = this.#atEnd ? null : [...this.#list.children].find(inSight);
    const offset = anchor ? anchor.offsetTop - top : 0;
    change();
    if (this.#atEnd) this.toEnd();
    else if (anchor?.isConnected) this.#box.scrollTop = anchor.offsetTop - offset;
  }

  /** A new card taller than the log is shown from its top. */
  #showTop(id) {
    const { node } = this.#views.get(id);
    if (!this.#atEnd || node.offsetHeight < this.#box.clientHeight) return;
    this.#atEnd = false;
    this.#box.scrollTop = node.offsetTop - TOP_ROOM;
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#atEnd = true;
    this.#toNewest.hidden = true;
  }

  /** Brings a message into sight; returns whether it is there. */
  reveal(id) {
    const view = this.#views.get(id);
    if (!view) return false;
    this.#atEnd = false;
    view.node.scrollIntoView({ block: "center" });
    view.node.focus({ preventScroll: true });
    view.node.classList.add("pointed");
    setTimeout(() => view.node.classList.remove("pointed"), 2_000);
    return true;
  }

  view(id) {
    return this.#views.get(id) ?? null;
  }

  async #scrolled() {
    const box = this.#box;
    this.#atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
    this.#toNewest.hidden = this.#atEnd;
    if (box.scrollTop > NEAR_START || this.#loading || !this.#state.log(this.#channel).more) return;
    this.#loading = true;
    try {
      await this.#more(this.#channel);
    } finally {
      this.#loading = false;
    }
    this.sync();
  }

  /** The newest message alone is in the tab order; arrows go from there. */
  #roving() {
    const all = [...this.#views.values()].map((view) => view.node);
    all.forEach((node) => node.setAttribute("tabindex", "-1"));
    this.#list.querySelector(".message:last-of-type[data-message-id]")?.setAttribute("tabindex", "0");
  }

  #keys(event) {
    const node = event.target;
    const all = [...this.#list.querySelectorAll(".message[data-message-id]")];
    if (!node.matches?.(".message")) {
      if (event.key === "Escape" && !node.matches("textarea")) byId("composer").focus();
      if (event.key !== "ArrowUp" || node !== this.#box || !all.length) return;
      all[all.length - 1].focus();
      event.preventDefault();
      return;
    }
    const at = all.indexOf(node);
    const next = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all[all.length - 1] }[event.key];
    if (next) next.focus();
    else if (event.key === "Escape" || event.key === "ArrowDown") byId("composer").focus();
    else if (event.key === "Enter" || event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      this.#acts.menu(this.#views.get(node.dataset.messageId).message, node, node);
    } else return;
    event.preventDefault();
  }

  /** Tells screen readers of a new message, and of one that is being written once it has settled. */
  speak(id) {
    const message = this.#state.log(this.#channel).find(id);
    if (!message || message.author?.id === this.#state.me?.id) return;
    clearTimeout(this.#spoken);
    this.#spoken = setTimeout(() => {
      const alone = isEphemeral(message) ? ", to you alone" : "";
      announce(`${displayName(message.author)}${alone}: ${gist(message, this.#state.lookup, 400)}`);
    }, SETTLED_MS);
  }
}

/** Returns whether a message follows the one before without a new head. */
function groups(before, message) {
  if (!before || before.type in SYSTEM || message.type in SYSTEM || message.type === REPLY) return false;
  if (message.interaction_metadata?.name || message.referenced_message) return false;
  if (isEphemeral(message) !== isEphemeral(before)) return false;
  const same = before.author?.id === message.author?.id && before.author?.username === message.author?.username;
  return same && new Date(message.timestamp) - new Date(before.timestamp) < GROUP_MS;
}

/** Puts nodes in order with as few moves as may be, so that nothing loses its focus. */
function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
}
