// One click is enough: the face that was clicked in the letter is sent as soon as a person looks at the page.
// Programs that open the links of a mail do not: they are driven, or show the page to nobody.
"use strict";

const SEEN_AFTER = 1200; // milliseconds in which a person can see which face is chosen

const form = document.querySelector("form[data-by-itself]");

function looked() {
  return document.visibilityState === "visible" && document.hasFocus() && !navigator.webdriver;
}

function send() {
  if (!looked() || form.dataset.touched) return;
  form.comment.disabled = true; // the score alone: a comment can be added on the next page
  form.submit();
}

if (form) {
  // Whoever begins to choose or to write sends by the button.
  form.addEventListener("input", () => { form.dataset.touched = "yes"; });
  form.addEventListener("focusin", () => { form.dataset.touched = "yes"; });
  setTimeout(send, SEEN_AFTER);
  window.addEventListener("focus", () => setTimeout(send, SEEN_AFTER));
}
