// Where one is: tickets opened from memory, back and forward without a reload. The list and what is typed stay; only
// the conversation and the customer change. Stands on desk.js (warn, words).
"use strict";
const deskPlaces = (() => {
  const MOST = 2; // tickets fetched ahead
  const GOOD_FOR = 90_000; // ms; asked again for news every minute
  const SPOTS = "desk-spots"; // where one was on every page of this tab's history
  const SPOTS_KEPT = 50;

  const byId = (id) => document.getElementById(id);
  const page = () => location.pathname + location.search;
  const home = () => new URL(document.querySelector(".d-brand")?.href ?? "/", location.href).pathname;

  /** The list that stands beside what an address shows; "" for a page of its own. */
  function listBeside(path) {
    if (/\/callbacks\/(\d+\/)?$/.test(path)) return "agenda";
    return path === home() || /\/(tickets\/[A-Z0-9]+-\d+|customers\/\d+)\/$/.test(path) ? "queue-rows" : "";
  }
  const isPlace = (path) => Boolean(byId("conversation") && byId(listBeside(path)));

  /** The two panes of an address; null where it leads elsewhere (signed out, gone), undefined where the line is lost. */
  async function part(address, headers = {}) {
    try {
      const asked = { "HX-Request": "true", "HX-Target": "conversation", ...headers };
      const answer = await fetch(address, { headers: asked });
      return answer.ok && !answer.redirected ? await answer.text() : null;
    } catch {
      return undefined;
    }
  }

  // ── ahead: the ticket after the open one, and the one with the focus ─────────────────────────────────────
  const ahead = new Map(); // address → { html (null: on its way), at, said }
  const said = (row) => row.querySelector(".d-row__last")?.textContent;
  const saves = () => navigator.connection?.saveData || !navigator.onLine || document.hidden;

  async function lookAhead(row) {
    const address = row?.closest("#queue-rows") && row.pathname;
    if (!address || saves() || row.dataset.ticket === byId("conversation")?.dataset.ticket) return;
    if (ahead.get(address)?.said === said(row)) return;
    ahead.delete(address);
    if (ahead.size >= MOST) ahead.delete(ahead.keys().next().value);
    const entry = { html: null, at: Date.now(), said: said(row) };
    ahead.set(address, entry);
    entry.html = await part(address, { "Desk-Ahead": "1" });
    if (!entry.html && ahead.get(address) === entry) ahead.delete(address);
  }

  function nextRow() {
    const rows = [...document.querySelectorAll("#queue-rows .d-row[hx-get]")];
    return rows[rows.findIndex((row) => row.id === byId("conversation")?.dataset.row) + 1];
  }

  /** What was fetched ahead, once: its form has a key of its own. Not when the row says something else by now. */
  function take(row) {
    const address = row.pathname;
    const entry = ahead.get(address);
    ahead.delete(address);
    return entry?.html && Date.now() - entry.at < GOOD_FOR && entry.said === said(row) ? entry.html : null;
  }

  async function keepFresh() {
    if (saves()) return;
    for (const [address, entry] of [...ahead]) {
      const check = entry.html?.match(/id="thread"[^>]*? hx-get="([^"]*)"/)?.[1].replaceAll("&amp;", "&");
      const answer = check && (await fetch(check, { headers: { "HX-Request": "true", "Desk-Ahead": "1" } }).catch(() => null));
      if (answer?.status === 204) entry.at = Date.now();
      else if (entry.html && ahead.get(address) === entry) ahead.delete(address);
    }
    lookAhead(nextRow());
  }
  setInterval(keepFresh, 60_000);

  // live.js hears of changes: what was fetched before one is not shown.
  document.addEventListener("desk:live", ({ detail }) => {
    if (!detail.ref) ahead.clear(); // something may have been missed
    const row = byId(`row-${detail.ref}`);
    if (row && ahead.delete(row.pathname)) lookAhead(row);
  });

  let resting = 0;
  document.addEventListener("focusin", ({ target }) => {
    clearTimeout(resting);
    if (target.matches(".d-row[hx-get]")) resting = setTimeout(lookAhead, 60, target); // not every row one passes
  });

  // ── the two panes change ─────────────────────────────────────────────────────────────────────────────────
  let turns = 0; // whoever went on meanwhile is not called back

  function paint(html, cause) {
    const target = byId("conversation");
    const eventInfo = {
      target, successful: true, pathInfo: {}, xhr: { status: 200, responseText: html },
      requestConfig: { elt: cause ?? target, verb: "get", triggeringEvent: new Event("click") },
    };
    htmx.swap(target, html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { contextElement: target, eventInfo });
  }

  /** What was painted from memory is asked for news at once, as the thread does by itself. */
  function freshen() {
    const source = byId("conversation"); // stays, whatever of it comes anew meanwhile
    for (const place of [byId("thread"), byId("customer")]) {
      const address = place?.getAttribute("hx-get");
      if (address) htmx.ajax("GET", address, { source, target: place, swap: "outerHTML", headers: { "Desk-Fresh": "1" } });
    }
  }

  let panel = ""; // the customer's pane is on its way to become something else
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const { headers } = detail.requestConfig;
    if (detail.target?.id === "customer" && !headers["Desk-Fresh"]) panel = byId("conversation")?.dataset.row ?? "";
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "customer" || !detail.requestConfig.headers?.["Desk-Fresh"]) return;
    const taken = panel && panel === byId("conversation")?.dataset.row;
    if (taken || detail.target.querySelector("[data-close]")) detail.shouldSwap = false;
  });

  document.addEventListener("htmx:confirm", (event) => {
    const row = event.detail.elt;
    if (!row.matches(".d-rows .d-row, a[hx-push-url=true]")) return;
    leave();
    turns += 1;
    panel = "";
    const html = row.closest("#queue-rows") && take(row);
    if (!html) return;
    event.preventDefault();
    htmx.trigger("#queue", "htmx:abort"); // one that was clicked before is not wanted any more
    push(row.getAttribute("href"));
    paint(html, row);
    freshen();
  });

  // Sent, resolved, next: the server names the row that follows, and it opens as by a click.
  document.addEventListener("htmx:confirm", (event) => {
    const { path, etc } = event.detail;
    const follows = etc.headers?.["Desk-Next"];
    if (!follows) return;
    leave();
    const { pathname } = new URL(path, location.href);
    const row = [...document.querySelectorAll("#queue-rows .d-row[hx-get]")].find((one) => one.pathname === pathname);
    const html = row && take(row);
    if (!html) return;
    event.preventDefault();
    turns += 1;
    push(path);
    paint(html, row);
    freshen();
    const proposal = document.createElement("div");
    byId("head").append(proposal);
    htmx.ajax("GET", follows, { source: proposal, target: proposal });
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const id = detail.target?.id;
    if (id === "conversation") ahead.delete(byId("conversation")?.dataset.row && location.pathname);
    if (["conversation", "queue", "queue-rows"].includes(id)) lookAhead(nextRow());
  });

  const outermost = (element) => (element.parentElement ? outermost(element.parentElement) : element);

  // Before a ticket is here the list may come anew: the row that asked stands nowhere any more, and htmx would look for
  // the place of the customer in what was taken away with it. So it stands in the page again, unseen, for that moment.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { elt } = detail.requestConfig;
    if (elt.isConnected) return;
    const around = elt.parentElement?.closest("[hx-swap]"); // says how it is swapped
    const place = around?.cloneNode() ?? document.createElement("div");
    place.removeAttribute("id");
    place.hidden = true;
    place.append(outermost(elt)); // what it inherits stands around it
    document.body.append(place);
    setTimeout(() => place.remove());
  });

  // ── history: each entry knows where the list stood and what had the focus ────────────────────────────────
  function spots() {
    try {
      return JSON.parse(sessionStorage.getItem(SPOTS) ?? "{}");
    } catch {
      return {};
    }
  }

  function leave() {
    globalThis.saveDraft?.();
    const active = document.activeElement;
    const kept = spots();
    delete kept[entry];
    kept[entry] = {
      list: byId("queue-scroll")?.scrollTop ?? 0,
      focus: active?.id ?? "",
      at: active?.matches("textarea") ? [active.selectionStart, active.selectionEnd] : null,
    };
    try {
      sessionStorage.setItem(SPOTS, JSON.stringify(Object.fromEntries(Object.entries(kept).slice(-SPOTS_KEPT))));
    } catch {
      // then one comes back to the top of the list
    }
  }

  function comeBack() {
    const spot = spots()[entry];
    if (!spot) return;
    if (byId("queue-scroll")) byId("queue-scroll").scrollTop = spot.list;
    const place = spot.focus && byId(spot.focus);
    if (!place) return;
    place.focus({ preventScroll: true });
    if (spot.at && place.matches("textarea")) place.setSelectionRange(...spot.at);
  }

  const named = () => `e${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  function name() {
    entry = named();
    history.replaceState({ ...history.state, htmx: true, desk: entry }, "");
    shown = page();
  }

  function push(address) {
    history.pushState({ htmx: true }, "", address);
    name();
  }

  let entry = history.state?.desk ?? "";
  let shown = page();
  if (entry) comeBack();
  else name();
  document.addEventListener("htmx:pushedIntoHistory", name);
  document.addEventListener("htmx:replacedInHistory", () => (shown = page()));
  addEventListener("pagehide", leave);

  addEventListener(
    "popstate",
    (event) => {
      if (page() === shown) return event.stopImmediatePropagation(); // another pane of the same page
      if (!isPlace(location.pathname)) return; // comes anew as a page
      event.stopImmediatePropagation();
      leave();
      entry = history.state?.desk ?? "";
      shown = page();
      come(page());
    },
    true,
  );

  async function come(address) {
    const turn = ++turns;
    panel = "";
    await globalThis.saveDraft?.(); // what comes shall know what was typed there a moment ago
    const html = await part(address);
    if (turn !== turns) return;
    if (html === undefined) return warn(words().offline);
    if (html === null) return location.reload();
    paint(html);
    if (location.pathname === home()) {
      document.querySelector(".d-app").dataset.first = "queue"; // what a phone shows here
      dispatchEvent(new HashChangeEvent("hashchange"));
    }
    comeBack();
  }

  /** Opens a ticket of the desk in this page, as a click in the list would. */
  function go(address) {
    leave();
    push(address);
    come(address);
  }

  // A link to a customer or a ticket beside the same list; a phone has other panes to choose from there.
  const isPlain = (event) => !event.defaultPrevented && !event.button && !["altKey", "ctrlKey", "metaKey", "shiftKey"].some((key) => event[key]);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".d-app a[href]:not([target], [download], [hx-get])");
    if (!link || !isPlain(event) || link.origin !== location.origin || matchMedia("(max-width: 960px)").matches) return;
    const { pathname, search, hash } = link;
    if (search || hash || pathname === home() || listBeside(pathname) !== "queue-rows" || !isPlace(pathname)) return;
    event.preventDefault();
    go(pathname);
  });

  addEventListener("load", () => lookAhead(nextRow()));
  return { go };
})();
