// Sets the chosen theme before the first paint; without a choice the system's preference counts.
// Load it in <head> without defer. A button with data-theme-toggle changes light and dark. Of who is signed in the
// server knows the choice (<html data-kept-theme>); the browser's copy is for the pages before that, and other tabs.
(() => {
  const KEY = "desk-theme";
  const THEMES = { light: "desk", dark: "desk-dark" };
  const root = document.documentElement;
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

  function show(theme) {
    if (Object.values(THEMES).includes(theme)) root.dataset.theme = theme;
    else delete root.dataset.theme;
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
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch {
      // the choice lasts until the next page
    }
  }

  root.classList.add("js"); // what needs a script is hidden without one
  const kept = root.dataset.keptTheme;
  if (kept) remember(THEMES[kept]);
  else show(remembered());

  // On its way down: the theme stands before the button tells the server of it.
  document.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest("[data-theme-toggle]")) return;
      const dark = root.dataset.theme ? root.dataset.theme === THEMES.dark : systemIsDark.matches;
      const theme = dark ? THEMES.light : THEMES.dark;
      show(theme);
      remember(theme);
    },
    true,
  );
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!detail.elt.matches("[data-theme-toggle]")) return;
    detail.parameters.theme = Object.keys(THEMES).find((name) => THEMES[name] === root.dataset.theme);
  });

  addEventListener("storage", (event) => {
    if (event.key === KEY) show(event.newValue); // other tabs follow
  });
})();
