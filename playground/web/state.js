/** What this person knows: servers, channels, people, commands, and the log of each channel. */

import { Log } from "./log.js";

export const TEXT = 0;
export const DIRECT = 1;
export const VOICE = 2;
export const CATEGORY = 4;
export const ANNOUNCEMENTS = 5;
export const FORUM = 15;
export const THREADS = new Set([10, 11, 12]);

const TYPING_MS = 10_000;

/**
 * The page's model. It emits `places`, `people`, `bot`, `commands` and `typing` when these changed,
 * `log` with the channel and what changed in it, and `pushed` with each event.
 */
export class State extends EventTarget {
  me = null;
  people = [];
  bot = { username: "The bot", online: false };
  notes = {};
  title = "";
  commands = [];
  current = null;
  /** @type {Map<string, object>} */
  guilds = new Map();
  /** @type {Map<string, object>} */
  channels = new Map();
  /** @type {Map<string, Log>} */
  logs = new Map();
  unread = new Map();
  /** Threads that opened because of this person's own press. */
  fresh = new Set();
  typing = new Map();

  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  on(name, listener) {
    this.addEventListener(name, (event) => listener(event.detail));
  }

  /** Takes in the answer to `hello`; logs are kept but will be read again. */
  greet(hello) {
    Object.assign(this, {
      me: hello.me,
      people: hello.people ?? [],
      bot: hello.bot ?? this.bot,
      notes: hello.notes ?? {},
      title: hello.title ?? "",
      commands: hello.commands ?? [],
    });
    this.guilds.clear();
    this.channels.clear();
    for (const guild of hello.guilds ?? []) this.#addGuild(guild);
    for (const channel of hello.dms ?? []) this.channels.set(channel.id, { ...channel, guild_id: null });
    for (const log of this.logs.values()) log.stale = true;
    for (const name of ["places", "people", "bot", "commands"]) this.tell(name);
  }

