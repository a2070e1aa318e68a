// What has the focus, and the keys that press what bears them, by delegation, so that they survive every htmx swap.
// The data attributes it reads are listed in docs/desk-look.md.
"use strict";

const MENUS = ".d-split > details, details[data-menu]";

// ── what has the focus ─────────────────────────────────────────────────────────────────────────────────────
const visible = (element) => element.getClientRects().length > 0;
const enabled = (element) => !element.disabled && element.getAttribute("aria-disabled") !== "true";

/** True where letters are text and not commands. */
function isTyping(element) {
  if (!element || element === document.body) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
}

/** Where keys look for their target: the open dialog, else the page. */
const scope = () => document.querySelector("dialog[open]") ?? document;

// ── keys: data-key="g", data-key="mod+k", data-key="mod+shift+enter" ───────────────────────────────────────
/** "mod+shift+enter" for a key event; mod is ⌘ or Ctrl. Shift counts only beside another modifier or a named key. */
function combination(event) {
  const key = event.key.toLowerCase();
  const parts = [];
  if (event.metaKey || event.ctrlKey) parts.push("mod");
  if (event.altKey) parts.push("alt");
  if (event.shiftKey && (parts.length || key.length > 1)) parts.push("shift");
  return [...parts, key].join("+");
}

/** The element a key stands for: in the form that has the focus first, else the first one to be seen. */
function boundTo(keys, form) {
  const wanted = `[data-key~="${CSS.escape(keys)}"]`;
  const usable = (element) => enabled(element) && visible(element.closest(MENUS) ?? element); // menus may be shut
  const own = form && [...form.querySelectorAll(wanted)].find(usable);
  if (own || keys.endsWith("enter")) return own; // what is sent is always the form one is in
  return [...scope().querySelectorAll(wanted)].find(usable);
}

function activate(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return element.focus();
  element.click();
  if (element.matches("summary")) element.focus(); // the arrows go on from there
  if (element.matches(".d-composer [type=radio]")) element.form.querySelector("textarea").focus();
}

/** A click and not requestSubmit(button): htmx sends the name of the button that was clicked. */
function submitFocused(form) {
  const button = [...form.elements].find((field) => field.type === "submit" && enabled(field));
  if (button) button.click();
  else form.requestSubmit();
}

/** j and k move through the rows, o opens the one with the focus. */
function moveThroughRows(key) {
  const rows = [...scope().querySelectorAll(".d-row[href]")].filter(visible);
  const at = rows.indexOf(document.activeElement);
  if (key === "o") {
    if (at >= 0) rows[at].click();
    return at >= 0;
  }
  const current = at >= 0 ? at : rows.findIndex((row) => row.matches("[aria-current]"));
  const next = rows[Math.max(0, current + (key === "j" ? 1 : -1))];
  next?.focus();
  return Boolean(next);
}

/** Esc: the open menu, else the panel around the focus, else the field is left, else the last panel opened. */
function closeNearest() {
  const active = document.activeElement;
  const menu = active?.closest(MENUS);
  if (menu?.open) {
    menu.open = false;
    (document.getElementById(menu.dataset.backTo) ?? menu.querySelector("summary")).focus();
    return true;
  }
  const around = "form, dialog, section, .d-pane";
  for (let box = active?.closest(around); box; box = box.parentElement?.closest(around)) {
    const own = [...box.querySelectorAll("[data-close]")].find(visible);
    if (own) {
      own.click();
      return true;
    }
  }
  if (isTyping(active)) {
    const home = active.closest("main") ?? document.getElementById("conversation");
    if (home) home.focus({ preventScroll: true });
    else active.blur();
    return true;
  }
  const last = [...scope().querySelectorAll("[data-close]")].filter(visible).at(-1);
  last?.click();
  return Boolean(last);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const keys = combination(event);
  const form = document.activeElement?.closest("form");
  const single = !/^(mod|alt)\+/.test(keys);
  if (keys === "escape") {
    if (!document.querySelector("dialog[open]") && closeNearest()) event.preventDefault();
    return;
  }
  if (single && (isTyping(document.activeElement) || document.body.dataset.keys === "off")) return;
  const target = boundTo(keys, form);
  if (target) {
    event.preventDefault();
    activate(target);
  } else if (keys === "mod+enter" && form) {
    event.preventDefault();
    submitFocused(form);
  } else if (["j", "k", "o"].includes(keys) && moveThroughRows(keys)) {
    event.preventDefault();
  }
});
