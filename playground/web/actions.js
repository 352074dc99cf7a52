/** What can be done with a message and with a person. */

import { h } from "./dom.js";
import { entities } from "./fields.js";
import { usableIn } from "./commands.js";
import { appItems, openMenu, openReactions } from "./menu.js";
import { byWebhook, isEphemeral } from "./kinds.js";
import { toast } from "./popup.js";
import { displayName } from "./state.js";

const BUSY_MS = 1_500;

/** Carries out presses, choices, reactions and menus. `composer` and `list` are set once they exist. */
export class Actions {
  #state;
  #connection;
  #pressed;
  composer = null;
  list = null;

  /** @param {() => void} pressed is told of each interaction that is started. */
  constructor({ state, connection, pressed }) {
    this.#state = state;
    this.#connection = connection;
    this.#pressed = pressed;
  }

  /** Asks the server; says in a notice what it refuses. Returns the result, or undefined. */
  async ask(action, fields) {
    try {
      return (await this.#connection.request(action, fields)) ?? {};
    } catch (error) {
      toast(error.message);
      return undefined;
    }
  }

  async #interact(action, fields) {
    this.#pressed();
    await this.ask(action, fields);
  }

  async press(message, component, button) {
    button.setAttribute("aria-busy", "true");
    const release = () => button.removeAttribute("aria-busy");
    setTimeout(release, BUSY_MS);
    this.#state.addEventListener("log", release, { once: true });
    await this.#interact("click", { ...at(message), custom_id: component.custom_id });
  }

  choose(message, component, values) {
    return this.#interact("select", { ...at(message), custom_id: component.custom_id, values });
  }

  optionsFor(_message, component) {
    return entities(component, this.#state);
  }

  reply(message) {
    this.composer.reply(message);
  }

  toggleReaction(message, emoji, mine) {
    const name = emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name;
    return this.ask(mine ? "unreact" : "react", { ...at(message), emoji: name });
  }

  pickReaction(message, anchor) {
    openReactions(
      anchor,
      (emoji) => this.ask("react", { ...at(message), emoji }),
      anchor instanceof HTMLElement ? anchor : undefined,
    );
  }

  dismiss(message) {
    const change = this.#state.log(message.channel_id).remove(message.id);
    if (change) this.#state.tell("log", { channel: message.channel_id, ...change });
    this.composer.field.focus();
  }

  edit(message) {
    this.list.view(message.id)?.edit(async (content) => {
      if (!content) {
        this.remove(message);
        return true;
      }
      if (content === message.content) return true;
      return (await this.ask("edit", { ...at(message), content })) !== undefined;
    });
  }

  /** Opens the newest own message for editing; returns whether there is one. */
  editLast() {
    const isMine = (message) => message.author?.id === this.#state.me?.id && !message.webhook_id;
    const mine = this.#state.log(this.#state.current).messages.filter(isMine);
    if (mine.length) this.edit(mine[mine.length - 1]);
    return mine.length > 0;
  }

  async remove(message) {
    if (await confirmed("Delete this message?", "It goes for everyone who can see it.", "Delete")) await this.ask(
      "delete",
      at(message),
    );
  }

  menu(message, anchor, returnTo) {
    const mine = message.author?.id === this.#state.me?.id && !message.webhook_id;
    const shared = !isEphemeral(message);
    const node = this.list.view(message.id)?.node;
    const use = (command) => this.#interact("menu", { ...at(message), command: command.name });
    const items = [
      shared && { label: "Reply", icon: "reply", run: () => this.reply(message) },
      shared && { label: "React", icon: "smile", run: () => this.pickReaction(message, returnTo ?? node) },
      mine && { label: "Edit", icon: "edit", run: () => this.edit(message) },
      message.content && {
        label: "Copy text",
        icon: "copy",
        run: () => navigator.clipboard?.writeText(message.content),
      },
      !shared && { label: "Dismiss", icon: "close", run: () => this.dismiss(message) },
      shared && (mine || this.#state.me?.admin) && {
        label: "Delete",
        icon: "trash",
        danger: true,
        run: () => this.remove(message),
      },
      ...(shared ? appItems(this.#usable(message), 3, use) : []),
    ];
    openMenu(anchor, items.filter(Boolean), { label: "Message", returnTo });
  }

  userMenu(message, anchor) {
    const user = message.author;
    const items = [{ label: `Mention ${displayName(user)}`, icon: "direct", run: () => this.composer.mention(user) }];
    if (user.id !== this.#state.me?.id) items.push(
      { label: `Write to ${displayName(user)}`, icon: "direct", run: () => this.openDirect(user) },
    );
    if (user.id === this.#state.bot.id) items.push(this.#installItem(user));
    const fields = (command) => ({ channel_id: message.channel_id, user_id: user.id, command: command.name });
    if (byWebhook(message)) items.length = 0;
    if (!byWebhook(message)) items.push(
      ...appItems(this.#usable(message), 2, (command) => this.#interact("user_menu", fields(command))),
    );
    if (items.length) openMenu(anchor, items, { label: displayName(user), returnTo: anchor });
    else this.menu(message, anchor, anchor);
  }

  #usable(message) {
    return usableIn(this.#state, this.#state.channels.get(message.channel_id));
  }

  /** Returns the menu item that adds the application to this person's account, or takes it off again. */
  #installItem(app) {
    const installed = Boolean(this.#state.me?.installed);
    return {
      label: installed ? `Remove ${displayName(app)} from my apps` : `Add ${displayName(app)} to my apps`,
      detail: installed ? "It stays where servers have it" : "Then it goes wherever you go",
      icon: "app",
      run: () => this.ask("install", { installed: !installed }),
    };
  }

  /** Opens the direct messages with someone, or with the bot. */
  async openDirect(user) {
    const channel = await this.ask("open_dm", user ? { user_id: user.id } : {});
    if (!channel?.id) return;
    this.#state.apply("CHANNEL_CREATE", { ...channel, guild_id: null });
    location.hash = `c=${channel.id}`;
  }
}

function at(message) {
  return { channel_id: message.channel_id, message_id: message.id };
}

/** Asks before something that cannot be taken back; resolves with the answer. */
export function confirmed(title, words, label) {
  return new Promise((resolve) => {
    const returnTo = document.activeElement;
    const yes = h("button", { type: "button", class: "solid danger", onclick: () => dialog.close("yes") }, label);
    const no = h("button", { type: "button", class: "quiet", onclick: () => dialog.close("") }, "Cancel");
    const dialog = h(
      "dialog",
      { class: "dialog small", "aria-label": title },
      h(
        "div",
        { class: "dialog-form" },
        h("header", { class: "dialog-head" }, h("h2", {}, title)),
        h("div", { class: "dialog-body" }, h("p", {}, words)),
        h("footer", { class: "dialog-foot" }, no, yes),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (returnTo?.isConnected) returnTo.focus();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
