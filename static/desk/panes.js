// What the panes do around every answer of the server: which one a phone shows, which row is the open one, what
// stays as it was. Stands on desk.js (say, wasRedirected), focus.js, unsent.js and thread.js.
"use strict";
{
  const PANES = ["queue", "conversation", "customer"];
  const byId = (id) => document.getElementById(id);
  const onPhone = matchMedia("(max-width: 960px)");
  const isPoll = ({ requestConfig }) => !requestConfig.triggeringEvent;

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

  // ── the open ticket: its row, its title ────────────────────────────────────────────────────────────────────
  function markRow() {
    const current = opened();
    for (const row of document.querySelectorAll("#queue .d-row")) {
      if (row.id === current) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  function conversationShown() {
    const main = byId("conversation");
    if (main.dataset.title) document.title = main.dataset.title;
    markRow();
    deskWords.takeUp();
    document.querySelector(".d-app").dataset.first = "conversation"; // what this address shows from now on
    showPane("conversation");
    if (deskFocus.wasIn("composer")) deskFocus.refocus(); // whoever is typing goes on typing, and not into the keys
    const active = document.activeElement;
    if (onPhone.matches || !active || active === document.body) main.focus({ preventScroll: true });
    say(main.querySelector("h1")?.textContent);
  }

  // ── polls: an answer that says nothing new changes nothing ───────────────────────────────────────────────
  const answers = new WeakMap(); // element that asks → the answer it shows

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
      const isStill = !same && staysStill(detail.elt);
      if (same || isStill) detail.shouldSwap = false;
      if (isStill) htmx.trigger(detail.elt, "desk:unshown"); // it asks again when the pointer rests
    }
    if (detail.shouldSwap && detail.target.id === "thread") deskThread.leave(detail.target, !isPoll(detail));
  });

  // ── the head waits while one of its menus is open ────────────────────────────────────────────────────────
  let waitingHead = "";
  let answering = ""; // how the answer was asked for whose parts are swapped now
  document.addEventListener("htmx:beforeSwap", ({ detail }) => (answering = detail.requestConfig?.verb ?? ""));
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (detail.target.id === "thread") deskThread.leave(detail.target, false);
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
  document.addEventListener("htmx:oobAfterSwap", deskThread.shown);
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const { target, requestConfig, xhr } = detail;
    if (!requestConfig) return;
    const cause = requestConfig.elt; // detail.elt is another one where the cause itself was swapped away
    if (isPoll(detail) && byId(cause.id)) answers.set(byId(cause.id), xhr.responseText);
    if (target.id === "conversation") conversationShown();
    if (target.id === "customer") deskFocus.customerShown(cause);
    if (target.id === "queue-more") byId("queue-rows").dataset.long = "";
    if (cause.matches(".why")) cause.setAttribute("aria-expanded", "true");
    if (cause.id === "earlier") deskThread.nameDaysOnce(byId("thread"));
    deskThread.shown();
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) say(detail.requestConfig.elt.dataset.done);
  });
  document.addEventListener("htmx:afterSettle", () => {
    deskFocus.refocus();
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
    if (byId("thread")) deskThread.remember(byId("thread"));
  }

  showPane(paneOfAddress());
  deskWords.nameField();
  follow();
  document.querySelector("#queue .d-row[aria-current]")?.scrollIntoView({ block: "nearest" });
  setInterval(tick, 20_000);
}
