// The theme opens its menus, search and filters by elements that only a pointer reaches. Here they
// take the focus, say that they are buttons and answer to Enter and space.
(function () {
  "use strict";
  const pointerOnly = ["div[x-on\\:click].cursor-pointer", "div[x-on\\:click].mb-2\\.5", "a[x-on\\:click]:not([href])", "div[x-on\\:click*='opencommand']"].join(",");
  const reachable = (scope) => {
    for (const element of scope.querySelectorAll(pointerOnly)) {
      element.tabIndex = 0;
      element.setAttribute("role", "button");
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    reachable(document);
    // On a phone a table's headings stand before each value, as the heads of sentences.
    for (const cell of document.querySelectorAll("[data-label]")) {
      const label = cell.dataset.label;
      cell.dataset.label = label.charAt(0).toLocaleUpperCase() + label.slice(1);
    }
    const content = document.getElementById("content");
    if (content) content.tabIndex = -1;
  });
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (!(target instanceof Element) || !target.matches(pointerOnly)) return;
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    target.click();
  });
})();
