// One submit at a time: what was sent is marked until its answer is there, and a second press does nothing.
"use strict";

const waiting = new Map(); // form or button → the button that shows it

function markBusy(owner, button) {
  waiting.set(owner, button);
  button?.setAttribute("aria-busy", "true");
}

function release(owner) {
  waiting.get(owner)?.removeAttribute("aria-busy");
  waiting.delete(owner);
}

document.addEventListener(
  "submit",
  (event) => {
    if (!waiting.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.target) return; // htmx marks its own, below
  markBusy(form, event.submitter);
});

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  const cause = detail.requestConfig.triggeringEvent;
  if (cause?.type === "submit") markBusy(detail.elt, cause.submitter);
  else if (detail.elt.matches("button")) markBusy(detail.elt, detail.elt);
});

document.addEventListener("htmx:confirm", (event) => {
  if (waiting.has(event.detail.elt)) event.preventDefault();
});

for (const over of ["htmx:afterRequest", "htmx:sendAbort"]) {
  document.addEventListener(over, ({ detail }) => release(detail.requestConfig?.elt ?? detail.elt));
}
addEventListener("pageshow", () => [...waiting.keys()].forEach(release)); // back from the history
