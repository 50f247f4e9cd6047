// Live pages: the socket only says that something changed; the page re-reads the regions marked [data-live].
//
// <div data-live-socket="wss://…/ws/" data-rooms="user booking:bkg_…" data-token="a guest's"></div>
// <section data-live="booking:statusUpdate payment:update" data-live-id="bkg_…" hx-get="…" hx-trigger="live" hx-swap="outerHTML">
//
// A region without data-live-id listens to every object. After each (re)connection every region is re-read, so nothing
// that happened in between is missed; while there is no connection, they are re-read by the clock instead.
const SLOWEST_RETRY_MS = 30000;
const POLL_MS = 8000;
const PING_MS = 25000;

const banner = document.querySelector("[data-connection]");
const announcer = document.querySelector("[data-announcer]");

let address = null;
let rooms = [];
let token = "";
let attempts = 0;
let hasConnected = false;
let poll = 0;
let wasActive = false;
const waiting = new Map();

function refresh(region) {
  if (waiting.has(region)) return;
  waiting.set(region, setTimeout(() => {
    waiting.delete(region);
    if (region.isConnected && !document.hidden) region.dispatchEvent(new CustomEvent("live"));
    else if (region.isConnected) region.dataset.stale = "yes";
  }, 60));
}

function refreshAll() {
  for (const region of document.querySelectorAll("[data-live]")) refresh(region);
}

function received(message) {
  if (message.type === "resync") return refreshAll();
  document.dispatchEvent(new CustomEvent("frontdesk:message", { detail: message }));
  for (const region of document.querySelectorAll("[data-live]")) {
    const wanted = region.dataset.live.split(" ");
    if (message.type === "resync") {
      refresh(region);
      continue;
    }
    const of = region.dataset.liveId;
    if (!wanted.includes(message.type)) continue;
    if (of && message.id && of !== message.id && of !== message.booking) continue;
    refresh(region);
  }
}

function lost() {
  if (banner && hasConnected) banner.hidden = false;
  if (!poll) poll = setInterval(refreshAll, POLL_MS);
  const wait = Math.min(SLOWEST_RETRY_MS, 500 * 2 ** attempts) * (0.7 + Math.random() * 0.6);
  attempts += 1;
  setTimeout(connect, wait);
}

function connect() {
  const socket = new WebSocket(address);
  let ping = 0;
  socket.addEventListener("open", () => {
    attempts = 0;
    hasConnected = true;
    clearInterval(poll);
    poll = 0;
    if (banner) banner.hidden = true;
    for (const room of rooms) {
      socket.send(JSON.stringify(token ? { type: "join", room, token } : { type: "join", room }));
    }
    ping = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ping", active: wasActive }));
      wasActive = false;
    }, PING_MS);
    refreshAll();
  });
  socket.addEventListener("message", (event) => {
    try {
      received(JSON.parse(event.data));
    } catch {
      refreshAll();
    }
  });
  socket.addEventListener("close", () => {
    clearInterval(ping);
    lost();
  });
}

for (const act of ["pointerdown", "keydown", "scroll"]) {
  document.addEventListener(act, () => { wasActive = true; }, { passive: true });
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const region of document.querySelectorAll("[data-live][data-stale]")) refresh(region);
});

// What changed is shown by a short highlight and said to a screen reader; the focus and the scroll stay where they are.
const before = new Map();
document.addEventListener("htmx:beforeSwap", (event) => {
  const region = event.target;
  if (region instanceof Element && region.id && region.matches("[data-live]")) before.set(region.id, region.textContent.trim());
});
document.addEventListener("htmx:afterSettle", (event) => {
  const region = event.target instanceof Element && event.target.id ? document.getElementById(event.target.id) : null;
  if (!region || !before.has(region.id)) return;
  const was = before.get(region.id);
  before.delete(region.id);
  if (was === region.textContent.trim()) return;
  region.classList.add("is-changed");
  setTimeout(() => region.classList.remove("is-changed"), 1600);
  const spoken = region.querySelector("[data-announce]");
  if (spoken && announcer) announcer.textContent = spoken.textContent.trim();
});

// A step that was swapped in may be the first one that is live.
function start() {
  const marker = document.querySelector("[data-live-socket]");
  if (address || !marker || !marker.dataset.liveSocket) return;
  address = marker.dataset.liveSocket;
  token = marker.dataset.token || "";
  rooms = (marker.dataset.rooms || "").split(" ").filter(Boolean);
  connect();
}

start();
document.addEventListener("htmx:afterSettle", start);
