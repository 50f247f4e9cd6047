// Forms marked data-patient send themselves again when the server is too busy to check a password right now.
// They ask for the answer as JSON, which the sign-in library gives to scripts: where to go, or the form with its errors.
const TRIES = 30;
const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

async function send(form, submitter) {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form, submitter),
      headers: { "X-Requested-With": "XMLHttpRequest" },
    });
    if (answer.status !== 503 || !answer.headers.has("Retry-After")) return answer;
    await pause(Number(answer.headers.get("Retry-After")) || 1);
  }
  return null;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-patient]") || event.defaultPrevented) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.sent === "yes") return;
  form.dataset.sent = "yes";
  event.submitter?.classList.add("is-busy");
  try {
    const answer = await send(form, event.submitter);
    const said = answer?.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    if (said.location) return location.assign(said.location);
    const page = said.html && new DOMParser().parseFromString(said.html, "text/html");
    const again = page?.querySelector("form[data-patient]");
    if (!again) return form.submit();
    form.replaceWith(again);
    again.querySelector("[role=alert], [aria-invalid=true]")?.scrollIntoView({ block: "nearest" });
    again.querySelector("input:not([type=hidden])")?.focus();
  } catch {
    document.querySelector("[data-toasts]")?.append(document.getElementById("toast-offline").content.cloneNode(true));
  } finally {
    form.dataset.sent = "";
    event.submitter?.classList.remove("is-busy");
  }
  return undefined;
}, { capture: true });
