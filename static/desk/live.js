// What changed comes by itself: one stream a browser, held by the tab that has the lock and relayed to the others.
// A pane with data-live="ticket:12 account:7" asks anew when one of these changes, once a second at most or in
// data-live-gap seconds, and with data-still not while the pointer moves over it; while there is a stream its own poll
// asks once a minute only (data-live-slow), and without one as often as it says. See docs/live.md.
"use strict";
{
  const SLOW = 60_000; // so often a pane asks by itself although the stream would tell
  const GAP = 1_000; // between two questions of a pane
  const UNSEEN_GAP = 5_000; // for a list in which what changed does not stand
  const KEPT = 10_000; // so long an event is kept for panes and tabs that were on their way
  const FIRST_WAIT = 1_000;
  const LONGEST_WAIT = 30_000;

  const me = document.querySelector(".d-app");
  const channel = window.BroadcastChannel ? new BroadcastChannel("desk-live") : null;
  const recent = []; // { kind, ref, at }
  const asked = new Map(); // id of a pane → when it asked last
  const timers = new Map(); // id of a pane → the question that is to come
  let isOn = false; // there is a stream, in this tab or in another
  let cursor = ""; // the last event seen
  let isAsking = false;

  const panes = () => document.querySelectorAll("[data-live][id]");
  const chance = (milliseconds) => Math.random() * milliseconds;

  // ── a pane asks anew: soon, never twice at once, never under the pointer ─────────────────────────────────
  /** What is still waits while the pointer moves over it, and what nobody sees until it is looked at. */
  function waits(pane) {
    if (document.hidden) return !/\b(bell|due)\b/.test(pane.dataset.live);
    return staysStill(pane);
  }

  function plan(id, gap = GAP) {
    const at = Math.max(Date.now() + 30 + chance(120), (asked.get(id) ?? 0) + gap);
    const planned = timers.get(id);
    if (planned && planned.at <= at) return;
    clearTimeout(planned?.timer);
    timers.set(id, { at, timer: setTimeout(() => ask(id), at - Date.now()) });
  }

  function ask(id) {
    timers.delete(id);
    const pane = document.getElementById(id);
    if (!pane?.dataset.live) return;
    if (waits(pane)) {
      timers.set(id, { at: Date.now() + GAP, timer: setTimeout(() => ask(id), GAP) });
      return;
    }
    const verb = pane.hasAttribute("hx-post") ? "post" : "get";
    const address = pane.getAttribute(`hx-${verb}`);
    if (!address) return;
    isAsking = true;
    htmx.ajax(verb, address, { source: pane }).catch(() => {});
    isAsking = false;
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    requestConfig.sentAt = Date.now();
    if (!elt.dataset?.live) return;
    const isPoll = !requestConfig.triggeringEvent && !isAsking && requestConfig.verb === "get";
    const since = Date.now() - (asked.get(elt.id) ?? started);
    const slow = Number(elt.dataset.liveSlow ?? 0) * 1_000 || SLOW;
    const isSaid = "shown" in (document.getElementById("live")?.dataset ?? {}); // something failed: see when it is over
    if (isPoll && isOn && !isSaid && since < slow) event.preventDefault();
    else asked.set(elt.id, Date.now());
  });
  const started = Date.now();

  function isFor(pane, { kind, ref }) {
    return pane.dataset.live.split(" ").some((told) => {
      const [name, id] = told.split(":");
      return name === kind && (!id || ref === 0 || Number(id) === ref);
    });
  }

  function hear(event) {
    for (const pane of panes()) {
      if (!isFor(pane, event)) continue;
      const isListed = pane.id !== "queue-rows" || event.ref === 0 || document.getElementById(`row-${event.ref}`);
      plan(pane.id, isListed ? Number(pane.dataset.liveGap ?? 0) * 1_000 || GAP : UNSEEN_GAP);
    }
    document.dispatchEvent(new CustomEvent("desk:live", { detail: event }));
  }

  document.addEventListener("desk:unshown", ({ target }) => plan(target.id));

  function refreshAll() {
    for (const pane of panes()) plan(pane.id, 0);
    document.dispatchEvent(new CustomEvent("desk:live", { detail: { kind: "all", ref: 0 } }));
  }

  // What changed while a conversation was on its way may stand in it or not.
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id !== "conversation" || !detail.requestConfig) return;
    for (const event of recent) if (event.at >= detail.requestConfig.sentAt) hear(event);
  });

  // ── what comes, in every tab ─────────────────────────────────────────────────────────────────────────────
  const heard = {
    event(event) {
      recent.push({ ...event, at: Date.now() });
      while (recent[0] && recent[0].at < Date.now() - KEPT) recent.shift();
      hear(event);
    },
    place: (place) => (cursor = place),
    state(on) {
      if (on === isOn) return;
      isOn = on;
      document.documentElement.dataset.stream = on ? "on" : "off";
    },
    reset: refreshAll,
  };

  function relay(what, value) {
    heard[what]?.(value);
    channel?.postMessage({ [what]: value });
  }

  channel?.addEventListener("message", ({ data }) => {
    if ("asks" in data) answer(data.asks);
    for (const [what, value] of Object.entries(data)) heard[what]?.(value);
  });

  /** A tab has opened: whoever holds the stream says so, and what came while its page was on its way. */
  function answer(since) {
    if (!source) return;
    channel.postMessage({ state: isOn, place: cursor });
    for (const event of recent) if (event.at >= since) channel.postMessage({ event });
  }

  // ── the stream, in the tab that holds the lock ───────────────────────────────────────────────────────────
  let source = null;
  let wait = FIRST_WAIT;
  let again = 0;
  let wasLost = false;

  function open() {
    clearTimeout(again);
    source?.close();
    source = new EventSource(cursor ? `/live/?last=${cursor}` : "/live/");
    const note = ({ lastEventId }) => lastEventId && lastEventId !== cursor && relay("place", lastEventId);
    source.addEventListener("hello", (event) => {
      wait = FIRST_WAIT;
      note(event);
      relay("state", true);
      if (wasLost) relay("reset", true); // what is of the moment is never said again
      wasLost = false;
    });
    source.addEventListener("message", (event) => {
      note(event);
      const { kind, ref } = JSON.parse(event.data);
      relay("event", { kind, ref });
    });
    source.addEventListener("reset", (event) => {
      note(event);
      relay("reset", true);
    });
    source.addEventListener("away", () => relay("state", false)); // the desk lives, its database does not
    source.addEventListener("back", () => relay("state", true));
    source.addEventListener("error", lose);
  }

  /** Away from the server: back by itself, later each time, and not all browsers at once. */
  function lose() {
    source.close();
    wasLost = true;
    relay("state", false);
    clearTimeout(again);
    again = setTimeout(open, wait / 2 + chance(wait / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  addEventListener("offline", () => source && lose());
  addEventListener("online", () => {
    wait = FIRST_WAIT;
    if (source) open();
    else refreshAll();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && source?.readyState === EventSource.CLOSED) open();
  });
  addEventListener("pagehide", () => source?.close());

  if (me && window.EventSource) {
    channel?.postMessage({ asks: performance.timeOrigin });
    const hold = () => {
      open();
      return new Promise(() => {}); // until this tab is closed
    };
    if (channel && navigator.locks) navigator.locks.request("desk-live", hold).catch(() => {});
    else hold();
  }
}
