// Words in the composer that are not sent: they wait at their ticket for as long as the page is open, are taken up again
// when it comes back, and the browser asks before they are lost. Stands on nothing; panes.js calls it.
"use strict";
const deskWords = (() => {
  const unsent = new Map(); // where a composer sends → { text, note }, as long as this page is open
  const composer = () => document.getElementById("composer");

  document.addEventListener("input", ({ target }) => {
    const form = target.closest("#composer");
    if (!form) return;
    const text = form.elements.text.value;
    const kept = { text, note: form.elements.kind.value === "note", version: form.elements.version.value };
    if (text.trim()) unsent.set(form.getAttribute("hx-post"), kept);
    else unsent.delete(form.getAttribute("hx-post"));
  });

  for (const answered of ["htmx:beforeOnLoad", "htmx:afterRequest"]) {
    document.addEventListener(answered, ({ detail }) => {
      const { elt } = detail.requestConfig; // the composer it was sent from, shown or not
      if (elt.id === "composer" && detail.xhr.status < 300) unsent.delete(elt.getAttribute("hx-post"));
    });
  }
  // What the server has is a draft (drafts.js): it is not lost with the page.
  document.addEventListener("desk:kept", ({ detail }) => {
    const words = unsent.get(detail.address);
    if (words) Object.assign(words, { version: detail.version, isKept: words.text === detail.text });
  });
  const isAtRisk = () => [...unsent.values()].some((words) => !words.isKept);
  addEventListener("beforeunload", (event) => isAtRisk() && event.preventDefault());

  // A sentence that refused is over as soon as one mends what was sent; what moved on stays to be read.
  document.addEventListener("input", ({ target }) => {
    const told = target.form?.querySelector("[id$=-refusal]");
    if (told && !told.querySelector("[data-close]")) told.replaceChildren();
  });

  function takeUpWords() {
    const kept = unsent.get(composer()?.getAttribute("hx-post"));
    if (!kept || composer().elements.text.value === kept.text) return;
    composer().elements.text.value = kept.text;
    composer().elements.version.value = kept.version; // of another tab's words the server tells, and loses none
    composer().elements.kind.value = kept.note ? "note" : "reply";
    nameField();
  }

  /** The field says for whom the words are. */
  function nameField() {
    const field = composer()?.elements.text;
    if (!field) return;
    field.dataset.reply ??= field.placeholder;
    field.placeholder = composer().elements.kind.value === "note" ? field.dataset.note : field.dataset.reply;
    field.setAttribute("aria-label", field.placeholder);
  }
  document.addEventListener("change", ({ target }) => {
    if (target.matches("#composer [name=kind]")) nameField();
  });

  return { takeUp: takeUpWords, nameField };
})();
