/** One message on the page; changing it redraws only the parts that changed. */

import { avatar } from "./avatars.js";
import { renderComponents } from "./components.js";
import { h, icon } from "./dom.js";
import { editIn } from "./editing.js";
import { attachments, embed } from "./embeds.js";
import { gist } from "./gist.js";
import { byWebhook, isEphemeral, isLoading, shownEmbeds, SYSTEM } from "./kinds.js";
import { placeHref } from "./links.js";
import { renderMarkdown } from "./markdown.js";
import { displayName } from "./state.js";
import { inWords, timeNode } from "./time.js";

const SLOTS = [
  "used", "reply", "header", "content", "attachments", "embeds", "components", "thread", "reactions", "foot",
];

/** A message's place in the list. `acts` is what can be done with it (see actions.js). */
export class MessageView {
  #slots = {};
  #keys = {};
  #state;
  #acts;
  message;

  constructor(message, state, acts) {
    this.#state = state;
    this.#acts = acts;
    this.message = message;
    this.node = h("article", { class: "message", "data-message-id": message.id, tabindex: "-1" });
    const gutter = (this.#slots.gutter = h("div", { class: "gutter" }));
    const body = h("div", { class: "body" });
    for (const name of SLOTS) {
      body.append((this.#slots[name] = h("div", { class: `slot-${name}`, hidden: true })));
    }
    this.node.append(gutter, body, this.#tools());
    this.node.addEventListener("contextmenu", (event) => {
      if (event.target.closest("a, textarea") || window.getSelection()?.toString()) return;
      event.preventDefault();
      this.#acts.menu(
        this.message,
        event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : this.node,
        this.node,
      );
    });
  }

  #tools() {
    const tool = (name, label, run) => h(
      "button",
      {
        type: "button",
        class: "quiet icon-only tool",
        "aria-label": label,
        title: label,
        onclick: (event) => run(event.currentTarget),
      },
      icon(name),
    );
    return h(
      "div",
      { class: "tools" },
      h(
        "span",
        { class: "tools-more" },
        tool("smile", "React", (button) => this.#acts.pickReaction(this.message, button)),
        tool("reply", "Reply", () => this.#acts.reply(this.message)),
      ),
      tool("dots", "Message actions", (button) => this.#acts.menu(this.message, button, button)),
    );
  }

  /** Draws the message; `grouped` follows one of the same author. */
  update(message, { grouped }) {
    this.message = message;
    const { lookup } = this.#state;
    const system = message.type in SYSTEM;
    this.node.classList.toggle("grouped", grouped);
    this.node.classList.toggle("ephemeral", isEphemeral(message));
    this.node.classList.toggle("system", system);
    this.node.classList.toggle("named-me", (message.mentions ?? []).some((user) => user.id === this.#state.me?.id));
    this.node.setAttribute(
      "aria-label",
      `${displayName(message.author)}, ${inWords(new Date(message.timestamp), "t")}: ${gist(message, lookup, 200)}`,
    );
    this.#slot("gutter", [grouped || system, message.author, message.timestamp], () => this.#gutter(grouped, system));
    this.#slot("used", message.interaction_metadata ?? null, () => this.#used());
    this.#slot("reply", [message.message_reference, message.referenced_message, message.type], () => this.#reply());
    this.#slot(
      "header",
      grouped || system ? null : [message.author, message.webhook_id, message.timestamp],
      () => this.#header(),
    );
    if (!this.node.classList.contains("editing")) {
      this.#slot(
        "content",
        [message.content, message.edited_timestamp, message.flags, message.type, message.poll],
        () => this.#content(lookup),
      );
    }
    this.#slot("attachments", this.#loose(), () => attachments(this.#loose()));
    const embeds = shownEmbeds(message);
    this.#slot("embeds", embeds, () => embeds.map((one) => embed(one, lookup)));
    this.#slot("components", message.components ?? [], () => renderComponents(message.components, this.#context()));
    this.#slot("thread", message.thread ?? null, () => this.#thread(message.thread));
    this.#slot("reactions", message.reactions ?? [], () => this.#reactions());
    this.#slot("foot", isEphemeral(message), () => this.#foot());
  }

  /** Redraws one part if what it shows is new, and gives the focus back to the same control. */
  #slot(name, shown, build) {
    const key = JSON.stringify(shown);
    if (this.#keys[name] === key) return;
    this.#keys[name] = key;
    const slot = this.#slots[name];
    const focused = slot.contains(document.activeElement) ? document.activeElement : null;
    const empty = !shown || (Array.isArray(shown) && shown.length === 0);
    slot.replaceChildren(...(empty ? [] : [build()].flat().filter(Boolean)));
    slot.hidden = !slot.hasChildNodes();
    if (!focused) return;
    const wanted = focused.dataset.focus;
    const keys = wanted ? [...slot.querySelectorAll("[data-focus]")] : [];
    const again = keys.find((node) => node.dataset.focus === wanted && !node.disabled);
    (again ?? this.node).focus({ preventScroll: true });
  }

  #gutter(grouped, system) {
    if (system) return icon("thread");
    const time = inWords(new Date(this.message.timestamp), "brief");
    if (grouped) return h("span", { class: "brief-time", "aria-hidden": "true" }, time);
    const node = avatar(this.message.author);
    node.addEventListener("click", (event) => this.#acts.userMenu(this.message, event.currentTarget));
    return node;
  }

  #header() {
    const { author, timestamp } = this.message;
    const webhook = byWebhook(this.message);
    const app = author?.bot ? ["app", "An app, not a person"] : null;
    const badge = webhook ? ["via app", "Spoken by an app under this name"] : app;
    return [
      h(
        "button",
        {
          type: "button",
          class: "author",
          "data-focus": "author",
          onclick: (event) => this.#acts.userMenu(this.message, event.currentTarget),
        },
        displayName(author),
      ),
      badge ? h("span", { class: webhook ? "badge voice" : "badge", title: badge[1] }, badge[0]) : null,
      timeNode(new Date(timestamp), isToday(timestamp) ? "t" : "s"),
    ];
  }

  #used() {
    const { user, name, command_type: type = 1 } = this.message.interaction_metadata;
    if (!name) return null;
    const command =
      type === 1
        ? h("button", { type: "button", class: "mention", "data-command": name }, `/${name}`)
        : h("span", { class: "mention" }, name);
    return [icon("reply"), h("span", {}, h("b", {}, displayName(user)), " used ", command)];
  }

  #reply() {
    const { referenced_message: original, message_reference: reference, type } = this.message;
    if (type !== 19 && !(original && type !== 21)) return null;
    if (!original) return [icon("reply"), h("span", { class: "muted" }, "An earlier message that is no longer there")];
    const words = gist(original, this.#state.lookup);
    const place = placeHref(reference?.channel_id ?? this.message.channel_id, original.id);
    return [
      icon("reply"),
      h("a", { href: place, class: "reply-link" }, h("b", {}, displayName(original.author)), h("span", {}, words)),
    ];
  }

  #content(lookup) {
    const { type, content, edited_timestamp: edited } = this.message;
    if (isLoading(this.message) && !content) return waiting(displayName(this.message.author));
    if (type in SYSTEM) {
      const author = h("b", {}, displayName(this.message.author));
      return h("div", { class: "markdown" }, author, ` ${SYSTEM[type]} `, type === 18 ? h("em", {}, content) : null);
    }
    if (!content) return null;
    const body = h(
      "div",
      { class: onlyEmoji(content) ? "markdown large" : "markdown" },
      renderMarkdown(content, lookup),
    );
    if (edited) lastLine(body).append(
      h("span", { class: "edited", title: inWords(new Date(edited), "F") }, " (edited)"),
    );
    return body;
  }

  /** Attachments that no component of the message shows. */
  #loose() {
    const shown = JSON.stringify(this.message.components ?? []);
    return (this.message.attachments ?? []).filter(
      (one) => !shown.includes(one.url) && !shown.includes(`attachment://${one.filename}"`),
    );
  }

  #context() {
    return {
      lookup: this.#state.lookup,
      attachments: this.message.attachments ?? [],
      options: (component) => this.#acts.optionsFor(this.message, component),
      press: (component, button) => this.#acts.press(this.message, component, button),
      choose: (component, values) => this.#acts.choose(this.message, component, values),
    };
  }

