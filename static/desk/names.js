// Names in a note: whoever types an @ is offered colleagues and teams; Tab or Enter takes the marked one.
"use strict";

{
  const BEGUN = /(?:^|[\s(])@([\p{L}\p{N}_.+-]{0,40})$/u;
  let asked = ""; // the list is of this beginning
  let marked = 0;

  const list = () => document.getElementById("names");
  const offered = () => [...(list()?.querySelectorAll("[data-handle]") ?? [])];

  /** What stands after the @ before the caret, null when no name is being typed. */
  function begun(field) {
    if (field.form.elements.kind.value !== "note") return null;
    const found = BEGUN.exec(field.value.slice(0, field.selectionStart));
    return found ? found[1] : null;
  }

  function close(field) {
    asked = "";
    list()?.replaceChildren();
    field?.removeAttribute("aria-activedescendant");
  }

  function mark(field, number) {
    const names = offered();
    marked = (number + names.length) % (names.length || 1);
    names.forEach((one, at) => one.setAttribute("aria-selected", String(at === marked)));
    names.forEach((one, at) => one.classList.toggle("is-on", at === marked));
    if (names.length) field.setAttribute("aria-activedescendant", names[marked].id);
  }

  async function offer(field, beginning) {
    if (asked === `@${beginning}`) return;
    asked = `@${beginning}`;
    const wanted = asked;
    const answer = await fetch(`${list().dataset.address}?q=${encodeURIComponent(beginning)}`);
    if (!answer.ok || asked !== wanted || !list()) return;
    list().innerHTML = await answer.text();
    mark(field, 0);
  }

  function take(field, handle) {
    const beginning = begun(field);
    if (beginning === null) return;
    const caret = field.selectionStart;
    field.setRangeText(`${handle} `, caret - beginning.length, caret, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close(field);
    field.focus();
  }

  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.("#composer textarea")) return;
    const beginning = begun(target);
    if (beginning === null) close(target);
    else offer(target, beginning);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    const names = offered();
    if (!names.length || !field.matches?.("#composer textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (event.key in steps) mark(field, marked + steps[event.key]);
    else if (event.key === "Tab" || event.key === "Enter") take(field, names[marked].dataset.handle);
    else if (event.key === "Escape") close(field);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  document.addEventListener("click", ({ target }) => {
    const chosen = target.closest?.("#names [data-handle]");
    if (chosen) take(document.querySelector("#composer textarea"), chosen.dataset.handle);
  });
}
