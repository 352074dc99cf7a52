/** One channel's messages as this person sees them, oldest first. */

import { isEphemeral, isLoading } from "./kinds.js";

/** Returns below zero when the first snowflake is older. */
export function byAge(one, other) {
  return one.length - other.length || (one < other ? -1 : Number(one > other));
}

/** The messages of a channel; each change returns what the view has to redraw, or null. */
export class Log {
  messages = [];
  thinking = [];
  more = false;
  stale = true;

  find(id) {
    return this.messages.find((message) => message.id === id) ?? null;
  }

  /** Takes in a page of history; what was sent to this person alone is not in it and stays. */
  fill({ messages, more }) {
    const kept = this.messages.filter(isEphemeral);
    const ids = new Set(messages.map((message) => message.id));
    this.messages = [...messages, ...kept.filter((message) => !ids.has(message.id))].sort((a, b) => byAge(a.id, b.id));
    this.more = Boolean(more);
    this.thinking = [];
    this.stale = false;
  }

  /** Takes in an older page, before everything there is. */
  fillBefore({ messages, more }) {
    const ids = new Set(this.messages.map((message) => message.id));
    this.messages = [...messages.filter((message) => !ids.has(message.id)), ...this.messages];
    this.more = Boolean(more);
  }

  add(message) {
    this.#answered(message);
    if (this.find(message.id)) return this.update(message);
    this.messages.push(message);
    const last = this.messages.length - 1;
    if (last > 0 && byAge(this.messages[last - 1].id, message.id) > 0) this.messages.sort((a, b) => byAge(a.id, b.id));
    return { added: message.id };
  }

  update(change) {
    const message = this.find(change.id);
    if (!message) return null;
    Object.assign(message, change);
    this.#answered(message);
    return { changed: message.id };
  }

  remove(id) {
    const waiting = this.thinking.length;
    this.thinking = this.thinking.filter((one) => one.message_id !== id);
    const at = this.messages.findIndex((message) => message.id === id);
    if (at < 0) return waiting === this.thinking.length ? null : { thinking: true };
    this.messages.splice(at, 1);
    return { removed: id };
  }

  react({ message_id, emoji, user_id }, me, step) {
    const message = this.find(message_id);
    if (!message) return null;
    const reactions = (message.reactions ?? []).map((one) => ({ ...one }));
    let found = reactions.find((one) => one.emoji.name === emoji.name && (one.emoji.id ?? null) === (emoji.id ?? null));
    if (!found) reactions.push((found = { emoji, count: 0, me: false }));
    found.count += step;
    if (user_id === me) found.me = step > 0;
    message.reactions = reactions.filter((one) => one.count > 0);
    return { changed: message_id };
  }

  think(thinking) {
    this.thinking.push(thinking);
    return { thinking: true };
  }

  unthink(interactionId) {
    const before = this.thinking.length;
    this.thinking = this.thinking.filter((one) => one.interaction_id !== interactionId);
    return before === this.thinking.length ? null : { thinking: true };
  }

  #answered(message) {
    if (isLoading(message)) return;
    const id = message.interaction_metadata?.id ?? message.interaction?.id;
    this.thinking = this.thinking.filter((one) => one.message_id !== message.id && (!id || one.interaction_id !== id));
  }
}
