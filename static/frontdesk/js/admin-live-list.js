// A list of the admin that follows what happens: the table is read again while nobody works in it.
const EVERY_MS = 15000;

function isInUse(form) {
  const chosen = form.querySelector("input.action-select:checked, input.action-toggle:checked");
  const menu = document.querySelector("dialog[open]");
  return Boolean(chosen || menu || (document.activeElement && form.contains(document.activeElement)));
}

async function refresh() {
  const form = document.getElementById("changelist-form");
  if (!form || document.hidden || isInUse(form)) return;
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#result_list");
  const shown = document.querySelector("#result_list");
  if (fresh && shown && !isInUse(form) && fresh.textContent !== shown.textContent) shown.replaceWith(document.adoptNode(fresh));
}

setInterval(() => refresh().catch(() => {}), EVERY_MS);
