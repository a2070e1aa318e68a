// The desk's behaviour in the browser, by delegation, so that it survives every htmx swap.
// The data attributes it reads are listed in docs/desk-look.md.
"use strict";

const MENUS = ".d-split > details, details[data-menu]";
const COMPOSER = ".d-composer textarea:not([disabled])";

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
    menu.querySelector("summary").focus();
    return true;
  }
  const around = "form, aside, dialog, section, main";
  for (let box = active?.closest(around); box; box = box.parentElement?.closest(around)) {
    const own = [...box.querySelectorAll("[data-close]")].find(visible);
    if (own) {
      own.click();
      return true;
    }
  }
  if (isTyping(active)) {
    active.blur();
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

// ── menus: one open at a time, arrows inside, closed by a click elsewhere ──────────────────────────────────
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(MENUS)) {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const menu = event.target.closest?.(MENUS);
  if (!menu?.open) return;
  const items = [...menu.querySelectorAll(".d-menu :is(a, button)")].filter(enabled);
  const at = items.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? items.length - 1 : at - 1;
  items.at(next % items.length)?.focus();
  event.preventDefault();
});

// ── one submit at a time ───────────────────────────────────────────────────────────────────────────────────
const waiting = new Map(); // form or button → the button that shows it

function markBusy(owner, button) {
  waiting.set(owner, button);
  button?.setAttribute("aria-busy", "true");
}

function release(owner) {
  waiting.get(owner)?.removeAttribute("aria-busy");
  waiting.delete(owner);
}

document.addEventListener(
  "submit",
  (event) => {
    if (!waiting.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.target) return; // htmx marks its own, below
  markBusy(form, event.submitter);
});

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  const cause = detail.requestConfig.triggeringEvent;
  if (cause?.type === "submit") markBusy(detail.elt, cause.submitter);
  else if (detail.elt.matches("button")) markBusy(detail.elt, detail.elt);
});

document.addEventListener("htmx:confirm", (event) => {
  if (waiting.has(event.detail.elt)) event.preventDefault();
});

for (const over of ["htmx:afterRequest", "htmx:sendAbort"]) {
  document.addEventListener(over, ({ detail }) => release(detail.requestConfig?.elt ?? detail.elt));
}
addEventListener("pageshow", () => [...waiting.keys()].forEach(release)); // back from the history

// ── what the line and the server say: #live (seen and heard), #say (heard only) ────────────────────────────
/** On the agent's clock, as every other time of the page. */
function hour() {
  const local = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: words().zone };
  return new Intl.DateTimeFormat(document.documentElement.lang, local).format(Date.now() + skew);
}

function warn(text) {
  const live = document.getElementById("live");
  if (!live || !text) return;
  live.querySelector("[data-text]").textContent = text.replace("{time}", hour());
  live.dataset.shown = "";
}

function calm() {
  const live = document.getElementById("live");
  if (!live || !("shown" in live.dataset)) return;
  delete live.dataset.shown;
  live.querySelector("[data-text]").textContent = "";
}

const words = () => document.getElementById("live")?.dataset ?? {};
for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, () => warn(words().offline));
}
/** An answer from another address than the one that was asked: the page to sign in, most likely. */
const wasRedirected = ({ xhr, pathInfo }) =>
  Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location.href).pathname;

/** The house lives and its database doesn't: said until something is answered again. What was sent by hand is not. */
function away({ requestConfig }) {
  const live = document.getElementById("live");
  if (requestConfig.verb !== "get") return warn(words().unsent);
  if (live && !("shown" in live.dataset)) warn(words().away);
}

document.addEventListener("htmx:responseError", ({ detail }) => {
  const status = wasRedirected(detail) ? 403 : detail.xhr.status;
  if (status === 503) away(detail);
  else if (status === 502 || status === 504) warn(words().offline); // the proxy stands, the desk starts again
  else if (status === 401 || status === 403) warn(words().refused);
  else if (status === 404 || status === 410) warn(words().gone);
  else if (status === 429) warn(words().often);
  else warn(words().failed);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) calm();
});
addEventListener("offline", () => warn(words().offline));
addEventListener("online", calm);

