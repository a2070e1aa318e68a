// A short sound when the bell tells more than it did: only where the agent wants it (<body data-sound="on">), only
// for what comes while the page is open.
"use strict";
{
  const NOTES = [660, 880]; // Hz
  const EACH = 0.11; // seconds
  let context = null;
  let known = null; // the figure at the bell, null before it was first told

  const figure = () => Number.parseInt(document.querySelector("#bell-count .d-count")?.textContent ?? "0", 10);

  function play() {
    if (context?.state !== "running") return; // browsers allow no sound before one has pressed something
    const volume = context.createGain();
    volume.gain.value = 0.06;
    volume.connect(context.destination);
    NOTES.forEach((pitch, at) => {
      const note = context.createOscillator();
      note.frequency.value = pitch;
      note.connect(volume);
      note.start(context.currentTime + at * EACH);
      note.stop(context.currentTime + (at + 1) * EACH);
    });
  }

  function heard() {
    if (document.body.dataset.sound !== "on") return;
    const now = figure();
    if (known !== null && now > known) play();
    known = now;
  }

  const ready = () => document.body.dataset.sound === "on" && (context ??= new AudioContext()).resume();
  addEventListener("pointerdown", ready);
  addEventListener("keydown", ready);
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.elt.id === "bell-count" || detail.target?.id === "bell-count") heard();
  });
}
