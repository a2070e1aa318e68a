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
