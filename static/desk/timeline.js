// The timeline comes anew by itself: what is unchanged stays the very same element (an open *why*, the focus), pages
// read back by hand stay below it, the eye stays where it was, and an open menu is not taken away.
"use strict";
{
  const arrived = new WeakMap(); // line → its HTML as it came
  let leaving = null;

  const list = () => document.querySelector("#timeline > .d-tl");
  const linesOf = (of) => [...(of?.querySelectorAll(":scope > li") ?? [])];
  const topOf = (element) => element.getBoundingClientRect().top;

  function remember() {
    for (const line of linesOf(list())) if (!arrived.has(line)) arrived.set(line, line.outerHTML);
  }

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, requestConfig } = detail;
    if (target.id !== "timeline" || requestConfig.triggeringEvent || !detail.shouldSwap) return;
    if (target.querySelector("details[open]")) {
      detail.shouldSwap = false;
      htmx.trigger(target, "desk:unshown");
      return;
    }
    const view = target.closest(".d-scroll");
    const anchor = view?.scrollTop ? linesOf(list()).find((line) => topOf(line) > topOf(view)) : null;
    leaving = { lines: linesOf(list()), view, anchor, top: anchor && topOf(anchor), active: document.activeElement };
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (leaving && detail.target.id === "timeline") keep(leaving);
    leaving = null;
    remember();
  });
  document.addEventListener("htmx:afterSettle", remember);

  function keep({ lines, view, anchor, top, active }) {
    const known = Map.groupBy(lines, (line) => arrived.get(line));
    let last = null; // the last line that was there before
    let changed = 0; // how many lines after it say something else by now
    for (const line of linesOf(list())) {
      const before = known.get(line.outerHTML)?.shift();
      if (before) {
        line.replaceWith(before);
        [last, changed] = [before, 0];
      } else if (!line.matches(".d-tl__more")) changed += 1;
    }
    if (last && !last.matches(".d-tl__more")) {
      list().querySelector(":scope > .d-tl__more")?.remove();
      list().append(...lines.slice(lines.indexOf(last) + 1 + changed));
    }
    htmx.process(list());
    if (anchor?.isConnected) view.scrollTop += topOf(anchor) - top;
    if (active?.isConnected && active !== document.activeElement) active.focus({ preventScroll: true });
  }

  remember();
}
