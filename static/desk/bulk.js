// Tickets chosen in the queue: v chooses the row with the focus (or the open one), Shift reaches from the last one on.
// What is chosen stays chosen when the rows come anew; the bar below them is shown while there is anything.
"use strict";
{
  const chosen = new Set(); // values of the boxes
  let last = null;

  const boxes = () => [...document.querySelectorAll("#queue .d-pick input")];

  function show() {
    const there = new Set(boxes().map((box) => box.value));
    for (const value of chosen) if (!there.has(value)) chosen.delete(value);
    for (const box of boxes()) box.checked = chosen.has(box.value);
    const bar = document.getElementById("bulk");
    if (!bar) return;
    bar.toggleAttribute("data-shown", chosen.size > 0);
    document.getElementById("bulk-count").textContent = chosen.size;
  }

  function choose(box, on, reach) {
    const all = boxes();
    const [from, to] = [all.findIndex((one) => one.value === last), all.indexOf(box)];
    const range = reach && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const one of range) on ? chosen.add(one.value) : chosen.delete(one.value);
    last = box.value;
    show();
  }

  document.addEventListener("click", (event) => {
    if (event.target.matches("#queue .d-pick input")) choose(event.target, event.target.checked, event.shiftKey);
    if (event.target.closest("#bulk-seen")) document.getElementById("bulk-report").remove();
    if (event.target.closest("#bulk-none")) clear();
  });

  function clear() {
    chosen.clear();
    show();
  }

  /** Esc in the list, where nothing is open or typed there: none is chosen. Before what else Esc would close. */
  document.addEventListener("keydown", (event) => {
    const active = document.activeElement;
    if (event.key !== "Escape" || !chosen.size || document.querySelector("dialog[open]")) return;
    if (isTyping(active) || active.closest("details[open]") || !(active === document.body || active.closest("#queue"))) return;
    event.preventDefault();
    clear();
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.key.toLowerCase() !== "v" || event.metaKey || event.ctrlKey || event.altKey) return;
    if (isTyping(document.activeElement) || document.body.dataset.keys === "off") return;
    const row = document.activeElement?.closest("#queue .d-row") ?? document.querySelector("#queue .d-row[aria-current]");
    const box = row?.previousElementSibling?.querySelector("input");
    if (!box) return;
    event.preventDefault();
    choose(box, !chosen.has(box.value), event.shiftKey);
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.requestConfig?.elt.id === "bulk" && detail.successful !== false && detail.target.id === "queue") chosen.clear();
    show();
  });
}
