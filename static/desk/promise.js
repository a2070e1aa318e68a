// The window that was chosen: what the customer is told of it stands under the list, and the button names it.
"use strict";
{
  const name = (text) => {
    const place = document.getElementById("promise-when");
    if (place) place.textContent = text;
  };

  document.addEventListener("change", ({ target }) => {
    if (!target.matches("#windows [name=window]")) return;
    const told = document.querySelector("#windows [data-told]");
    told.textContent = told.dataset.told.replace("{when}", target.dataset.when);
    told.hidden = false;
    name(target.dataset.when);
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.id === "windows" && name("")); // none is chosen
}
