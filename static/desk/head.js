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

// One deed of the head at a time: its answer brings a new head, and what was pressed meanwhile is pressed there.
{
  let next = ""; // the button that waits, as a selector
  const head = () => document.getElementById("head");

  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.closest("#head") || !head().querySelector("[aria-busy=true]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { id, name, value } = event.submitter ?? {};
      next = id ? `#${CSS.escape(id)}` : `[name="${CSS.escape(name ?? "")}"][value="${CSS.escape(value ?? "")}"]`;
    },
    true,
  );

  document.addEventListener("htmx:afterSettle", () => {
    if (!next || head()?.querySelector("[aria-busy=true]")) return;
    const button = head()?.querySelector(next);
    next = "";
    button?.click();
  });
}
