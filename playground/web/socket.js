/** The one WebSocket to the playground: requests with answers, pushed events, and coming back by itself. */

const LOST = "The playground is not answering. What you typed is kept; try again when it is back.";
const PATIENCE_MS = 30_000;
const SLOWEST_RETRY_MS = 4_000;

/** A refusal of the server, its sentence as the message. */
export class Refused extends Error {}

/** A connection as one person; emits `open`, `closed` and `push` (detail: {event, data}). */
export class Connection extends EventTarget {
  #findPerson;
  #socket = null;
  #waiting = new Map();
  #number = 0;
  #failures = 0;

  /** @param {() => Promise<string>} findPerson resolves the person's id anew at every connection. */
  constructor(findPerson) {
    super();
    this.#findPerson = findPerson;
  }

  get ready() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects, and again whenever the connection ends. */
  async open() {
    let person;
    try {
      person = await this.#findPerson();
    } catch {
      this.#retry();
      return;
    }
    const address = new URL(`/play/socket?person=${encodeURIComponent(person)}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#failures = 0;
      this.dispatchEvent(new Event("open"));
    });
    socket.addEventListener("message", (frame) => this.#receive(JSON.parse(frame.data)));
    socket.addEventListener("close", () => this.#retry());
  }

  /** Asks the server for an action; resolves with its result, or rejects with Refused. */
  request(action, fields = {}) {
    if (!this.ready) return Promise.reject(new Refused(LOST));
    const id = ++this.#number;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Refused("The playground took too long to answer. Try again."));
      }, PATIENCE_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ id, do: action, ...fields }));
    });
  }

  #receive(frame) {
    if (frame.event) {
      this.dispatchEvent(new CustomEvent("push", { detail: frame }));
      return;
    }
    const waiting = this.#waiting.get(frame.re);
    if (!waiting) return;
    this.#waiting.delete(frame.re);
    clearTimeout(waiting.timer);
    if (frame.ok) waiting.resolve(frame.result);
    else waiting.reject(new Refused(frame.error || "That did not work, and the playground did not say why."));
  }

  #retry() {
    this.#socket = null;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Refused(LOST));
    }
    this.#waiting.clear();
    this.dispatchEvent(new Event("closed"));
    const pause = Math.min(SLOWEST_RETRY_MS, 250 * 2 ** this.#failures++);
    setTimeout(() => this.open(), pause);
  }
}
