// Macros in the composer: "/" at the start of a line opens the list, letters narrow it, Enter takes the first one.
// They stack: each stands where the cursor was, and what each does stands in a line of its own.
// The server fills the text in (desk/_macro.html); here it only takes its place.
"use strict";
{
  const byId = (id) => document.getElementById(id);
  const field = () => byId("composer")?.elements.text;
  const choices = () => [...(byId("macro-names")?.querySelectorAll("button") ?? [])];

  function openList() {
    const menu = byId("macros");
    if (!menu || menu.open || menu.getClientRects().length === 0) return;
    menu.querySelector("summary").click(); // which fetches the list, too
    begin(); // at once: the next letter is meant for the search
  }

  function begin() {
    byId("macro-search").value = "";
    narrow("");
    byId("macro-search").focus();
  }

  function narrow(words) {
    for (const choice of choices()) {
      choice.hidden = choice.disabled = !choice.dataset.words.toLowerCase().includes(words);
    }
    byId("macro-none").hidden = !choices().length || choices().some((choice) => !choice.hidden);
  }

  const ASKS = /(?:^|\n)\/$/;

  /** The macro's words stand where the cursor is, parted from those around; a lone "/" that asked for them is gone. */
  function takePlace(macro) {
    const area = field();
    const { selectionStart: at, selectionEnd: to, value } = area;
    const from = ASKS.test(value.slice(0, at)) ? at - 1 : at;
    const before = value.slice(0, from);
    const after = value.slice(to);
    const glue = !before || /\s$/.test(before) ? "" : after.trim() ? " " : "\n\n";
    const gap = !after || /^\s/.test(after) ? "" : /(^|\n)$/.test(before) ? "\n\n" : " ";
    area.focus();
    area.setRangeText(glue + macro.dataset.text + gap, from, to, "end");
    area.selectionEnd -= gap.length; // the next one stands before what was there
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("input", ({ target }) => {
    if (target === field() && ASKS.test(target.value.slice(0, target.selectionStart))) openList();
    if (target.id === "macro-search") narrow(target.value.trim().toLowerCase());
  });

  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.id === "macros" && target.open && document.activeElement !== byId("macro-search")) begin();
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "macro-search" || event.key !== "Enter") return;
    event.preventDefault(); // the form around it is the reply
    event.stopPropagation();
    choices().find((choice) => !choice.disabled)?.click();
  }, true);

  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-macro-off]")) return;
    target.closest(".d-macro-in").remove();
    field().focus();
    field().dispatchEvent(new Event("input", { bubbles: true })); // the draft goes on without its deeds
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "macro-names") narrow(byId("macro-search").value.trim().toLowerCase());
    if (detail.target.id !== "macro") return;
    byId("macros").open = false;
    if (byId("macro").lastElementChild) takePlace(byId("macro").lastElementChild);
  });
}
