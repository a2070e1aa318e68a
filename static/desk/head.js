// The ticket's head: where there is little room its properties are one line until data-more shows them all, and the
// customer's pane is away until data-side-toggle brings it; both hold while the page is open, whatever the head is
// swapped for. data-print puts the conversation on paper.
"use strict";
{
  const root = document.documentElement;
  const SWITCHES = { "[data-more]": ["props", "all"], "[data-side-toggle]": ["side", "shown"] };

  function say() {
    for (const [chosen, [name, on]] of Object.entries(SWITCHES)) {
      for (const button of document.querySelectorAll(chosen)) {
        button.setAttribute("aria-expanded", String(root.dataset[name] === on));
      }
    }
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) window.print();
    for (const [chosen, [name, on]] of Object.entries(SWITCHES)) {
      if (target.closest(chosen)) root.dataset[name] = root.dataset[name] === on ? "" : on;
    }
    say();
  });
  document.addEventListener("htmx:afterSettle", say);
}

// One deed of the head at a time: its answer brings a new head, and what was pressed meanwhile is pressed there; not on
// another ticket, and not where the first deed was refused or lost.
{
  let next = null; // { ticket, button }: the button that waits, as a selector
  const head = () => document.getElementById("head");
  const ticket = () => document.getElementById("conversation")?.dataset.ticket;

  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.closest("#head") || !head().querySelector("[aria-busy=true]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { id, name = "", value = "" } = event.submitter ?? {};
      const named = `[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`;
      next = { ticket: ticket(), button: id ? `#${CSS.escape(id)}` : named };
    },
    true,
  );

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.verb !== "get" && !detail.successful) next = null;
  });

  document.addEventListener("htmx:afterSettle", () => {
    if (!next || (next.ticket === ticket() && head()?.querySelector("[aria-busy=true]"))) return;
    const button = next.ticket === ticket() && head()?.querySelector(next.button);
    next = null;
    if (button) button.click();
  });
}
