// Times are written in the business's zone. A reader elsewhere learns their own time as a tooltip and in [data-own-time].
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const language = document.documentElement.lang;

function mark(scope) {
  for (const element of scope.querySelectorAll("time[data-zone]")) {
    const at = new Date(element.dateTime);
    if (!own || Number.isNaN(at.getTime())) continue;
    const clock = { hour: "2-digit", minute: "2-digit", day: "numeric", month: "short" };
    const here = at.toLocaleString(language, { ...clock, timeZone: own });
    if (here === at.toLocaleString(language, { ...clock, timeZone: element.dataset.zone })) continue;
    element.title = `${here} (${own.replaceAll("_", " ")})`;
  }
  for (const element of scope.querySelectorAll("[data-own-time]")) {
    const time = element.parentNode.querySelector("time[title]");
    if (!time) continue;
    element.querySelector("span").textContent = time.title;
    element.hidden = false;
  }
  for (const element of scope.querySelectorAll("[data-own-zone]")) {
    if (!own || own === element.dataset.ownZone) continue;
    const at = new Date();
    const offset = (zone) => at.toLocaleString("en", { timeZone: zone, hour: "numeric", minute: "numeric", day: "numeric" });
    if (offset(own) === offset(element.dataset.ownZone)) continue;
    element.hidden = false;
    const text = element.querySelector("[data-own-zone-name]");
    if (text) text.textContent = own.replaceAll("_", " ");
  }
}

for (const field of document.querySelectorAll("[data-guess-zone]")) if (own && !field.value) field.value = own;

mark(document);
document.addEventListener("htmx:afterSwap", (event) => mark(event.target.parentNode || document));
