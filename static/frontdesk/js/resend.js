// Password forms marked [data-resend] send themselves again while the server is busy (503), instead of losing what was typed.
//
// Passwords wait in a short line on the server; a full line answers 503 with Retry-After. Such a form goes by fetch: what was
// typed stays in its fields and in the body of the request. A redirect's target comes in the header Resend-Location, because
// fetch may not see it; any other page takes the place of <main>.
const MOST_TRIES = 6;
const LONGEST_FACTOR = 8;

const sending = new WeakSet();
const announcer = document.querySelector("[data-announcer]");

function tell(form, text) {
  const notice = form.querySelector("[data-resend-notice]");
  notice.hidden = !text;
  notice.querySelector("[data-resend-text]").textContent = text;
  return notice;
}

function announce(text) {
  if (announcer) announcer.textContent = text;
}

// Counts down on the page; the button ends the wait.
function wait(form, seconds) {
  const { text } = form.querySelector("[data-resend-notice]").dataset;
  const until = Date.now() + seconds * 1000;
  return new Promise((resolve) => {
    const show = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0) return tell(form, text.replace("{seconds}", left));
      return stop();
    };
    const timer = setInterval(show, 200);
    const button = form.querySelector("[data-resend-now]");
    const stop = () => {
      clearInterval(timer);
      button.removeEventListener("click", stop);
      resolve();
    };
    button.addEventListener("click", stop);
    announce(text.replace("{seconds}", Math.ceil(seconds)));
    show();
  });
}

function request(form, submitter) {
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  const isMultipart = form.enctype === "multipart/form-data";
  return fetch(form.getAttribute("action") || location.href, {
    method: "POST",
    body: isMultipart ? data : new URLSearchParams(data),
    headers: { Accept: "text/html", Resend: "1" },
  });
}

// The page of an answer, shown where the form was: its errors, or why it was refused.
function replace(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) return location.reload();
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  const target = main.querySelector("[aria-invalid=true], [role=alert]") || main;
  if (!target.matches("input, select, textarea, main")) target.tabIndex = -1;
  return target.focus();
}

async function send(form, submitter) {
  for (let tries = 1; ; tries += 1) {
    const answer = await request(form, submitter);
    if (answer.status !== 503) {
      const target = answer.headers.get("Resend-Location");
      return target ? location.assign(target) : replace(await answer.text());
    }
    const notice = form.querySelector("[data-resend-notice]");
    const isOver = tries >= MOST_TRIES;
    notice.querySelector("[data-resend-now]").hidden = isOver;
    if (isOver) {
      announce(notice.dataset.overText);
      return tell(form, notice.dataset.overText);
    }
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    // The first wait is as asked; the later ones grow, and differ, so that a crowd spreads out.
    const factor = Math.min(2 ** (tries - 1), LONGEST_FACTOR);
    await wait(form, tries === 1 ? seconds : seconds * factor * (0.75 + Math.random() / 2));
    tell(form, notice.dataset.nowText);
  }
}

// In the capturing phase: a form that goes by fetch is not the business of the other listeners.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-resend][method=post]") || !form.querySelector("input[type=password]")) return;
  event.preventDefault();
  if (sending.has(form)) return;
  sending.add(form);
  const button = event.submitter;
  button?.classList.add("is-busy");
  try {
    await send(form, button);
  } catch {
    const notice = form.querySelector("[data-resend-notice]");
    notice.querySelector("[data-resend-now]").hidden = true;
    announce(notice.dataset.offlineText);
    tell(form, notice.dataset.offlineText);
  } finally {
    sending.delete(form);
    button?.classList.remove("is-busy");
  }
}, true);