/** The server says something to the ear by the header HX-Trigger: {"desk:say": "Draft saved"}. */
document.addEventListener("desk:say", ({ detail }) => {
  const say = document.getElementById("say");
  if (say) say.textContent = detail.value ?? "";
});

// ── chips that count down: data-due-at, data-due-from (both ISO instants) ──────────────────────────────────
const serverNow = Date.parse(document.body.dataset.now ?? "");
const skew = Number.isNaN(serverNow) ? 0 : serverNow - Date.now();

/** "0:42" under a day, "3 d" above it; minutes are whole ones, rounded down. */
function clockText(minutes) {
  if (minutes >= 48 * 60) return `${Math.floor(minutes / 1440)} d`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

function state(minutes) {
  if (minutes < 0) return "over";
  if (minutes < 15) return "hot";
  return minutes < 60 ? "warm" : "ok";
}

function refreshChip(chip) {
  const now = Date.now() + skew;
  const due = Date.parse(chip.dataset.dueAt);
  if (Number.isNaN(due)) return;
  const minutes = Math.floor((due - now) / 60_000);
  const late = due < now;
  const pattern = (late ? chip.dataset.late ?? words().late : chip.dataset.words) ?? "{time}";
  const text = pattern.replace("{time}", clockText(late ? Math.floor((now - due) / 60_000) : minutes));
  const place = chip.querySelector("[data-text]") ?? chip;
  if (place.textContent !== text) place.textContent = text;
  chip.dataset.due = state(minutes);
  const from = Date.parse(chip.dataset.dueFrom ?? "");
  const left = late ? 100 : ((due - now) / (due - from)) * 100;
  if (!Number.isNaN(left)) chip.dataset.left = Math.min(100, Math.max(0, left)).toFixed(0);
}

const refreshChips = (root = document) => root.querySelectorAll("[data-due-at]").forEach(refreshChip);
setInterval(refreshChips, 20_000);

// ── the composer: sentences put in at the cursor, height that follows the text ─────────────────────────────
/** data-insert="sentence" puts it where the cursor stands, with a space where words would touch. */
function insert(text) {
  const field = [...document.querySelectorAll(COMPOSER)].find((area) => visible(area)) ?? document.querySelector(COMPOSER);
  if (!field) return;
  if (!visible(field)) location.hash = "conversation"; // on the phone the composer is another pane
  const before = field.value.slice(0, field.selectionStart);
  const glue = before && !/\s$/.test(before) ? " " : "";
  field.focus();
  field.setRangeText(glue + text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true })); // the draft saves itself on input
}

const grows = CSS.supports("field-sizing", "content");
function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}
document.addEventListener("input", (event) => {
  if (!grows && event.target.matches("textarea")) fit(event.target);
});

document.addEventListener("click", (event) => {
  const prompt = event.target.closest("[data-insert]");
  if (prompt) insert(prompt.dataset.insert);
  const eye = event.target.closest("[data-shows]");
  if (eye) {
    const field = document.getElementById(eye.dataset.shows);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    eye.setAttribute("aria-pressed", String(!shown));
  }
  event.target.closest("[data-dismiss]")?.closest(".d-toast")?.remove();
});

document.addEventListener("click", (event) => {
  const shuts = event.target.closest("[data-shuts]");
  if (shuts) document.getElementById(shuts.dataset.shuts).close();
});

function settle(root) {
  refreshChips(root);
  root.querySelectorAll("dialog[data-modal]:not([open])").forEach((dialog) => dialog.showModal());
  if (!grows) root.querySelectorAll("textarea").forEach(fit);
}
settle(document);
document.addEventListener("htmx:load", (event) => settle(event.detail.elt.parentElement ?? document));
