/** Editing a message where it stands. */

import { h } from "./dom.js";

const TALLEST = 320;

/**
 * Puts a field with the text into a slot. Enter and Save call `save`, whose promise says whether to end;
 * Escape and Cancel end at once. `done` is called at the end.
 */
export function editIn(slot, text, { save, done }) {
  const attributes = { class: "edit-field", rows: "2", "aria-label": "Edit your message", maxlength: "4000" };
  const field = h("textarea", attributes, text);
  const keep = async () => {
    if (await save(field.value.trim())) done();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") done();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) keep();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const foot = h(
    "div",
    { class: "edit-foot" },
    h("button", { type: "button", class: "solid small", onclick: keep }, "Save"),
    h("button", { type: "button", class: "quiet small", onclick: done }, "Cancel"),
    h("small", {}, "Enter saves, Escape cancels"),
  );
  slot.replaceChildren(field, foot);
  slot.hidden = false;
  field.style.height = `${Math.min(TALLEST, field.scrollHeight + 4)}px`;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
