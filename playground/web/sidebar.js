/** The left side: servers with channels and threads, direct messages, and who you are. */

import { avatar } from "./avatars.js";
import { byId, h, icon } from "./dom.js";
import { placeHref } from "./links.js";
import { byAge } from "./log.js";
import { openMenu } from "./menu.js";
import { ANNOUNCEMENTS, CATEGORY, displayName, FORUM, TEXT, THREADS, VOICE } from "./state.js";

/** Draws the places and tells where the reader is. */
export class Sidebar {
  #state;
  #openDirect;
  #box = byId("places");
  #archivesOpen = new Set();

  /** @param {() => void} openDirect opens the direct messages with the bot. */
  constructor(state, openDirect) {
    this.#state = state;
    this.#openDirect = openDirect;
    for (const event of ["places", "people", "bot"]) state.on(event, () => this.draw());
  }

  draw() {
    const focused = this.#box.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const top = this.#box.scrollTop;
    const guilds = [...this.#state.guilds.values()].map((guild) => this.#guild(guild));
    this.#box.replaceChildren(...guilds, this.#directs());
    this.#box.scrollTop = top;
    if (focused) this.#refocus(focused);
    this.#drawMe();
    const waiting = [...this.#state.unread.values()].reduce((sum, count) => sum + count, 0);
    byId("drawer-button").classList.toggle("has-news", waiting > 0);
  }

  /** Puts the focus back where it was: there, on the closed list that took it in, or on the open place. */
  #refocus(key) {
    const same = this.#box.querySelector(`[data-focus="${key}"]`);
    const shown = same?.checkVisibility() ? same : same?.closest("details")?.querySelector("summary");
    const place = shown ?? this.#box.querySelector("[aria-current]") ?? this.#box.querySelector("a, button");
    place?.focus({ preventScroll: true });
  }

  #guild(guild) {
    const channels = [...this.#state.channels.values()].filter((one) => one.guild_id === guild.id);
    const tops = channels.filter((one) => !THREADS.has(one.type)).sort(byPosition);
    const loose = tops.filter((one) => one.type !== CATEGORY && !tops.some((other) => other.id === one.parent_id));
    const list = h("ul", { class: "channel-list" }, loose.map((one) => this.#channel(one, channels)));
    for (const category of tops.filter((one) => one.type === CATEGORY)) {
      const inside = tops.filter((one) => one.parent_id === category.id);
      if (!inside.length) continue;
      const rows = inside.map((one) => this.#channel(one, channels));
      const title = h("div", { class: "category" }, category.name);
      list.append(h("li", {}, title, h("ul", { class: "channel-list" }, rows)));
    }
    return h("section", { class: "guild", "aria-label": guild.name }, h("h2", {}, guild.name), list);
  }

  #channel(channel, all) {
    const inside = all.filter((one) => one.parent_id === channel.id && THREADS.has(one.type));
    const threads = inside.sort((a, b) => byAge(b.id, a.id));
    const archived = threads.filter((one) => one.thread_metadata?.archived && one.id !== this.#state.current);
    const live = threads.filter((one) => !archived.includes(one));
    return h(
      "li",
      {},
      this.#link(channel),
      live.length ? h("ul", { class: "thread-list" }, live.map((thread) => h("li", {}, this.#link(thread)))) : null,
      archived.length ? this.#archive(channel, archived) : null,
    );
  }

  #archive(channel, threads) {
    const details = h(
      "details",
      { class: "archive", open: this.#archivesOpen.has(channel.id) },
      h("summary", { "data-focus": `archive-${channel.id}` }, `${threads.length} archived`),
      h("ul", { class: "thread-list" }, threads.map((thread) => h("li", {}, this.#link(thread)))),
    );
    details.addEventListener(
      "toggle",
      () => (details.open ? this.#archivesOpen.add(channel.id) : this.#archivesOpen.delete(channel.id)),
    );
    return details;
  }

  #link(channel) {
    const { unread, fresh, current } = this.#state;
    const count = unread.get(channel.id) ?? 0;
    const name = this.#state.placeName(channel);
    const isNew = fresh.has(channel.id);
    const restricted = this.#state.isRestricted(channel);
    const facts = [name, restricted && "age-restricted", count && `${count} unread`, isNew && "new for you"];
    const label = facts.filter(Boolean).join(", ");
    const number = count ? h("span", { class: "pip" }, count > 99 ? "99+" : String(count)) : null;
    const news = isNew ? h("span", { class: "pip new" }, "new") : number;
    return h(
      "a",
      {
        class: count || isNew ? "place unread" : "place",
        href: placeHref(channel.id),
        "data-channel-id": channel.id,
        "data-focus": channel.id,
        "aria-label": label,
        "aria-current": channel.id === current ? "page" : null,
      },
      icon(signOf(channel)),
      h("span", { class: "place-name" }, name),
      restricted ? adultsOnly() : null,
      news,
    );
  }

  #directs() {
    const { bot, channels } = this.#state;
    const directs = [...channels.values()].filter((one) => !one.guild_id);
    const known = directs.some((one) => (one.recipients ?? []).some((other) => other.id === bot.id));
    const start = known ? null : h(
      "button",
      { type: "button", class: "place", "data-focus": "direct", onclick: () => this.#openDirect() },
      icon("direct"),
      h("span", { class: "place-name" }, `Write to ${displayName(bot)}`),
    );
    return h(
      "section",
      { class: "guild", "aria-label": "Direct messages" },
      h("h2", {}, "Direct messages"),
      h(
        "ul",
        { class: "channel-list" },
        directs.map((one) => h("li", {}, this.#link(one))),
        start ? h("li", {}, start) : null,
      ),
    );
  }

  #drawMe() {
    const { me, people } = this.#state;
    if (!me) return;
    const button = h(
      "button",
      {
        type: "button",
        class: "me-button",
        "aria-haspopup": "menu",
        "aria-label": `You are ${displayName(me)}. Be someone else`,
      },
      avatar(me),
      h(
        "span",
        { class: "me-words" },
        h("b", {}, displayName(me)),
        h("small", {}, standing(me)),
      ),
      h("span", { class: "me-switch" }, "Switch"),
    );
    button.addEventListener("click", () => this.#choosePerson(button, people));
    const had = byId("me").contains(document.activeElement);
    byId("me").replaceChildren(button);
    if (had) button.focus();
  }

  #choosePerson(button, people) {
    const { me } = this.#state;
    const address = (person) => `?person=${encodeURIComponent(person.username)}${location.hash}`;
    const others = people.filter((person) => person.id !== me.id);
    const row = (person, run) => ({
      label: displayName(person),
      detail: standing(person),
      avatar: avatar(person),
      run,
    });
    const apart = (person) => window.open(address(person), "_blank", "noopener");
    openMenu(
      button,
      [
        { heading: "Be someone else here" },
        ...others.map((person) => row(person, () => location.assign(address(person)))),
        { heading: "Open another window as" },
        ...others.map((person) => ({ label: displayName(person), icon: "out", run: () => apart(person) })),
      ],
      { label: "People" },
    );
  }
}

function standing(person) {
  return person.admin ? "runs this server" : `@${person.username}`;
}

/** Returns the mark of a channel for adults only. */
export function adultsOnly() {
  return h(
    "span",
    { class: "tag", title: "Age-restricted: for adults only" },
    h("span", { "aria-hidden": "true" }, "18+"),
    h("span", { class: "sr-only" }, "Age-restricted: for adults only"),
  );
}

/** Returns the sign of a channel's kind. */
export function signOf(channel) {
  if (!channel) return "channel";
  if (channel.type === FORUM) return "forum";
  if (channel.type === VOICE) return "voice";
  if (channel.type === 12) return "lock";
  if (THREADS.has(channel.type)) return "thread";
  return channel.type === TEXT || channel.type === ANNOUNCEMENTS ? "channel" : "direct";
}

function byPosition(one, other) {
  return (one.position ?? 0) - (other.position ?? 0) || byAge(one.id, other.id);
}
