// Small manners every page shares: messages that leave, menus and dialogs, copying, one submit per form, focus after a swap.
const byAttribute = (target, name) => target instanceof Element && target.closest(`[${name}]`);

function dismissLater(scope) {
  for (const toast of scope.querySelectorAll("[data-toast]:not([role=alert])")) {
    let timer = setTimeout(() => toast.remove(), 8000);
    toast.addEventListener("mouseenter", () => clearTimeout(timer));
    toast.addEventListener("focusin", () => clearTimeout(timer));
    toast.addEventListener("mouseleave", () => { timer = setTimeout(() => toast.remove(), 4000); });
  }
}

document.addEventListener("click", async (event) => {
  const dismiss = byAttribute(event.target, "data-dismiss");
  if (dismiss) dismiss.closest("[data-toast]")?.remove();

  const opener = byAttribute(event.target, "data-dialog");
  if (opener) document.getElementById(`dialog-${opener.dataset.dialog}`)?.showModal();

  const closer = byAttribute(event.target, "data-dialog-close");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();

  const copier = byAttribute(event.target, "data-copy");
  if (copier) {
    await navigator.clipboard.writeText(document.getElementById(copier.dataset.copy).textContent);
    const announcer = document.querySelector("[data-announcer]");
    if (announcer) announcer.textContent = copier.dataset.copied || "";
    if (copier.dataset.copied) copier.lastChild.textContent = copier.dataset.copied;
  }

  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const composing = event.target instanceof HTMLTextAreaElement && event.target.hasAttribute("data-send-on-enter");
  if (composing && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// A second click on a slow form must not send it twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.sent === "yes") {
    if (form.dataset.sent === "yes") event.preventDefault();
    return;
  }
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  form.dataset.sent = "yes";
  event.submitter?.classList.add("is-busy");
  setTimeout(() => { form.dataset.sent = ""; event.submitter?.classList.remove("is-busy"); }, 10000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) form.dataset.sent = "";
  for (const button of document.querySelectorAll("button.is-busy:not([aria-busy])")) button.classList.remove("is-busy");
});

// A step swapped in takes the focus, so that keyboard and screen reader start at its top; one that
// came back with mistakes gives it to the first field to mend.
document.addEventListener("htmx:afterSettle", (event) => {
  dismissLater(document);
  centreStrips();
  const target = document.querySelector("[data-focus-on-swap]");
  if (target && event.target instanceof Element && (event.target.contains(target) || target.contains(event.target))) {
    (target.closest("main")?.querySelector("[aria-invalid=true]") || target).focus({ preventScroll: true });
    const flow = document.getElementById("flow") || target;
    if (flow.getBoundingClientRect().top < 0) flow.scrollIntoView({ block: "start" });
  }
  for (const list of document.querySelectorAll("[data-keep-end]")) list.scrollTop = list.scrollHeight;
});

function say(text) {
  const toasts = document.querySelector("[data-toasts]");
  const template = document.querySelector("#toast-offline");
  if (!toasts || !template) return;
  toasts.replaceChildren(template.content.cloneNode(true));
}
document.addEventListener("htmx:sendError", say);
document.addEventListener("htmx:responseError", say);

dismissLater(document);
// scrollIntoView would move the page too; only the strip may move.
function centreStrips() {
  for (const strip of document.querySelectorAll(".date-strip, .tabs")) {
    const chosen = strip.querySelector("[aria-current]");
    if (chosen) strip.scrollLeft = chosen.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + chosen.offsetWidth / 2;
  }
}
centreStrips();
for (const list of document.querySelectorAll("[data-keep-end]")) list.scrollTop = list.scrollHeight;
