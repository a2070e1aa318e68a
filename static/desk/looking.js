// Who else looks at a ticket and who writes there: told by every tab that is looked at, shown in the ticket's head
// and in the rows. Stands on desk.js (words); hears desk:live from live.js.
"use strict";
{
  const EVERY = 20_000; // milliseconds between two words that one still looks
  const TYPES_EVERY = 4_000; // that one types is said so often at most
  const STOPS_AFTER = 8_000;
  const GAP = 1_500; // between two questions because somebody else came or went
  const ROWS = 60;

  const address = document.querySelector("[data-looking]")?.dataset.looking;
  const shown = new Map(); // ticket → { row, head }: what was answered last
  let typed = { at: 0, kind: "" };
  let told = { at: 0, ticket: "", typing: "" };
  let planned = 0;
  let isTelling = false;

  const ticketOpen = () => document.getElementById("conversation")?.dataset.row?.match(/^row-(\d+)$/)?.[1] ?? "";
  const rows = () => [...document.querySelectorAll("#queue [data-looks]")].slice(0, ROWS).map((row) => row.dataset.looks);
  const typing = () => (typed.kind && Date.now() - typed.at < STOPS_AFTER ? typed.kind : "");

  // ── telling ──────────────────────────────────────────────────────────────────────────────────────────────
  function words(left) {
    const form = new FormData();
    form.set("csrfmiddlewaretoken", csrfToken());
    if (left) form.set("left", left);
    return form;
  }

  async function tell() {
    planned = 0;
    if (document.hidden || isTelling || !navigator.onLine) return;
    const now = { at: Date.now(), ticket: ticketOpen(), typing: typing() };
    const form = words(told.ticket !== now.ticket && told.ticket);
    form.set("ticket", now.ticket);
    form.set("typing", now.typing);
    form.set("rows", rows().join(","));
    told = now;
    isTelling = true;
    try {
      const answer = await fetch(address, { method: "POST", body: form, redirect: "error" });
      if (answer.ok) take(await answer.text());
      if (answer.ok && now.ticket) document.getElementById(`row-${now.ticket}`)?.classList.remove("is-unread");
    } catch {
      // no line: the banner says so, and the next word comes in twenty seconds
    } finally {
      isTelling = false;
    }
  }

  function plan(milliseconds) {
    const at = Date.now() + milliseconds;
    if (planned && planned.at <= at) return;
    clearTimeout(planned.timer);
    planned = { at, timer: setTimeout(tell, milliseconds) };
  }
  const planSoon = () => plan(Math.max(150, told.at + GAP - Date.now()));

  function leave() {
    if (told.ticket) navigator.sendBeacon(address, words(told.ticket));
    told = { at: 0, ticket: "", typing: "" };
  }

  // ── showing ──────────────────────────────────────────────────────────────────────────────────────────────
  function take(html) {
    const answer = new DOMParser().parseFromString(html, "text/html");
    const before = shown.get(ticketOpen())?.says ?? "";
    shown.clear();
    for (const place of answer.querySelectorAll("[data-of]")) {
      shown.set(place.dataset.of, {
        row: place.querySelector("[data-row-looks]")?.innerHTML ?? "",
        head: place.querySelector("[data-head-looks]")?.innerHTML ?? "",
        says: place.dataset.says ?? "",
      });
    }
    show();
    const says = shown.get(ticketOpen())?.says ?? "";
    const ear = document.getElementById("say");
    if (ear && says && says !== before) ear.textContent = says;
  }

  function show() {
    for (const place of document.querySelectorAll("#queue [data-looks]")) {
      put(place, shown.get(place.dataset.looks)?.row ?? "");
    }
    for (const place of document.querySelectorAll("#head [data-looks-head]")) {
      const head = shown.get(place.dataset.looksHead)?.head ?? "";
      if (place.innerHTML !== head) place.innerHTML = head;
    }
  }

  /** The faces of who looks, before that of who has the ticket. */
  function put(place, faces) {
    const old = [...place.querySelectorAll("[data-look]")];
    if (old.map((face) => face.outerHTML).join("") === faces) return;
    old.forEach((face) => face.remove());
    place.insertAdjacentHTML("afterbegin", faces);
  }

  // What a colleague has begun and one has opened stays open for as long as it is there.
  let reading = [];
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id.startsWith("others-")) reading = [...detail.target.querySelectorAll(".d-begun")];
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const words of reading) document.getElementById(words.id.replace("begun", "other"))?.replaceWith(words);
    reading = [];
  });

  if (address) {
    document.addEventListener("input", ({ target }) => {
      const form = target.closest("#composer");
      if (!form || !target.matches("textarea, [contenteditable]")) return;
      const text = target.value ?? target.textContent;
      const before = typing();
      typed = text.trim() ? { at: Date.now(), kind: form.elements.kind?.value ?? "reply" } : { at: 0, kind: "" };
      const now = typing();
      if (now !== before || Date.now() - told.at > TYPES_EVERY) plan(Math.max(100, told.at + GAP - Date.now()));
    });
    document.addEventListener("desk:live", ({ detail }) => {
      const isHere = String(detail.ref) === ticketOpen() || shown.has(String(detail.ref));
      const isListed = () => document.querySelector(`#queue [data-looks="${detail.ref}"]`);
      const isBegun = ["draft", "held"].includes(detail.kind) && String(detail.ref) === ticketOpen(); // or over
      if (detail.kind === "all" || isBegun || (detail.kind === "looks" && (isHere || isListed()))) planSoon();
    });
    document.addEventListener("htmx:afterSwap", ({ detail }) => {
      show();
      if (detail.target.id !== "conversation") return;
      typed = { at: 0, kind: "" };
      plan(200);
    });
    document.addEventListener("htmx:oobAfterSwap", show);
    document.addEventListener("visibilitychange", () => (document.hidden ? leave() : plan(100)));
    addEventListener("pagehide", leave);
    setInterval(() => {
      const isOver = told.typing && !typing();
      if (isOver || Date.now() - told.at >= EVERY) plan(0);
    }, 2_000);
    plan(300);
  }
}
