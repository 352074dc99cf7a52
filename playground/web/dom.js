/** Building DOM nodes; text of others only ever enters the page as text nodes. */

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "multiple", "required", "files", "open"]);

/**
 * Returns a new element with attributes, `on…` listeners and children; null, false and "" children are left out.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...any} children
 */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name === "class" ? "class" : name, value === true ? "" : String(value));
  }
  node.append(...kept(children));
  return node;
}

/** Returns children flattened, without the empty ones. */
export function kept(children) {
  const empty = new Set([null, undefined, false, ""]);
  return children.flat(Infinity).filter((child) => !empty.has(child));
}

/** Returns the element with an id, which the page is known to have. */
export function byId(id) {
  return document.getElementById(id);
}

const SHAPES = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  send: "M5 12h13M12 5l7 7-7 7",
  plus: "M12 5v14M5 12h14",
  reply: "M10 6L4 12l6 6M4 12h10c4 0 6 2 6 6",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8.5 14.5c1.8 2.3 5.2 2.3 7 0M9 9.5v.5M15 9.5v.5",
  dots: "M5 11.2a.8.8 0 1 1 0 1.6.8.8 0 0 1 0-1.6M12 11.2a.8.8 0 1 1 0 1.6.8.8 0 0 1 0-1.6M19 11.2a.8.8 0 1 1 0 1.6.8.8 0 0 1 0-1.6",
  edit: "M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  copy: "M9 9h10v11H9zM5 15V4h10",
  channel: "M5 9h15M4 15h15M10 4L8 20M16 4l-2 16",
  thread: "M6 4v9a4 4 0 0 0 4 4h9M15 13l4 4-4 4",
  forum: "M4 5h16v10H10l-4 4v-4H4z",
  voice: "M5 10v4h3l5 4V6L8 10zM16 9c1.5 1.7 1.5 4.3 0 6",
  direct: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M5 20c.5-4 3-6 7-6s6.5 2 7 6",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6l1.4 1.4M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.3-1.5 2.4M12 17.5v.1",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  attach: "M8 12.5l6-6a3 3 0 0 1 4.3 4.3l-8 8a5 5 0 0 1-7-7l8-8",
  down: "M6 9l6 6 6-6",
  out: "M9 5H5v14h14v-4M13 4h7v7M20 4l-9 9",
  eye: "M3 12c4.5-7 13.5-7 18 0-4.5 7-13.5 7-18 0M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  app: "M8 4h8M12 4v3M5 9h14v9H5zM9.5 13v1.5M14.5 13v1.5",
};

/** Returns a drawn sign, hidden from screen readers. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name] ?? SHAPES.channel);
  svg.append(path);
  return svg;
}

/** Says something to screen readers alone. */
export function announce(text) {
  const region = byId("announcer");
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
