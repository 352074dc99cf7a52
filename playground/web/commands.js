/** Slash commands as a person finds them: flattened, filtered, and their values checked. */

import { DIRECT } from "./state.js";

export const KIND = {
  SUBCOMMAND: 1,
  GROUP: 2,
  STRING: 3,
  INTEGER: 4,
  BOOLEAN: 5,
  USER: 6,
  CHANNEL: 7,
  ROLE: 8,
  MENTIONABLE: 9,
  NUMBER: 10,
  ATTACHMENT: 11,
};

/** Returns every chat command with its whole name, as {path, description, options}, required options first. */
export function flatten(commands) {
  const found = [];
  const walk = (node, path) => {
    const inner = (node.options ?? []).filter((option) => option.type <= KIND.GROUP);
    if (inner.length) inner.forEach((option) => walk(option, `${path} ${option.name}`));
    else found.push({ path, description: node.description ?? "", options: byNeed(node.options ?? []) });
  };
  for (const command of commands) if ((command.type ?? 1) === 1) walk(command, command.name);
  return found;
}

function byNeed(options) {
  return [...options.filter((option) => option.required), ...options.filter((option) => !option.required)];
}

const IN_SERVER = 0;
const WITH_BOT = 1;
const IN_PRIVATE = 2;
const ADMINISTRATOR = 1n << 3n;

/** Returns the commands that this person may use in a channel, as the server would let them. */
export function usableIn(state, channel) {
  if (!channel) return [];
  const place = placeOf(state, channel);
  const guild = state.guilds.get(channel.guild_id);
  const home = place === WITH_BOT ? [...state.guilds.values()].some((one) => one.has_bot) : Boolean(guild?.has_bot);
  return state.commands.filter((command) => {
    if (command.guild_id && command.guild_id !== channel.guild_id) return false;
    if (command.contexts ? !command.contexts.includes(place) : place && command.dm_permission === false) return false;
    const types = command.guild_id ? [0] : command.integration_types ?? [0];
    if (!(home && types.includes(0)) && !(state.me?.installed && types.includes(1))) return false;
    if (command.nsfw && channel.type !== DIRECT && !state.isRestricted(channel)) return false;
    return !channel.guild_id || isAllowed(command, BigInt(channel.permissions ?? 0));
  });
}

function placeOf(state, channel) {
  if (channel.guild_id) return IN_SERVER;
  return (channel.recipients ?? []).some((one) => one.id === state.bot.id) ? WITH_BOT : IN_PRIVATE;
}

/** Returns whether a person of those permissions is offered a command; "0" asks for an administrator. */
function isAllowed({ default_member_permissions: wanted }, has) {
  if (wanted === null || wanted === undefined || has & ADMINISTRATOR) return true;
  const needed = BigInt(wanted);
  return needed !== 0n && (has & needed) === needed;
}

/** Returns the flattened commands that a typed beginning may mean, best first. */
export function matching(flat, typed) {
  const query = typed.trim().toLowerCase();
  if (!query) return flat;
  const words = query.split(/\s+/);
  const rank = ({ path, description }) => {
    if (path.startsWith(query)) return 0;
    const parts = path.split(" ");
    if (words.every((word) => parts.some((part) => part.startsWith(word)))) return 1;
    if (words.every((word) => path.includes(word))) return 2;
    return words.every((word) => description.toLowerCase().includes(word)) ? 3 : 4;
  };
  return flat
    .map((command, at) => ({ command, at, rank: rank(command) }))
    .filter((one) => one.rank < 4)
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map((one) => one.command);
}

/** Returns the fixed choices of an option as {name, value}, or null where it is free text. */
export function choicesOf(option, state, channel) {
  if (option.choices?.length) return option.choices;
  switch (option.type) {
    case KIND.BOOLEAN:
      return [{ name: "Yes", value: true }, { name: "No", value: false }];
    case KIND.USER:
      return people(state, channel);
    case KIND.ROLE:
      return roles(state, channel);
    case KIND.MENTIONABLE:
      return [...people(state, channel), ...roles(state, channel)];
    case KIND.CHANNEL:
      return places(option, state, channel);
    default:
      return null;
  }
}

function people(state, channel) {
  return state.peopleIn(channel).map((user) => ({ name: user.name, value: user.id }));
}

function places({ channel_types: types }, state, channel) {
  const here = [...state.channels.values()].filter((one) => one.guild_id === channel?.guild_id);
  const fitting = types?.length ? here.filter((one) => types.includes(one.type)) : here;
  return fitting.map((one) => ({ name: `#${one.name}`, value: one.id }));
}

function roles(state, channel) {
  return state.rolesIn(channel).map((role) => ({ name: `@${role.name}`.replace("@@", "@"), value: role.id }));
}

/** Returns {value} for typed text, or {problem}: a sentence. Empty text of an optional option is {}. */
export function valueOf(option, text, choices) {
  const typed = text.trim();
  if (!typed) return option.required ? { problem: "This one is needed." } : {};
  if (choices) {
    const found = choices.find((choice) => choice.name.toLowerCase() === typed.toLowerCase());
    return found ? { value: found.value } : { problem: "Choose one of the list." };
  }
  if (option.type === KIND.INTEGER || option.type === KIND.NUMBER) return number(option, typed);
  if (option.min_length && typed.length < option.min_length) return {
    problem: `At least ${option.min_length} characters.`,
  };
  if (option.max_length && typed.length > option.max_length) return {
    problem: `At most ${option.max_length} characters.`,
  };
  return { value: typed };
}

function number(option, typed) {
  const value = Number(typed);
  const whole = option.type === KIND.INTEGER;
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) return {
    problem: whole ? "A whole number, please." : "A number, please.",
  };
  if ((option.min_value ?? null) !== null && value < option.min_value) return {
    problem: `At least ${option.min_value}.`,
  };
  if ((option.max_value ?? null) !== null && value > option.max_value) return {
    problem: `At most ${option.max_value}.`,
  };
  return { value };
}
