// The box that finds a caller: the arrows go from what is typed into what was found, and back.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const box = document.getElementById("find");
  const found = document.getElementById("found");
  const active = document.activeElement;
  if (!box || !found || (active !== box && !found.contains(active))) return;
  const stops = [box, ...found.querySelectorAll("a[href]")];
  const next = stops[stops.indexOf(active) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
