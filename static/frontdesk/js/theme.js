// Light or dark: follows the device until the reader chooses; the choice is a cookie, so the server draws it at once.
const root = document.documentElement;

function current() {
  return root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = current() === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `frontdesk_theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  });
}