  #thread(thread) {
    const name = this.#state.channels.get(thread.id)?.name ?? thread.name;
    return h(
      "a",
      { class: "thread-card", href: placeHref(thread.id), "data-channel-id": thread.id },
      icon("thread"),
      h("span", {}, name),
      h("small", {}, "Go to the thread"),
    );
  }

  #reactions() {
    return this.message.reactions.map(({ emoji, count, me }) => {
      const name = emoji.id ? `:${emoji.name}:` : emoji.name;
      const label = `${name}, ${count}${me ? ", yours" : ""}`;
      return h(
        "button",
        {
          type: "button",
          class: "reaction",
          "data-focus": `reaction-${name}`,
          "aria-pressed": String(Boolean(me)),
          "aria-label": label,
          onclick: () => this.#acts.toggleReaction(this.message, emoji, me),
        },
        name,
        h("span", {}, String(count)),
      );
    });
  }

  #foot() {
    return [
      icon("eye"),
      h("span", {}, "Only you can see this"),
      h("button", { type: "button", class: "linklike", onclick: () => this.#acts.dismiss(this.message) }, "Dismiss"),
    ];
  }

  /** Turns the words into a field; `save` returns a promise, Escape leaves them as they were. */
  edit(save) {
    const done = () => {
      this.node.classList.remove("editing");
      this.#keys.content = null;
      this.update(this.message, { grouped: this.node.classList.contains("grouped") });
      document.getElementById("composer").focus();
    };
    this.node.classList.add("editing");
    editIn(this.#slots.content, this.message.content, { save, done });
  }
}

/** Returns "… is thinking" with its moving dots. */
export function waiting(name) {
  return h(
    "div",
    { class: "waiting" },
    h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
    `${name} is thinking…`,
  );
}

/** Returns the block in which rendered words end: of a list, its last item. */
function lastLine(body) {
  let last = body.lastElementChild ?? body;
  while (last.matches("ul, ol") && last.lastElementChild) last = last.lastElementChild;
  return last;
}

function isToday(timestamp) {
  return new Date(timestamp).toDateString() === new Date().toDateString();
}

function onlyEmoji(content) {
  return /^(?:\p{Extended_Pictographic}|\u200d|\ufe0f|\s){1,12}$/u.test(content);
}
