// A menu that opens stays within its pane, which cuts off what stands out of it: it moves along by what is over.
"use strict";
{
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
      if (menu) keepWithin(menu, menu.closest(".d-pane") ?? document.documentElement);
    },
    true,
  );
}
