// ⌘K: one box that finds and does. The server says what there is (desk/palette.py); here what the page cannot do is
// left out, arrows choose, Enter does. The focus stays in the box and goes back to where it was.
"use strict";
{
  const RECENT = "desk-recent"; // references only: whom they speak of the server tells who may know
  const KEPT = 9;
  const byId = (id) => document.getElementById(id);
  const dialog = () => byId("palette");
  const options = () => [...byId("offers").querySelectorAll("[role=option]:not([hidden])")];
  const openTicket = () => byId("conversation")?.dataset.ticket ?? "";

  // ── the tickets that were opened last ────────────────────────────────────────────────────────────────────
  function recent() {
    try {
      return JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    } catch {
      return []; // storage may be switched off
    }
  }

  function remember() {
    if (!openTicket()) return;
    const kept = [openTicket(), ...recent().filter((one) => one !== openTicket())].slice(0, KEPT);
    try {
      localStorage.setItem(RECENT, JSON.stringify(kept));
    } catch {
      // then nothing is offered before something is typed
    }
  }

  // ── what is chosen ───────────────────────────────────────────────────────────────────────────────────────
  function choose(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (option) byId("palette-box").setAttribute("aria-activedescendant", option.id);
    else byId("palette-box").removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = options();
    const at = all.findIndex((one) => one.ariaSelected === "true");
    choose(all.at((at + by + all.length) % all.length));
  }

  const paneAway = (one) => [one.closest(".d-pane")].find((pane) => pane && !visible(pane)); // on the phone

  /** What an option presses: on the page, not in a dialog; menus may be shut, and a phone may show another pane. */
  function pressed(option) {
    const found = [...document.querySelectorAll(option.dataset.presses)].filter((one) => !one.closest("dialog"));
    return found.find((one) => enabled(one) && (visible(one.closest(MENUS) ?? one) || paneAway(one)));
  }

  function run(option) {
    const { href, ticket, macro, presses } = option.dataset;
    const target = presses && pressed(option);
    dialog().close(); // the focus is back where it was before anything is done there
    if (target && paneAway(target)) location.hash = paneAway(target).id;
    if (target) activate(target);
    else if (macro) htmx.ajax("GET", macro, { source: "#composer footer", target: "#macro", swap: "beforeend" });
    else if (ticket && byId("queue") && byId("conversation")) deskPlaces.go(href);
    else if (href) location.assign(href);
  }

  // ── open, close ──────────────────────────────────────────────────────────────────────────────────────────
  function open() {
    if (dialog().open) return;
    byId("palette-box").value = "";
    byId("offers").replaceChildren();
    byId("offers-none").hidden = true;
    dialog().showModal();
    htmx.trigger("#palette-box", "asked");
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-palette]");
    if (opener && dialog()) {
      event.preventDefault();
      open();
    }
    const option = event.target.closest("#offers [role=option]");
    if (option) run(option);
    if (event.target === dialog()) dialog().close(); // beside it
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "palette-box" || event.isComposing) return;
    const chosen = options().find((one) => one.ariaSelected === "true");
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Home" && event.ctrlKey) choose(options()[0]);
    else if (event.key === "End" && event.ctrlKey) choose(options().at(-1));
    else if (event.key === "Enter" && chosen) run(chosen);
    else if (event.key !== "Enter") return;
    event.preventDefault();
  });

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.id !== "palette-box") return;
    detail.parameters.ticket = openTicket();
    if (!detail.parameters.q) detail.parameters.recent = recent().join();
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "conversation") remember();
    if (detail.target.id !== "offers") return;
    for (const option of options()) option.hidden = Boolean(option.dataset.presses && !pressed(option));
    for (const group of byId("offers").children) group.hidden = !group.querySelector("[role=option]:not([hidden])");
    choose(options()[0]);
    const none = byId("offers-none");
    none.hidden = options().length > 0;
    byId("say").textContent = none.hidden ? dialog().dataset.some.replace("{n}", options().length) : none.textContent;
  });
  remember();
}
