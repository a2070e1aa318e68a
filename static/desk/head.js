// The ticket's head: on a phone its properties are one line until data-more shows them all, which holds while the
// page is open, whatever the head is swapped for; data-print puts the conversation on paper.
"use strict";
{
  const root = document.documentElement;
  const say = () => {
    for (const button of document.querySelectorAll("[data-more]")) {
      button.setAttribute("aria-expanded", String(root.dataset.props === "all"));
    }
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    if (!event.target.closest("[data-more]")) return;
    root.dataset.props = root.dataset.props === "all" ? "" : "all";
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