  #addGuild(guild) {
    const known = this.guilds.get(guild.id) ?? {};
    this.guilds.set(
      guild.id,
      {
        ...known,
        id: guild.id,
        name: guild.name ?? known.name,
        has_bot: guild.has_bot ?? known.has_bot ?? false,
        roles: guild.roles ?? known.roles ?? [],
        members: guild.members ?? known.members ?? [],
      },
    );
    for (const channel of [...(guild.channels ?? []), ...(guild.threads ?? [])]) this.#putChannel(
      { ...channel, guild_id: guild.id },
    );
  }

  /** Takes in a server as it is now; channels that are not in it any more are gone for this person. */
  #replaceGuild(guild) {
    const left = new Set([...(guild.channels ?? []), ...(guild.threads ?? [])].map((one) => one.id));
    for (const one of [...this.channels.values()]) {
      if (one.guild_id === guild.id && !left.has(one.id)) this.#drop(one.id);
    }
    this.#addGuild(guild);
  }

  #dropGuild(id) {
    this.guilds.delete(id);
    for (const one of [...this.channels.values()]) if (one.guild_id === id) this.#drop(one.id);
  }

  #putChannel(channel) {
    this.channels.set(channel.id, { ...(this.channels.get(channel.id) ?? {}), ...channel });
  }

  /** Takes in one pushed event. */
  apply(event, data) {
    const handler = this.#handlers[event];
    if (handler) handler(data ?? {});
    this.tell("pushed", { event, data: data ?? {} });
  }

  #handlers = {
    GUILD_CREATE: (guild) => this.#changed(() => this.#addGuild(guild)),
    GUILD_UPDATE: (guild) => this.#changed(() => this.#replaceGuild(guild)),
    GUILD_DELETE: ({ id }) => this.#changed(() => this.#dropGuild(id)),
    CHANNEL_CREATE: (channel) => this.#changed(() => this.#putChannel(channel)),
    CHANNEL_UPDATE: (channel) => this.#changed(() => this.#putChannel(channel)),
    CHANNEL_DELETE: (channel) => this.#changed(() => this.#drop(channel.id)),
    THREAD_CREATE: (thread) => this.#changed(() => this.#putChannel(thread)),
    THREAD_UPDATE: (thread) => this.#changed(() => this.#putChannel(thread)),
    THREAD_DELETE: (thread) => this.#changed(() => this.#drop(thread.id)),
    THREAD_LIST_SYNC: ({ threads }) => this.#changed(
      () => (threads ?? []).forEach((thread) => this.#putChannel(thread)),
    ),
    MESSAGE_CREATE: (message) => this.#messageCreated(message),
    MESSAGE_UPDATE: (message) => this.#logged(message.channel_id, (log) => log.update(message)),
    MESSAGE_DELETE: ({ id, channel_id }) => this.#logged(channel_id, (log) => log.remove(id)),
    MESSAGE_DELETE_BULK: ({ ids, channel_id }) => ids.forEach(
      (id) => this.#logged(channel_id, (log) => log.remove(id)),
    ),
    MESSAGE_REACTION_ADD: (reaction) => this.#logged(reaction.channel_id, (log) => log.react(reaction, this.me?.id, 1)),
    MESSAGE_REACTION_REMOVE: (reaction) => this.#logged(
      reaction.channel_id,
      (log) => log.react(reaction, this.me?.id, -1),
    ),
    MESSAGE_REACTION_REMOVE_ALL: ({ channel_id, message_id }) => this.#logged(
      channel_id,
      (log) => log.update({ id: message_id, reactions: [] }),
    ),
    THINKING: (thinking) => this.#logged(thinking.channel_id, (log) => log.think(thinking)),
    INTERACTION_FAILED: ({ interaction_id, channel_id }) => this.#logged(
      channel_id,
      (log) => log.unthink(interaction_id),
    ),
    TYPING_START: ({ channel_id, user_id, member }) => this.#typed(channel_id, user_id, member?.user),
    BOT: ({ online }) => {
      this.bot = { ...this.bot, online };
      this.tell("bot");
    },
    INSTALLED: ({ installed }) => {
      this.me = { ...this.me, installed };
      this.tell("places");
    },
    COMMANDS: (commands) => {
      this.commands = commands;
      this.tell("commands");
    },
  };

  #changed(change) {
    change();
    this.tell("places");
  }

  #drop(id) {
    this.channels.delete(id);
    this.logs.delete(id);
    this.unread.delete(id);
  }

  #logged(channelId, change) {
    const log = this.logs.get(channelId);
    const what = log ? change(log) : null;
    if (what) this.tell("log", { channel: channelId, ...what });
  }

  #messageCreated(message) {
    this.typing.get(message.channel_id)?.delete(message.author?.id);
    this.tell("typing");
    this.#logged(message.channel_id, (log) => log.add(message));
    const away = message.channel_id !== this.current || document.hidden;
    if (away && message.author?.id !== this.me?.id && this.channels.has(message.channel_id)) {
      this.unread.set(message.channel_id, (this.unread.get(message.channel_id) ?? 0) + 1);
      this.tell("places");
    }
  }

  #typed(channel, user, person) {
    if (user === this.me?.id) return;
    if (!this.typing.has(channel)) this.typing.set(channel, new Map());
    this.typing.get(channel).set(
      user,
      { until: Date.now() + TYPING_MS, name: this.userName(user) ?? displayName(person) },
    );
    this.tell("typing");
    setTimeout(() => this.tell("typing"), TYPING_MS + 50);
  }

  /** Returns the names of those who type in a channel now. */
  typists(channel) {
    return [...(this.typing.get(channel)?.values() ?? [])].filter(({ until }) => until > Date.now()).map(
      ({ name }) => name,
    );
  }

  /** Returns the log of a channel, made empty if it was not read yet. */
  log(channelId) {
    if (!this.logs.has(channelId)) this.logs.set(channelId, new Log());
    return this.logs.get(channelId);
  }

  markRead(channelId) {
    const had = this.unread.delete(channelId);
    if (this.fresh.delete(channelId) || had) this.tell("places");
  }

  /** Returns everyone who may be named in a channel: {id, name, username, avatar_url, bot}. */
  peopleIn(channel) {
    const members = this.guilds.get(channel?.guild_id)?.members ?? [];
    const found = new Map();
    const two = channel?.guild_id ? [] : [...(channel?.recipients ?? []), this.me];
    for (const one of [...members, ...two]) {
      const user = one?.user ?? one;
      if (user?.id && !found.has(user.id)) found.set(user.id, { ...user, name: one.nick || displayName(user) });
    }
    return [...found.values()];
  }

  /** Returns the roles of a channel's server. */
  rolesIn(channel) {
    return this.guilds.get(channel?.guild_id)?.roles ?? [];
  }

  /** Returns whether a channel, or the channel that a thread is in, is for adults only. */
  isRestricted(channel) {
    const parent = channel && THREADS.has(channel.type) ? this.channels.get(channel.parent_id) : null;
    return Boolean((parent ?? channel)?.nsfw);
  }

  userName(id) {
    const everyone = [
      this.me,
      this.bot,
      ...this.people,
      ...[...this.guilds.values()].flatMap((guild) => guild.members),
    ];
    const found = everyone.find((one) => (one?.user?.id ?? one?.id) === id);
    return found ? found.nick || displayName(found.user ?? found) : null;
  }

  /** Names by id, as the Markdown of messages asks for them. */
  lookup = {
    user: (id) => this.userName(id),
    role: (id) => this.roleName(id),
    channel: (id) => this.placeName(this.channels.get(id)),
  };

  roleName(id) {
    const roles = [...this.guilds.values()].flatMap((guild) => guild.roles);
    return roles.find((role) => role.id === id)?.name ?? null;
  }

  /** Returns a place's name as a sentence names it: channels with their sign. */
  placeTitle(channel) {
    const name = this.placeName(channel);
    return channel?.guild_id && !THREADS.has(channel.type) ? `#${name}` : name;
  }

  placeName(channel) {
    if (!channel) return null;
    if (channel.name) return channel.name;
    const other = (channel.recipients ?? []).find((one) => one.id !== this.me?.id);
    return displayName(other ?? this.bot);
  }
}

/** Returns the name by which a user is shown. */
export function displayName(user) {
  return user?.global_name || user?.username || "Someone";
}
