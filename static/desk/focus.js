// The focus: into a panel that opens, back to its button when it closes, and never into nowhere. Stands on keys.js
// (isTyping); panes.js calls it after every swap.
"use strict";
const deskFocus = (() => {
  const byId = (id) => document.getElementById(id);
  const onPhone = matchMedia("(max-width: 960px)");
  const composer = () => byId("composer");
  let last = null; // { element, zone } that had the focus
  let opener = ""; // the key of the button that opened the panel

  document.addEventListener("focusin", ({ target }) => {
    if (target.closest("dialog")) return; // it gives the focus back to where it was
    const zone = target.closest("#composer, #customer, #head, #conversation, #queue")?.id;
    last = { element: target, zone, menu: target.closest("details")?.querySelector("summary") };
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

  /** The menu one chose from, as it came anew: the next key press must not fall on what merely stands first. */
  function menuAgain() {
    const { id, dataset } = last.menu ?? {};
    if (id) return byId(id);
    return dataset?.key && byId(last.zone)?.querySelector(`[data-key="${CSS.escape(dataset.key)}"]`);
  }

  /** Whoever was writing a note when another ticket came writes a note there too: it must never turn into a mail. */
  function staysNote(left) {
    const note = composer()?.querySelector("input[name=kind][value=note]");
    if (note && left?.elements.kind.value === "note") note.checked = true;
  }

  /** What had the focus was swapped away: put it on what came in its place. */
  function refocus() {
    const active = document.activeElement;
    const isNowhere = !active || active === document.body || active.closest("dialog:not([open])"); // which just closed
    if (!isNowhere || !last || last.element.isConnected) return;
    if (last.zone === "composer") staysNote(last.element.form);
    const again = () => byId(last.element.id) ?? menuAgain();
    const place = {
      composer: () => (onPhone.matches ? byId("thread")?.parentElement : composer()?.elements.text),
      customer: () => again() ?? (byId("customer").querySelector("[data-close]") ? firstChoice() : byId("customer")),
      head: () => again() ?? byId("conversation"),
      queue: () => byId(last.element.id) ?? document.querySelector("#queue [aria-current]"),
      conversation: () => byId("conversation"),
    }[last.zone];
    place?.()?.focus({ preventScroll: true });
    if (document.activeElement === document.body) byId("head-side")?.focus({ preventScroll: true }); // its pane is away
  }

  // The list behind a dialog may have come anew meanwhile. "close" does not bubble: it is caught on its way down.
  document.addEventListener("close", () => refocus(), true);

  return { customerShown, refocus, wasIn: (zone) => last?.zone === zone };
})();
