// Runs before the first paint, as a file of its own: the page's policy allows no inline script.
// "crm-theme" is what the viewer chose; without it the system's theme holds, and on paper always the light one.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const paper = window.matchMedia("print");

function chosen() {
  try {
    return localStorage.getItem("crm-theme");
  } catch {
    return null;
  }
}

function follow() {
  const wish = chosen();
  const isDark = wish === "dark" || (wish !== "light" && dark.matches);
  document.documentElement.dataset.theme = isDark && !paper.matches ? "dark" : "light";
}

follow();
dark.addEventListener("change", follow);
paper.addEventListener("change", follow);
window.addEventListener("storage", follow);
window.addEventListener("crm-theme", follow);
