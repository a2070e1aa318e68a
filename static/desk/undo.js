// The line that offers to undo a deed goes by itself, but not while it has the pointer or the focus.
"use strict";
{
  const SHOWN = 20_000; // ms
  let over = 0;
  const place = () => document.getElementById("undo");

  function watch() {
    clearTimeout(over);
    if (place()?.firstElementChild) over = setTimeout(leave, SHOWN);
  }

  function leave() {
    if (place().matches(":hover, :focus-within")) return watch();
    place().replaceChildren();
  }

  addEventListener("load", watch); // a whole page may bring one
  for (const swapped of ["htmx:oobAfterSwap", "htmx:afterSwap"]) {
    document.addEventListener(swapped, ({ detail }) => detail.target.id === "undo" && watch());
  }
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.closest("#undo")) detail.parameters.open = document.getElementById("conversation")?.dataset.ticket ?? "";
  });
}
