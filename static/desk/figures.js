// What a meter or a dial measures stands as text beside it and in a data attribute; here it becomes the custom
// property that the style sheet draws with. A style attribute in the page would need a looser policy.
"use strict";
{
  const NAMES = ["v", "add", "at", "left", "h"]; // data-v="42" is --v: 42
  const FIGURED = NAMES.map((name) => `[data-${name}]`).join();
  const NUMBER = /^-?\d+(\.\d+)?$/;

  function draw(element) {
    for (const name of NAMES) {
      const figure = element.dataset[name];
      if (!NUMBER.test(figure ?? "") || element.style.getPropertyValue(`--${name}`) === figure) continue;
      element.style.setProperty(`--${name}`, figure);
    }
  }

  function drawAll(root) {
    if (root.matches?.(FIGURED)) draw(root);
    root.querySelectorAll?.(FIGURED).forEach(draw);
  }

  // Before the next paint, whichever way an answer came into the page.
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(drawAll);
      else if (target.matches(FIGURED)) draw(target);
    }
  }).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["style", ...NAMES.map((name) => `data-${name}`)],
  });
  drawAll(document);
}
