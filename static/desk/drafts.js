// The draft saves itself: 0.7 s after the last letter, and as the page is left. The server compares versions, so that
// two tabs never overwrite each other unseen; what it has is told to unsent.js by desk:kept.
"use strict";
{
  const PAUSE = 700;
  const LARGEST_FAREWELL = 60_000; // bytes a browser sends from a page that is gone
  const composer = () => document.getElementById("composer");
  let timer = 0;
  let waits = null; // the form whose words are not with the server yet
  let line = Promise.resolve(); // one save at a time, in the order of the letters

  const state = (form, text) => {
    const place = form.querySelector("#draft-state");
    if (place) place.textContent = text;
  };

  function contentOf(form) {
    const content = new FormData();
    for (const name of ["kind", "text", "key", "seen", "version"]) content.set(name, form.elements[name]?.value ?? "");
    for (const macro of form.querySelectorAll("[name=macro]")) content.append("macro", macro.value);
    return content;
  }

  async function send(form, farewell) {
    const content = contentOf(form);
    const small = content.get("text").length * 3 < LARGEST_FAREWELL;
    let answer;
    try {
      answer = await fetch(form.dataset.draft, {
        method: "POST", body: content, headers: { "X-CSRFToken": csrfToken(), "Refusal-Slot": "#composer-refusal" },
        keepalive: farewell && small,
      });
    } catch {
      return later(form); // the line is lost: again with the next letter, or in a while
    }
    if (answer.ok && !answer.redirected) kept(form, content.get("text"), (await answer.json()).version);
    else if (answer.status === 409) form === composer() && refused(form, await answer.text());
    else if (answer.redirected || answer.status === 403) warn(words().refused);
    else if (answer.status === 404) warn(words().gone);
    else later(form);
  }

  function kept(form, text, version) {
    form.elements.version.value = version;
    state(form, version ? form.querySelector("#draft-state").dataset.saved : "");
    const detail = { address: form.getAttribute("hx-post"), text, version: String(version) };
    document.dispatchEvent(new CustomEvent("desk:kept", { detail }));
  }

  function refused(form, html) {
    state(form, "");
    form.querySelector("#composer-refusal").innerHTML = html;
  }

  function later(form) {
    clearTimeout(timer);
    waits = form;
    timer = setTimeout(() => save(), PAUSE * 8);
  }

  /** Send what is not with the server yet; a promise that it is. */
  function save(farewell = false) {
    clearTimeout(timer);
    const form = waits;
    waits = null;
    if (form?.querySelector("[data-code=draft_moved]")) return line; // the agent decides first
    if (form && farewell) send(form, true);
    else if (form) line = line.then(() => send(form, false));
    return line;
  }
  globalThis.saveDraft = save;

  function begun(form) {
    waits = form;
    state(form, "");
    clearTimeout(timer);
    timer = setTimeout(() => save(), PAUSE);
  }

  document.addEventListener("input", ({ target }) => {
    const form = target.closest("#composer");
    if (form && target.matches("textarea, [name=kind]")) begun(form);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches("#composer [name=kind]") && composer().elements.text.value.trim()) begun(composer());
  });

  // What did not go out comes back into an empty composer, with its reason: the line above it asks for it.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const form = composer();
    if (!form || !detail.elt.id.startsWith("others-")) return;
    detail.parameters.shown = form.elements.version.value;
    if (!form.elements.text.value.trim() && !waits) detail.parameters.is_empty = "1";
  });

  // What is sent is no draft any more; what is left is saved on the way out.
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt.id === "composer") {
      clearTimeout(timer);
      waits = null;
    } else if (detail.target?.id === "conversation") save();
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt.id === "composer" && !detail.successful && composer() === detail.elt) begun(detail.elt);
  });
  addEventListener("pagehide", () => save(true));
  document.addEventListener("visibilitychange", () => document.hidden && save(true));

  // Two texts of one agent: theirs to choose.
  document.addEventListener("click", ({ target }) => {
    const choice = target.closest("[data-draft]:is(button)");
    if (!choice) return;
    const form = composer();
    const told = choice.closest("[data-version]");
    const other = told.querySelector("[data-other]").textContent;
    const field = form.elements.text;
    form.elements.version.value = told.dataset.version;
    if (choice.dataset.draft === "other") field.value = other;
    if (choice.dataset.draft === "both") field.value = `${other}\n\n${field.value}`;
    told.remove();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    save();
  });
}
