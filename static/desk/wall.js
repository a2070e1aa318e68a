// The wall's charts, drawn by Chart.js from the tables beside them: a table is the truth, its canvas is silent.
// <canvas data-chart="id of the table's box" data-kind="line|bar">; a column is drawn when its head names a colour
// (data-colour="--color-primary"). Colours are the theme's, read anew when it changes; nothing moves.
"use strict";
{
  const charts = new Map();
  const root = document.documentElement;
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const number = (cell) => Number(cell.textContent.replace(/[^\d]/g, ""));

  /** Labels and columns of the table that belongs to a canvas. */
  function read(canvas) {
    const box = document.getElementById(canvas.dataset.chart);
    const heads = [...(box?.querySelectorAll("thead th") ?? [])];
    const rows = [...(box?.querySelectorAll("tbody tr") ?? [])];
    const drawn = heads.map((head, at) => ({ head, at })).filter(({ head }) => head.dataset.colour);
    return {
      labels: rows.map((row) => row.cells[0].textContent),
      datasets: drawn.map(({ head, at }) => ({
        label: head.textContent,
        data: rows.map((row) => number(row.cells[at])),
        colour: head.dataset.colour,
      })),
    };
  }

  function painted({ labels, datasets }) {
    return {
      labels,
      datasets: datasets.map((set) => {
        const ink = colour(set.colour);
        return { ...set, borderColor: ink, backgroundColor: ink };
      }),
    };
  }

  function options(canvas) {
    const { kind } = canvas.dataset;
    const [ink, line] = [colour("--ink-3"), colour("--line")];
    const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
    const axis = { ticks: { color: ink, font, maxRotation: 0, precision: 0, autoSkipPadding: 12 }, border: { display: false } };
    return {
      animation: false,
      devicePixelRatio: devicePixelRatio * (canvas.currentCSSZoom ?? 1), // from afar the page is drawn larger
      maintainAspectRatio: false,
      events: [], // what a pointer would show stands in the table
      plugins: { legend: { display: false }, tooltip: { enabled: false } },
      elements: { point: { radius: 0 }, line: { borderWidth: 2, tension: 0 }, bar: { borderRadius: 2 } },
      scales: {
        x: { ...axis, stacked: kind === "bar", grid: { display: false } },
        y: { ...axis, stacked: kind === "bar", beginAtZero: true, grid: { color: line } },
      },
    };
  }

  function draw(canvas) {
    const data = painted(read(canvas));
    const known = charts.get(canvas.id);
    if (known?.canvas === canvas) {
      known.data = data;
      known.options = options(canvas);
      known.update("none");
      return;
    }
    known?.destroy();
    const made = new Chart(canvas, { type: canvas.dataset.kind, data, options: options(canvas) });
    charts.set(canvas.id, made);
  }

  const drawAll = () => document.querySelectorAll("canvas[data-chart]").forEach(draw);

  // A table that was moved sideways stays where it was moved to.
  const sideways = new Map();
  const tables = () => document.querySelectorAll("#wall .d-table-box[id]");
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id === "wall") for (const box of tables()) sideways.set(box.id, box.scrollLeft);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const box of tables()) if (sideways.get(box.id)) box.scrollLeft = sideways.get(box.id);
    sideways.clear();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.closest?.("#conversation") || event.detail.target?.id === "wall") drawAll();
  });
  new MutationObserver(drawAll).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll();
}
