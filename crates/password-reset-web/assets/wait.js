// Continues the waiting page by itself: it listens to the events of its reset, polls where events do not arrive, and asks
// once when the user returns to the page, because phones suspend pages.
const page = document.querySelector("[data-watch]");
const claim = document.querySelector("form[data-claim]");
const shortest = 3_000;
const longest = 30_000;
let stage = page.dataset.stage;
let leaving = false;
let polls = false;

const leave = (how) => {
  leaving = true;
  how();
};

const move = (next) => {
  if (leaving || next === stage || next === "waiting") return;
  // A user who is typing the code knows that it arrived.
  if (next === "message_received" && document.getElementById("code")?.value) return;
  stage = next;
  if (stage !== "proved") leave(() => location.reload());
  else if (claim) leave(() => claim.requestSubmit());
  else leave(() => location.assign(page.dataset.new));
};

const ask = async () => {
  const answer = await fetch(page.dataset.status, { headers: { accept: "application/json" }, cache: "no-store" });
  if (answer.ok) move((await answer.json()).stage);
  else if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) leave(() => location.reload());
  return answer.ok;
};

const poll = async () => {
  let pause = shortest;
  while (!leaving) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.visibilityState === "hidden") continue;
    const answered = await ask().catch(() => false);
    pause = answered ? shortest : Math.min(pause * 2, longest);
  }
};

let events;

const listen = () => {
  // Over HTTP/1.1 a browser has six connections to a host for all tabs together, so a hidden tab keeps none open.
  if (document.visibilityState === "hidden") return;
  events = new EventSource(page.dataset.events);
  let failures = 0;
  events.addEventListener("status", (event) => {
    failures = 0;
    move(JSON.parse(event.data).stage);
  });
  events.addEventListener("error", () => {
    failures += 1;
    if (leaving || (events.readyState !== EventSource.CLOSED && failures < 3)) return;
    events.close();
    polls = true;
    poll();
  });
};

const askOnce = () => {
  if (!leaving && document.visibilityState === "visible") ask().catch(() => {});
};

// Only with this script does the page continue by itself, so only then does it say so.
for (const part of document.querySelectorAll("[data-live]")) part.hidden = false;
document.addEventListener("visibilitychange", () => {
  askOnce();
  if (polls) return;
  events?.close();
  listen();
});
document.addEventListener("time-over", askOnce);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  leaving = false;
  askOnce();
});
listen();
