// light or dark, as chosen on the other pages or set in the system
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("mode"); } catch { /* pages opened from a file may have none */ }
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    const theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = theme;
  };
  show();
  dark.addEventListener("change", show);
})();
