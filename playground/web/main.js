/** Puts the page together: who you are, the connection, the open channel. */

import { Actions } from "./actions.js";
import { Composer } from "./composer.js";
import { byId, h, icon } from "./dom.js";
import { watchDrawer } from "./drawer.js";
import { currentPlace, placeHref } from "./links.js";
import { MessageList } from "./messages.js";
import { Modals } from "./modal.js";
import { toast } from "./popup.js";
import { Room } from "./room.js";
import { SlashForm } from "./slash.js";
import { Sidebar } from "./sidebar.js";
import { Connection } from "./socket.js";
import { displayName, State, TEXT, THREADS } from "./state.js";
import { Suggestions } from "./suggest.js";
import { refreshRelative } from "./time.js";
import { isNewcomer, openWelcome } from "./welcome.js";

const PAGE = 50;
const OPENED_BY_ME_MS = 15_000;
const MINUTE_MS = 60_000;

const state = new State();
const connection = new Connection(findPerson);
let pressedAt = 0;
const pressed = () => {
  pressedAt = Date.now();
};

const suggestions = new Suggestions();
const slash = new SlashForm({ state, connection, suggestions, pressed });
const actions = new Actions({ state, connection, pressed });
const composer = new Composer({ state, connection, suggestions, slash, editLast: () => actions.editLast() });
const list = new MessageList(state, actions, readOlder);
const modals = new Modals({ state, connection, pressed });
const room = new Room(state, (text) => composer.fill(text));
Object.assign(actions, { composer, list });
new Sidebar(state, () => actions.openDirect());

/** Returns the id of the person whom the address names, or of the first. */
async function findPerson() {
  const people = await (await fetch("/play/people")).json();
  const wanted = new URLSearchParams(location.search).get("person");
  const found = people.find((person) => person.username === wanted || person.id === wanted) ?? people[0];
  if (!found) throw new Error("There are no people in this playground.");
  if (found.username !== wanted) {
    if (wanted) toast(`There is nobody called ${wanted} here: you are ${displayName(found)}.`, { kind: "plain" });
    history.replaceState(null, "", `?person=${encodeURIComponent(found.username)}${location.hash}`);
  }
  return found.id;
}

async function greet() {
  try {
    state.greet(await connection.request("hello"));
  } catch {
    return;
  }
  banner(null);
  if (state.title) byId("title").textContent = state.title;
  if (state.notes.tagline) byId("strapline").textContent = state.notes.tagline;
  await openPlace();
  document.documentElement.dataset.ready = "yes";
  if (isNewcomer() && !document.querySelector("dialog[open]")) welcome();
}

function welcome() {
  openWelcome(state, (command) => composer.fill(command));
}

/** Opens the channel that the address names, or the first in which one can write. */
async function openPlace() {
  const { channel: named, message } = currentPlace();
  const channel = state.channels.get(named) ?? firstChannel();
  if (named && channel?.id !== named) toast("That place is not there, or you may not see it.", { kind: "plain" });
  if (channel && channel.id !== named) history.replaceState(null, "", placeHref(channel.id));
  state.current = channel?.id ?? null;
  state.markRead(state.current);
  room.settleThread(state.current);
  composer.open(channel ?? null);
  list.show(state.current);
  room.draw();
  state.tell("places");
  if (!channel) return;
  await readNewest(channel.id);
  if (message && state.current === channel.id) await revealMessage(channel.id, message);
}

function firstChannel() {
  const all = [...state.channels.values()];
  const texts = all.filter((one) => one.type === TEXT).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  return texts.find((one) => one.can_send !== false && !one.nsfw) ?? texts[0] ?? all[0] ?? null;
}

async function readNewest(channelId) {
  const log = state.log(channelId);
  if (log.stale) {
    const page = await actions.ask("history", { channel_id: channelId, limit: PAGE });
    if (!page) return;
    log.fill(page);
  }
  if (state.current !== channelId) return;
  room.drawStart();
  list.sync();
}

async function readOlder(channelId) {
  const log = state.log(channelId);
  const page = await actions.ask("history", { channel_id: channelId, before: log.messages[0]?.id, limit: PAGE });
  if (page) log.fillBefore(page);
  room.drawStart();
}

async function revealMessage(channelId, id) {
  for (let pages = 0; pages < 10; pages += 1) {
    if (list.reveal(id)) return;
    if (!state.log(channelId).more) break;
    await readOlder(channelId);
    list.sync();
  }
  toast("That message is no longer there.", { kind: "plain" });
}

state.on("log", ({ channel, changed, added }) => {
  if (channel !== state.current) return;
  // What stands before the messages is drawn first: it changes height, and the list keeps places.
  if (!changed) room.drawStart();
  list.sync(changed ?? added ?? "");
  if (changed || added) list.speak(changed ?? added);
});

state.on("places", () => {
  if (state.current && !state.channels.has(state.current)) {
    toast("This place was deleted.", { kind: "plain" });
    openPlace();
    return;
  }
  if (state.me && state.current) {
    composer.open(state.channels.get(state.current));
    room.draw();
  }
});

state.on("bot", () => {
  const { bot } = state;
  byId("bot-status").className = bot.online ? "bot-status online" : "bot-status";
  byId("bot-status").replaceChildren(
    h("i", { "aria-hidden": "true" }),
    h("span", {}, `${displayName(bot)} is ${bot.online ? "here" : "offline"}`),
  );
});

const knownThreads = new Set();
state.on("pushed", ({ event, data }) => {
  if (event === "MODAL") modals.open(data);
  else if (event === "INTERACTION_FAILED") modals.failed(data);
  else if (event === "THREAD_CREATE" && !knownThreads.has(data.id)) threadOpened(data);
});

function threadOpened(thread) {
  knownThreads.add(thread.id);
  const byOther = state.people.some((person) => person.id === thread.owner_id && person.id !== state.me?.id);
  const byMe = !byOther && Date.now() - pressedAt < OPENED_BY_ME_MS && THREADS.has(thread.type);
  if (!byMe || thread.id === state.current) return;
  state.fresh.add(thread.id);
  state.tell("places");
  room.offerThread(thread);
}

function banner(words) {
  const box = byId("connection");
  box.hidden = !words;
  box.textContent = words ?? "";
}

connection.addEventListener("open", greet);
connection.addEventListener("push", (frame) => state.apply(frame.detail.event, frame.detail.data));
connection.addEventListener(
  "closed",
  () => banner("The playground is not answering. This page comes back by itself; what you typed is kept."),
);
window.addEventListener("hashchange", async () => {
  if (!state.me) return;
  await openPlace();
  // Reading the place took a while: who has opened something meanwhile keeps the focus there.
  if (!document.querySelector(".sidebar.open, .popup, dialog[open]")) composer.field.focus({ preventScroll: true });
});
document.addEventListener("visibilitychange", () => !document.hidden && state.current && state.markRead(state.current));
document.addEventListener("click", (event) => {
  const command = event.target.closest?.("[data-command]");
  if (command) composer.fill(`/${command.dataset.command}`);
  const skip = event.target.closest?.("[data-skip]");
  if (!skip) return;
  event.preventDefault();
  byId(skip.dataset.skip).focus();
});

byId("help-button").append(icon("help"));
byId("help-button").addEventListener("click", welcome);
watchDrawer();
setInterval(refreshRelative, MINUTE_MS / 2);
connection.open();
