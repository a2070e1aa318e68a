// What the panes do around every answer of the server: which one a phone shows, which row is the open one, where
// the focus goes, what stays as it was. Stands on desk.js (isTyping, warn, words, wasRedirected).
"use strict";
{
  const PANES = ["queue", "conversation", "customer"];
  const byId = (id) => document.getElementById(id);
  const onPhone = matchMedia("(max-width: 960px)");
  const isPoll = ({ requestConfig }) => !requestConfig.triggeringEvent;

  function say(text) {
    const ear = byId("say");
    if (ear && text) ear.textContent = text;
  }

  // ── one pane at a time on the phone: <html data-pane>, which no swap replaces ────────────────────────────
  function showPane(name) {
    if (!PANES.includes(name)) return;
    document.documentElement.dataset.pane = name;
    markMain();
    for (const link of document.querySelectorAll(".d-bottom a[href^='#']")) {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** The pane a phone shows is the page's main part, whatever it is beside others. */
  function markMain() {
    for (const name of ["queue", "customer"]) {
      const isMain = onPhone.matches && document.documentElement.dataset.pane === name;
      byId(name)?.setAttribute("role", isMain ? "main" : "complementary");
    }
  }
  onPhone.addEventListener("change", markMain);

  const paneOfAddress = () =>
    PANES.find((name) => location.hash === `#${name}`) ?? document.querySelector(".d-app")?.dataset.first;

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".d-bottom a[href^='#']");
    if (link) showPane(link.hash.slice(1)); // the address may name it already
  });
  addEventListener("hashchange", () => showPane(paneOfAddress()));

  // What the ticket's head opens beside it, a phone shows in its place.
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const { elt } = detail.requestConfig;
    if (elt.closest?.("#head") && elt.getAttribute("hx-target") === "#customer") showPane("customer");
  });

  // ── the open ticket: its row, its title, its unsent words ────────────────────────────────────────────────
  function markRow() {
    const current = opened();
    for (const row of document.querySelectorAll("#queue .d-row")) {
      if (row.id === current) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  const unsent = new Map(); // where a composer sends → { text, note }, as long as this page is open
  const composer = () => byId("composer");

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

  function conversationShown() {
    const main = byId("conversation");
    if (main.dataset.title) document.title = main.dataset.title;
    markRow();
    takeUpWords();
    document.querySelector(".d-app").dataset.first = "conversation"; // what this address shows from now on
    showPane("conversation");
    if (last?.zone === "composer") refocus(); // whoever is typing goes on typing, and not into the keys
    const active = document.activeElement;
    if (onPhone.matches || !active || active === document.body) main.focus({ preventScroll: true });
    say(main.querySelector("h1")?.textContent);
  }

  // ── the focus: into a panel, back to its button, never into nowhere ──────────────────────────────────────
  let last = null; // { element, zone } that had the focus
  let opener = ""; // the key of the button that opened the panel

  document.addEventListener("focusin", ({ target }) => {
    last = { element: target, zone: target.closest("#composer, #customer, #head, #conversation, #queue")?.id };
  });

  function firstChoice() {
    const fields = [...byId("customer").querySelectorAll("form :is(input:not([type=hidden]), select)")];
    return fields.find((field) => field.checked) ?? fields[0] ?? byId("customer").querySelector("[data-close]");
  }

  function customerShown(cause) {
    const isPanel = byId("customer").querySelector("[data-close]");
    if (isPanel && cause.dataset.key) {
      opener = cause.dataset.key;
      if (!isTyping(document.activeElement)) firstChoice().focus();
    } else if (!isPanel && opener) {
      const button = byId("customer").querySelector(`[data-key="${CSS.escape(opener)}"]`);
      if (!isTyping(document.activeElement)) button?.focus({ preventScroll: true });
      opener = "";
    }
  }

  /** What had the focus was swapped away: put it on what came in its place. */
  /** Whoever was writing a note when another ticket came writes a note there too: it must never turn into a mail. */
  function staysNote(left) {
    const note = composer()?.querySelector("input[name=kind][value=note]");
    if (note && left?.elements.kind.value === "note") note.checked = true;
  }

  function refocus() {
    const active = document.activeElement;
    if ((active && active !== document.body) || !last || last.element.isConnected) return;
    if (last.zone === "composer") staysNote(last.element.form);
    const place = {
      composer: () => (onPhone.matches ? byId("thread")?.parentElement : composer()?.elements.text),
      customer: () => byId("customer").querySelector("[data-close]") && firstChoice(),
      head: () => byId(last.element.id) ?? byId("head")?.querySelector("summary, button"),
      queue: () => byId(last.element.id) ?? document.querySelector("#queue [aria-current]"),
      conversation: () => byId("conversation"),
    }[last.zone];
    place?.()?.focus({ preventScroll: true });
  }

  // ── polls: an answer that says nothing new changes nothing ───────────────────────────────────────────────
  const answers = new WeakMap(); // element that asks → the answer it shows
  let pointerMoved = 0;
  document.addEventListener("pointermove", () => (pointerMoved = Date.now()), { passive: true });
  const isUnderPointer = (element) => element.matches(":hover") && Date.now() - pointerMoved < 3_000;

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = event.detail;
    if (elt.id !== "queue-rows") return;
    if ("long" in elt.dataset && byId("queue-scroll").scrollTop > 0) event.preventDefault(); // would fold the rest away
  });

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const ticket = byId("conversation")?.dataset.ticket;
    if (ticket && detail.elt.closest("#queue") && detail.target.closest("#queue")) detail.parameters.current = ticket;
  });

  const opened = () => byId("conversation")?.dataset.row;
  document.addEventListener("htmx:beforeRequest", ({ detail }) => (detail.requestConfig.opened = opened()));

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "conversation" && detail.requestConfig.opened !== opened()) {
      detail.shouldSwap = false; // it answers for a ticket that was left meanwhile
    } else if (wasRedirected(detail)) {
      detail.shouldSwap = false; // a whole page, to sign in, where a part was asked for
      detail.isError = true;
    } else if (isPoll(detail) && detail.elt.id !== "thread") {
      const same = answers.get(detail.elt) === detail.xhr.responseText;
      const isStill = !same && "still" in detail.elt.dataset && isUnderPointer(detail.elt);
      if (same || isStill) detail.shouldSwap = false;
      if (isStill) htmx.trigger(detail.elt, "desk:unshown"); // it asks again when the pointer rests
    }
    if (detail.shouldSwap && detail.target.id === "thread") leaveThread(detail.target, !isPoll(detail));
  });

  // ── the thread: what is unchanged stays the very same element, and stays where the eye is ────────────────
  const arrived = new WeakMap(); // item → its HTML as it came
  let leaving = null;

  const itemsOf = (thread) => [...thread.querySelectorAll(":scope > [id]:is(.d-msg, .d-deed, .d-day)")];
  const remember = (thread) => itemsOf(thread).forEach((item) => arrived.has(item) || arrived.set(item, item.outerHTML));

  function leaveThread(thread, toEnd) {
    const view = thread.parentElement;
    const top = view.getBoundingClientRect().top;
    const atEnd = toEnd || view.scrollTop > -24;
    const anchor = atEnd ? null : itemsOf(thread).find((item) => item.getBoundingClientRect().bottom > top);
    leaving = { thread, anchor, at: anchor?.getBoundingClientRect().top, active: document.activeElement };
  }

  function threadShown() {
    const thread = byId("thread");
    if (!thread || !leaving || leaving.thread === thread) return;
    const { thread: old, anchor, at, active } = leaving;
    leaving = null;
    const known = new Set(itemsOf(old).map((item) => item.id));
    const isNew = (item) => !known.has(item.id) && item.matches(".d-msg:not(.d-msg--out, .d-msg--note)");
    const heard = itemsOf(thread).filter(isNew).at(-1);
    keepEarlier(old, thread);
    for (const item of itemsOf(thread)) {
      const before = old.querySelector(`:scope > #${CSS.escape(item.id)}`);
      if (before && arrived.get(before) === item.outerHTML) item.replaceWith(before);
    }
    remember(thread);
    htmx.process(thread);
    const view = thread.parentElement;
    const place = anchor && byId(anchor.id);
    view.scrollTop = place ? view.scrollTop + place.getBoundingClientRect().top - at : 0;
    if (active?.isConnected && active !== document.activeElement) active.focus({ preventScroll: true });
    if (heard) say(words().new?.replace("{name}", heard.querySelector("b")?.textContent ?? ""));
  }

  /** Pages read back by hand stay above what the server sends, which is the newest page only. */
  function keepEarlier(old, thread) {
    const said = ":scope > :is(.d-msg, .d-deed)";
    const first = thread.querySelector(said);
    const place = first && old.querySelector(`:scope > #${CSS.escape(first.id)}`);
    if (!place || old.querySelector(said) === place) return;
    while (first.previousSibling) first.previousSibling.remove();
    while (place.previousSibling) thread.prepend(place.previousSibling);
  }

  /** A day that begins on an earlier page is named there only. */
  function nameDaysOnce(thread) {
    const seen = new Set();
    for (const day of thread.querySelectorAll(":scope > .d-day")) {
      if (seen.has(day.id)) day.remove();
      seen.add(day.id);
    }
  }

  // ── the head waits while one of its menus is open ────────────────────────────────────────────────────────
  let waitingHead = "";
  let answering = ""; // how the answer was asked for whose parts are swapped now
  document.addEventListener("htmx:beforeSwap", ({ detail }) => (answering = detail.requestConfig?.verb ?? ""));
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (detail.target.id === "thread") leaveThread(detail.target, false);
    if (detail.target.id !== "head") return;
    const isBusy = answering === "get" && detail.target.querySelector("[aria-busy=true]");
    if (isBusy) detail.shouldSwap = false; // what was pressed brings a head of its own, to the place it was pressed at
    if (isBusy || !detail.target.querySelector("details[open]")) return;
    detail.shouldSwap = false;
    waitingHead = detail.fragment.querySelector("#head")?.outerHTML ?? "";
  });
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!waitingHead || target.open || !target.closest("#head")) return;
      htmx.swap("#head", waitingHead.replace(' hx-swap-oob="true"', ""), { swapStyle: "outerHTML" });
      waitingHead = "";
    },
    true,
  );

  // ── why: opens under its line, a second press folds it away ──────────────────────────────────────────────
  document.addEventListener("htmx:confirm", (event) => {
    const why = event.detail.elt;
    if (!why.matches(".why[aria-expanded=true]")) return;
    event.preventDefault();
    why.closest("li, .d-deed").querySelector(".d-why-slot").replaceChildren();
    why.setAttribute("aria-expanded", "false");
  });

  // ── after every swap ─────────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("htmx:oobAfterSwap", threadShown);
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const { target, requestConfig, xhr } = detail;
    if (!requestConfig) return;
    const cause = requestConfig.elt; // detail.elt is another one where the cause itself was swapped away
    if (isPoll(detail) && byId(cause.id)) answers.set(byId(cause.id), xhr.responseText);
    if (target.id === "conversation") conversationShown();
    if (target.id === "customer") customerShown(cause);
    if (target.id === "queue-more") byId("queue-rows").dataset.long = "";
    if (cause.matches(".why")) cause.setAttribute("aria-expanded", "true");
    if (cause.id === "earlier") nameDaysOnce(byId("thread"));
    threadShown();
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) say(detail.requestConfig.elt.dataset.done);
  });
  document.addEventListener("htmx:afterSettle", () => {
    refocus();
    follow();
  });

  // ── what a pane asked for is not waited for once the pane was replaced: its answer would find no place ───────
  const asking = new Map(); // pane → its request
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.elt.matches("[data-live]")) asking.set(detail.elt, detail.xhr);
  });
  document.addEventListener("htmx:beforeCleanupElement", ({ detail }) => {
    const xhr = asking.get(detail.elt);
    asking.delete(detail.elt);
    if (!xhr || xhr.readyState === XMLHttpRequest.DONE) return;
    xhr.onload = xhr.onerror = xhr.onabort = null;
    xhr.abort();
  });

  // ── small things that follow others ──────────────────────────────────────────────────────────────────────
  function tick() {
    for (const clock of document.querySelectorAll("[data-clock]")) {
      const local = { timeZone: clock.dataset.clock, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
      clock.textContent = new Date(Date.now() + skew).toLocaleTimeString("en", local);
    }
  }

  function follow() {
    markRow();
    markMain();
    for (const copy of document.querySelectorAll("[data-same-as]")) {
      const text = byId(copy.dataset.sameAs)?.textContent ?? "";
      if (copy.textContent !== text) copy.textContent = text === "0" ? "" : text;
    }
    const open = byId("conversation")?.dataset.callback;
    for (const toast of document.querySelectorAll(".d-toast--due")) {
      toast.hidden = toast.dataset.callback === open; // one has it before one's eyes
    }
    if (byId("thread")) remember(byId("thread"));
  }

  showPane(paneOfAddress());
  nameField();
  follow();
  setInterval(tick, 20_000);
}
