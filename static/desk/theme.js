// Sets the chosen theme before the first paint; without a choice the system's preference counts.
// Load it in <head> without defer. A button with data-theme-toggle changes light and dark.
(() => {
  const KEY = "desk-theme";
  const THEMES = ["desk", "desk-dark"];
  const root = document.documentElement;
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

  function show(theme) {
    if (THEMES.includes(theme)) root.dataset.theme = theme;
  }

  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be switched off; the system's preference still works
    }
  }

  function remember(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // the choice lasts until the next page
    }
  }

  root.classList.add("js"); // what needs a script is hidden without one
  show(remembered());

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const dark = root.dataset.theme ? root.dataset.theme === "desk-dark" : systemIsDark.matches;
    const theme = dark ? "desk" : "desk-dark";
    show(theme);
    remember(theme);
  });

  addEventListener("storage", (event) => {
    if (event.key === KEY) show(event.newValue); // other tabs follow
  });
})();
