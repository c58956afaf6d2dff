// Runs before the first paint: the theme chosen here, or the system's.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("viva:theme"); } catch { return null; } };
  const apply = () => { document.documentElement.dataset.theme = chosen() || (dark.matches ? "dark" : "light"); };
  dark.addEventListener("change", apply);
  window.vivaTheme = () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("viva:theme", next); } catch { /* private window: holds until the page is left */ }
    document.documentElement.dataset.theme = next;
  };
  apply();
})();
