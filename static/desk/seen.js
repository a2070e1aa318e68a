// What the agent has had before their eyes: #seen goes with every reply, and the server stops a reply to a conversation
// that moved on. So it follows the thread only while the end of it is in view, on a page that is looked at; until then a
// button says that something new stands below.
"use strict";
{
  const byId = (id) => document.getElementById(id);
  const NEAR = -24; // pixels: the thread is drawn from its end
  let unseen = ""; // the number of the newest word, while it is out of sight
  let isWanted = false; // the agent asked for what is new

  const view = () => byId("thread")?.parentElement;
  const isInView = () => !document.hidden && view()?.clientHeight > 0 && view().scrollTop > NEAR;

  function keep(number) {
    unseen = number;
    const button = byId("new-below");
    if (button) button.hidden = !number;
  }

  function look() {
    if (!unseen || !isInView()) return;
    byId("seen").value = unseen;
    keep("");
  }

  document.addEventListener("htmx:beforeRequest", ({ detail }) => (isWanted = Boolean(detail.elt.closest(".d-refusal"))));

  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    if (detail.target.id === "composer") {
      const had = byId("seen").value;
      requestAnimationFrame(() => {
        const news = byId("seen").value;
        if (news === had || isInView()) return;
        byId("seen").value = had;
        keep(news);
      });
    }
    if (detail.target.id !== "seen" || isWanted || isInView()) return;
    detail.shouldSwap = false;
    const news = detail.fragment.querySelector("#seen")?.value ?? "";
    if (news !== byId("seen").value) keep(news);
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "conversation" || isWanted) keep("");
  });
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("scroll", ({ target }) => target === view() && look(), true);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("#new-below")) return;
    view().scrollTop = 0;
    view().focus();
  });
}
