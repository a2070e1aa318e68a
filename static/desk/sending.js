// A reply that was sent can be undone while its seconds run: a dark toast at the bottom left, on whatever page the agent
// goes on to. The server tells of it by the event desk:held; which button of the menu was pressed says when it goes.
"use strict";
{
  const KEPT = "desk:held";
  const BACK = "desk:undone"; // words are on their way back to another page
  const GRACE = 1_500; // the thread asks for what has become of it
  const shown = new Map(); // id of the draft → its toast

  const all = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
    } catch {
      return [];
    }
  };
  const keep = (held) => sessionStorage.setItem(KEPT, JSON.stringify(held));
  const drop = (id) => keep(all().filter((one) => one.id !== id));
  const left = (one) => Date.parse(one.until) - (Date.now() + skew);

  function toast(one) {
    const box = document.createElement("div");
    box.className = "d-toast d-toast--held";
    box.setAttribute("role", "status");
    const ring = document.createElement("span");
    ring.className = "d-toast__ring";
    const words = document.createElement("span");
    words.className = "d-toast__text";
    const seconds = document.createElement("span");
    seconds.setAttribute("aria-hidden", "true"); // seen as it runs down, not read aloud each second
    seconds.dataset.seconds = one.left;
    words.append(one.words, " ", seconds);
    const undo = document.createElement("button");
    undo.type = "button";
    const cap = document.createElement("span");
    cap.className = "d-kbd";
    cap.textContent = one.cap;
    undo.append(one.label, " ", cap);
    undo.dataset.undo = one.id;
    if (one.seconds) box.append(ring);
    box.append(words, undo);
    document.getElementById("messages")?.append(box);
    shown.set(one.id, box);
    giveKey(undo, one.key);
    return box;
  }

  /** The key undoes the newest deed: it moves to the line that came last. */
  function giveKey(button, key) {
    for (const other of document.querySelectorAll(`.d-toast [data-key="${key}"]`)) {
      delete other.dataset.key;
      other.querySelector(".d-kbd")?.setAttribute("hidden", "");
    }
    button.dataset.key = key;
  }
  for (const swapped of ["htmx:oobAfterSwap", "htmx:afterSwap"]) {
    document.addEventListener(swapped, ({ detail }) => {
      const button = detail.target.id === "undo" && detail.target.ownerDocument.querySelector("#undo [data-key]");
      if (button) giveKey(button, button.dataset.key);
    });
  }

  function follow() {
    for (const one of all()) {
      const box = shown.get(one.id) ?? toast(one);
      const rest = one.seconds ? left(one) : one.shownUntil - Date.now();
      box.querySelector(".d-toast__ring")?.style.setProperty("--left", Math.max(0, rest / one.seconds / 10).toFixed(1));
      const seconds = box.querySelector("[data-seconds]");
      const told = one.seconds ? seconds.dataset.seconds.replace("{n}", Math.max(0, Math.ceil(rest / 1000))) : "";
      if (seconds.textContent !== told) seconds.textContent = told;
      if (rest <= 0) box.remove();
      if (rest > -GRACE) continue;
      drop(one.id);
      shown.delete(one.id);
      htmx.trigger(document.body, "said");
    }
  }

  document.addEventListener("desk:held", ({ detail }) => {
    const { elt: _form, ...told } = detail; // htmx adds the form
    keep([...all().filter((one) => one.id !== told.id), { ...told, shownUntil: Date.now() + 6_000 }]);
    follow();
  });

  function over(id) {
    drop(id);
    shown.get(id)?.remove();
    shown.delete(id);
  }

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-undo]");
    const one = button && all().find((each) => String(each.id) === button.dataset.undo);
    if (!one) return;
    button.disabled = true;
    await globalThis.saveDraft(); // what was begun since stands below the words that come back
    const conversation = document.getElementById("conversation");
    if (conversation) return htmx.ajax("POST", one.undo, { source: button, target: "#say", swap: "none" });
    const csrf = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await fetch(one.undo, { method: "POST", headers: csrf });
    over(one.id);
    if (!answer.ok) return warn(words().gone);
    sessionStorage.setItem(BACK, "");
    location.assign(JSON.parse(answer.headers.get("HX-Location")).path);
  });

  // What came back is written on: the cursor stands behind it.
  function intoWords() {
    const field = document.querySelector("#composer textarea");
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.id === "conversation" && detail.requestConfig?.headers?.["Desk-Words"]) intoWords();
  });
  addEventListener("load", () => {
    if (sessionStorage.getItem(BACK) === null) return;
    sessionStorage.removeItem(BACK);
    intoWords();
  });

  // Undone, sent or stopped, here or in the thread: its toast is over.
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const { requestPath = "" } = detail.pathInfo ?? {};
    const [, id] = /\/held\/(\d+)\//.exec(requestPath) ?? [];
    if (id) over(Number(id));
  });

  // Too late: the toast says so in its own place.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches?.("[data-undo]") || xhr.status !== 409) return;
    event.detail.shouldSwap = false;
    warn(new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("main p, .d-refusal span")?.textContent);
  });

  // Which button says when it goes: the form has one field for it.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("#composer button[name=then]");
    if (button) button.form.elements.later.value = button.dataset.later ?? "";
  }, true);

  setInterval(follow, 250);
  follow();
}
