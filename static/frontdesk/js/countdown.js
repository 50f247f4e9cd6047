// Tells kindly how long a chosen time is kept. The server decides; this only shows.
function show(element) {
  const text = element.querySelector("[data-countdown-text]");
  const left = Math.floor((new Date(element.dataset.countdown) - Date.now()) / 1000);
  if (left <= 0) {
    text.textContent = element.dataset.overText;
    element.classList.add("is-near");
    element.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
    return false;
  }
  const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  text.textContent = element.dataset.text.replace("{time}", clock);
  const near = left <= Number(element.dataset.near);
  if (near && !element.classList.contains("is-near")) {
    element.classList.add("is-near");
    const announcer = document.querySelector("[data-announcer]");
    if (announcer) announcer.textContent = element.dataset.nearText;
  }
  return true;
}

const running = new WeakSet();

function start(scope) {
  for (const element of scope.querySelectorAll("[data-countdown]")) {
    if (running.has(element)) continue;
    running.add(element);
    if (!show(element)) continue;
    const timer = setInterval(() => {
      if (!element.isConnected || !show(element)) clearInterval(timer);
    }, 1000);
  }
}

start(document);
document.addEventListener("htmx:afterSwap", (event) => start(event.target.parentNode || document));
