// The thread: what is unchanged stays the very same element, and stays where the eye is; earlier pages stay above, a day
// is named once. Stands on desk.js (say, words); panes.js calls it around every swap.
"use strict";
const deskThread = (() => {
  const byId = (id) => document.getElementById(id);
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

  return { leave: leaveThread, shown: threadShown, remember, nameDaysOnce };
})();
