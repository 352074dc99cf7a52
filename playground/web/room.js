/** The open channel: its head, its beginning, who types, and the thread that was just opened. */

import { usableIn } from "./commands.js";
import { byId, h, icon } from "./dom.js";
import { placeHref } from "./links.js";
import { byAge } from "./log.js";
import { renderMarkdown } from "./markdown.js";
import { adultsOnly, signOf } from "./sidebar.js";
import { displayName, FORUM, THREADS } from "./state.js";

const FIRST = "/character pick";

/** Draws what stands around the messages. */
export class Room {
  #state;
  #fill;

  /** @param {(text: string) => void} fill puts text into the composer. */
  constructor(state, fill) {
    this.#state = state;
    this.#fill = fill;
    state.on("typing", () => this.drawTyping());
  }

  get channel() {
    return this.#state.channels.get(this.#state.current) ?? null;
  }

  /** Draws the head and the beginning of the channel. */
  draw() {
    const { channel } = this;
    const name = channel ? this.#state.placeName(channel) : "Nothing here";
    byId("room-icon").replaceChildren(icon(signOf(channel)));
    byId("room-name").textContent = name;
    byId("log").setAttribute("aria-label", `Messages in ${name}`);
    document.title = `${name} · ${this.#state.title || "Dramatis playground"}`;
    byId("room-topic").replaceChildren(
      ...(channel?.topic ? [renderMarkdown(channel.topic, this.#state.lookup)] : []),
      ...this.#parent(channel),
    );
    const tags = [
      channel?.type === 12 && "private",
      channel?.thread_metadata?.archived && "archived: a message wakes it",
      channel?.thread_metadata?.locked && "locked",
    ];
    byId("room-tags").replaceChildren(
      ...(this.#state.isRestricted(channel) ? [adultsOnly()] : []),
      ...tags.filter(Boolean).map((tag) => h("span", { class: "tag" }, tag)),
    );
    this.drawStart();
    this.drawTyping();
  }

  #parent(channel) {
    const parent = channel && THREADS.has(channel.type) ? this.#state.channels.get(channel.parent_id) : null;
    if (!parent) return [];
    const attributes = { class: "crumb", href: placeHref(parent.id), "data-channel-id": parent.id };
    return [h("a", attributes, `in #${parent.name}`)];
  }

  /** Draws what stands before the first message: a hint in an empty channel, the posts of a forum. */
  drawStart() {
    const { channel } = this;
    const box = byId("log-start");
    const log = channel ? this.#state.log(channel.id) : null;
    box.classList.toggle("alone", Boolean(log && !log.messages.length));
    if (!channel) box.replaceChildren(h("p", {}, "There is no channel that you can see."));
    else if (channel.type === FORUM) box.replaceChildren(...this.#posts(channel));
    else if (log.stale || log.more) box.replaceChildren();
    else if (log.messages.length) box.replaceChildren(h("p", { class: "beginning" }, this.#beginning(channel)));
    else box.replaceChildren(...this.#hint(channel));
  }

  #beginning(channel) {
    if (channel.guild_id) return `This is where ${this.#state.placeTitle(channel)} begins.`;
    return `This is the beginning of your talk with ${this.#state.placeName(channel)}.`;
  }

  #hint(channel) {
    const usable = usableIn(this.#state, channel);
    const known = usable.some((command) => command.name === "character");
    const where = channel.guild_id ? "a thread of your own opens for the two of you" : "it speaks with you right here";
    const bot = displayName(this.#state.bot);
    const words = known
      ? `${bot} brings characters to play with. Pick one, and ${where}.`
      : usable.length ? "Write something, or type / to see what can be done here." : "Write something.";
    const title = channel.guild_id
      ? `Nothing has been said in ${this.#state.placeTitle(channel)} yet`
      : `Just you and ${this.#state.placeName(channel)}`;
    const start = h(
      "button",
      { type: "button", class: "solid", onclick: () => this.#fill(known ? FIRST : "/") },
      known ? `Try ${FIRST}` : "Show the commands",
    );
    return [
      h("img", { src: "/static/mark.svg", alt: "", width: "56", height: "56" }),
      h("h2", {}, title),
      h("p", {}, words),
      channel.can_send === false || !usable.length ? "" : start,
    ];
  }

  #posts(channel) {
    const posts = [...this.#state.channels.values()].filter((one) => one.parent_id === channel.id).sort(
      (a, b) => byAge(b.id, a.id),
    );
    if (!posts.length) return [h("h2", {}, "No posts yet"), h("p", {}, "Posts of this forum will stand here.")];
    const row = (post) => h(
      "li",
      {},
      h(
        "a",
        { class: "post", href: placeHref(post.id), "data-channel-id": post.id },
        icon("thread"),
        h("span", {}, post.name),
        post.message_count ? h("small", {}, `${post.message_count} messages`) : null,
      ),
    );
    return [h("ul", { class: "posts" }, posts.map(row))];
  }

  drawTyping() {
    const names = this.#state.typists(this.#state.current);
    const few = `${names.join(" and ")} ${names.length > 1 ? "are" : "is"}`;
    const words = names.length ? `${names.length > 2 ? "Several people are" : few} typing…` : "";
    if (byId("typing").textContent !== words) byId("typing").textContent = words;
  }

  /** Says that a thread opened because of this person's press, with a way there. */
  offerThread(thread) {
    const box = byId("thread-notice");
    const close = () => {
      box.hidden = true;
    };
    const go = h(
      "a",
      { class: "solid small", href: placeHref(thread.id), "data-channel-id": thread.id, onclick: close },
      "Go to the thread",
    );
    const shut = h(
      "button",
      { type: "button", class: "quiet icon-only", "aria-label": "Stay here", onclick: close },
      icon("close"),
    );
    box.replaceChildren(
      icon("thread"),
      h("span", { class: "bar-words" }, "A thread opened for you: ", h("b", {}, thread.name)),
      go,
      shut,
    );
    box.dataset.thread = thread.id;
    box.hidden = false;
  }

  /** Takes the notice away, once its thread is open. */
  settleThread(channelId) {
    const box = byId("thread-notice");
    if (box.dataset.thread === channelId) box.hidden = true;
  }
}
