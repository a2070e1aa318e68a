// Writes static/desk/icons.svg, every icon the desk uses, and templates/desk/_sprite.html, the tier marks.
// An icon is added by its lucide name here; templates show it with <use href="{% icons %}#i-name"/>. The same shapes go
// into assets/components/icons.css, for pages that show a hundred of them: <i class="i i-14 i-name"></i> is a third as long.
import { readFileSync, writeFileSync } from "node:fs";

const ICONS = `
  arrow-big-up arrow-right-to-line arrow-up-right award badge-check bell calendar-check chart-no-axes-column check check-check chevron-down chevron-up
  circle-alert circle-dot clock coins command corner-down-left eye gift hand-heart hourglass image inbox key-round link list
  lock log-out mail message-circle messages-square octagon-pause option paperclip pencil phone phone-call phone-missed plus printer reply
  scale search settings shopping-bag signal-high store sun-moon ticket trending-up user-plus user-round users-round wifi-off x
`.trim().split(/\s+/);

// Bronze a coin, silver a rhombus, gold a hexagon, platinum a brilliant: shape tells them apart without colour.
const MARKS = {
  bronze:
    '<circle class="l" cx="8" cy="8" r="6.4"/><circle class="m" cx="8" cy="8" r="5.2"/>' +
    '<path class="h" d="M3.4 10.4A5.2 5.2 0 0 1 10.4 3.4z"/>',
  silver:
    '<path class="m" d="M8 1.2 14.8 8 8 14.8 1.2 8z"/><path class="h" d="M8 1.2 1.2 8h3.6L8 4.8z"/>' +
    '<path class="l" d="M8 14.8 14.8 8h-3.6L8 11.2z"/>',
  gold:
    '<path class="m" d="M8 1.2l6 3.4v6.8l-6 3.4-6-3.4V4.6z"/>' +
    '<path class="h" d="M8 1.2 2 4.6v3.7l2.6-1.5 3.4-2z"/>' +
    '<path class="l" d="M8 14.8l6-3.4V7.7l-2.6 1.5L8 11.2z"/>',
  platinum:
    '<path class="m" d="M4.2 1.8h7.6L15.2 6.4 8 14.8.8 6.4z"/>' +
    '<path class="h" d="M4.2 1.8H8L5.2 6.4H.8zM8 1.8l2.8 4.6H5.2z"/>' +
    '<path class="l" d="M10.8 6.4h4.4L8 14.8z"/>',
};

const root = new URL("..", import.meta.url);

/** The shapes inside one lucide file, without the svg element around them. */
function shapes(name) {
  const file = new URL(`node_modules/lucide-static/icons/${name}.svg`, root);
  const inner = readFileSync(file, "utf8").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  return inner.replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
}

/** An icon as the address of a picture that a mask cuts out of the ink. */
function mask(name) {
  const line = "fill='none' stroke='#000' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'";
  const drawn = shapes(name).replace(/"/g, "'");
  const whole = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' ${line}>${drawn}</svg>`;
  return `url("data:image/svg+xml,${whole.replace(/[<>#%]/g, encodeURIComponent)}")`;
}

const icons = ICONS.map((name) => `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes(name)}</symbol>`);
const marks = Object.entries(MARKS).map(
  ([code, paths]) => `<symbol id="m-${code}" viewBox="0 0 16 16">${paths}</symbol>`,
);
const svg = (attributes, symbols) => [`<svg ${attributes}>`, ...symbols, "</svg>", ""].join("\n");
const hidden = 'class="sr" width="0" height="0" aria-hidden="true" focusable="false"'; // in every page
writeFileSync(new URL("templates/desk/_sprite.html", root), svg(hidden, marks));
writeFileSync(new URL("static/desk/icons.svg", root), svg('xmlns="http://www.w3.org/2000/svg"', icons));
writeFileSync(
  new URL("assets/components/icons.css", root),
  `/* Written by assets/icons.mjs. */\n${ICONS.map((name) => `.i-${name} {\n  --i: ${mask(name)};\n}\n`).join("\n")}`,
);
