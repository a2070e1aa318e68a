// What the line and the server say, chips that count down, and words put into the composer, by delegation, so that they
// survive every htmx swap. Stands on keys.js (visible). The data attributes it reads are listed in docs/desk-look.md.
"use strict";

const COMPOSER = ".d-composer textarea:not([disabled])";

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
/** What every request of our own bears besides those of htmx. */
const csrfToken = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";

/** An answer from another address than the one that was asked: the page to sign in, most likely. */
const wasRedirected = ({ xhr, pathInfo }) =>
  Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, location.href).pathname;

/** The house lives and its database doesn't: said until something is answered again. What was sent by hand is not. */
function away({ requestConfig }) {
  const live = document.getElementById("live");
  if (requestConfig.verb !== "get" && requestConfig.triggeringEvent) return warn(words().unsent); // and not a heartbeat
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

/** Something for the ear only. */
function say(text) {
  const ear = document.getElementById("say");
  if (ear && text) ear.textContent = text;
}

/** The server says something to the ear by the header HX-Trigger: {"desk:say": "Draft saved"}. */
document.addEventListener("desk:say", ({ detail }) => {
  const say = document.getElementById("say");
  if (say) say.textContent = detail.value ?? "";
});

// ── what never jumps: data-still ───────────────────────────────────────────────────────────────────────────
let pointerMoved = 0;
document.addEventListener("pointermove", () => (pointerMoved = Date.now()), { passive: true });
/** Whether what is to stand still has the pointer moving over it. */
const staysStill = (pane) => "still" in pane.dataset && pane.matches(":hover") && Date.now() - pointerMoved < 3_000;

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
