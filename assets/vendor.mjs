// Copies what the pages load from npm packages into static/, each with its licence beside it.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const SCRIPTS = ["latin", "latin-ext", "greek", "cyrillic"];
const COPIES = [
  ["htmx.org/dist/htmx.min.js", "static/vendor/htmx.min.js"],
  ["htmx.org/LICENSE", "static/vendor/htmx.LICENSE.txt"],
  ["chart.js/LICENSE.md", "static/vendor/chart.LICENSE.txt"],
  ["lucide-static/LICENSE", "static/vendor/lucide.LICENSE.txt"],
  ["daisyui/LICENSE", "static/vendor/daisyui.LICENSE.txt"],
  ["tailwindcss/LICENSE", "static/vendor/tailwindcss.LICENSE.txt"],
  ["@fontsource-variable/inter/LICENSE", "static/desk/fonts/LICENSE.txt"],
  ...SCRIPTS.map((script) => [
    `@fontsource-variable/inter/files/inter-${script}-opsz-normal.woff2`,
    `static/desk/fonts/inter-${script}.woff2`,
  ]),
];

const root = new URL("..", import.meta.url);
mkdirSync(new URL("static/desk/fonts/", root), { recursive: true });
mkdirSync(new URL("static/vendor/", root), { recursive: true });
for (const [from, to] of COPIES) {
  copyFileSync(new URL(`node_modules/${from}`, root), new URL(to, root));
}
// Its last line names a source map that does not come along; collecting static files would look for it.
const chart = readFileSync(new URL("node_modules/chart.js/dist/chart.umd.min.js", root), "utf8");
writeFileSync(
  new URL("static/vendor/chart.umd.min.js", root),
  chart.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"),
);
