// Menus: one open at a time, arrows inside, closed by a click elsewhere. One that opens stays within its pane, which cuts
// off what stands out of it: it moves along by what is over. Stands on keys.js (MENUS, enabled).
"use strict";
{
  const FIELD = "input:not([type=hidden], [type=radio], [type=checkbox])";

  /** Where a menu asks for words the next letter is one, and no command. */
  function typeInto(menu) {
    if (menu?.open && document.activeElement === menu.querySelector("summary")) menu.querySelector(`.d-menu ${FIELD}`)?.focus();
  }

  document.addEventListener("htmx:afterSwap", ({ detail }) => typeInto(detail.target.closest?.(MENUS)));

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(MENUS)) {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const menu = event.target.closest?.(MENUS);
    if (!menu?.open) return;
    const items = [...menu.querySelectorAll(`.d-menu :is(a, button, ${FIELD})`)].filter(enabled);
    const at = items.indexOf(document.activeElement);
    const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? items.length - 1 : at - 1;
    items.at(next % items.length)?.focus();
    event.preventDefault();
  });

  const MARGIN = 8; // px to the edge of the pane

  function keepWithin(menu, pane) {
    menu.style.translate = "";
    const box = menu.getBoundingClientRect();
    const room = pane.getBoundingClientRect();
    const over = Math.max(0, box.right + MARGIN - room.right);
    const short = Math.max(0, room.left + MARGIN - (box.left - over));
    if (over !== short) menu.style.translate = `${short - over}px`;
  }

  // What was chosen in the bar is said there anew, and the focus is on it again.
  document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
    if (detail.target.id === "where" && document.activeElement === document.body) document.getElementById("where-name")?.focus();
  });

  // "toggle" does not bubble: it is caught on its way down.
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target.matches("details[data-menu][open]") && event.target.querySelector(".d-menu");
      if (!menu) return;
      keepWithin(menu, menu.closest(".d-pane") ?? document.documentElement);
      typeInto(event.target);
    },
    true,
  );
}
