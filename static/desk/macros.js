// Macros in the composer: "/" at the start of the text opens the list, letters narrow it, Enter takes the first one.
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
  }

  /** The macro's words stand where the cursor is; a lone "/" that asked for the list is gone. */
  function takePlace(macro) {
    const area = field();
    if (area.value === "/") area.value = "";
    area.focus();
    area.setRangeText(macro.dataset.text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("input", ({ target }) => {
    if (target === field() && target.value === "/") openList();
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
    byId("macro").replaceChildren();
    field().focus();
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "macro-names") narrow(byId("macro-search").value.trim().toLowerCase());
    if (detail.target.id !== "macro") return;
    byId("macros").open = false;
    takePlace(byId("macro"));
  });
}
