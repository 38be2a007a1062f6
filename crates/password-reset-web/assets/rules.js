// Marks the rules that a password meets while the user types. The browser checks the simple ones at once; the server checks
// the others, and the strength. These marks only help: the server decides when the form is sent.
const form = document.querySelector("form[data-password]");
const password = document.getElementById("password");
const again = document.getElementById("again");
const againState = form.querySelector("[data-again]");
const rules = form.querySelector("[data-rules]");
const advice = form.querySelector("[data-advice]");
const strength = form.querySelector("[data-strength]");
const say = document.querySelector("[data-say]");
const minLength = Number(form.dataset.min);
const pause = 400;
const longest = 1024;

const here = {
  too_short: (text) => [...text].length >= minLength,
  needs_upper: (text) => /\p{Uppercase}/u.test(text),
  needs_lower: (text) => /\p{Lowercase}/u.test(text),
  needs_letter: (text) => /\p{Alphabetic}/u.test(text),
  needs_digit: (text) => /(?!\p{Alphabetic})\p{N}/u.test(text),
  needs_symbol: (text) => /(?!\p{Alphabetic})[\p{P}\p{S}]/u.test(text),
};
const byServer = ["too_common", "too_personal", "too_weak"];

const mark = (line, state) => {
  line.className = state;
  // The warning was about an earlier password, so the line shows the rule again.
  const { hint } = line.dataset;
  if (hint && state !== "broken") line.querySelector("[data-text]").textContent = hint;
  const words = { met: rules.dataset.met, broken: rules.dataset.broken };
  line.querySelector("[data-mark]").textContent = words[state] ? `${words[state]} ` : "";
};

const showHere = (text) => {
  for (const line of rules.children) {
    const isMet = here[line.dataset.rule];
    // An answer of the server holds only for the password that it was about.
    if (isMet) mark(line, isMet(text) ? "met" : "");
    else if (line.className === "broken") mark(line, "");
  }
};

const showAnswer = (answer) => {
  const broken = new Set(answer.violations.map((violation) => violation.code));
  for (const line of rules.children) {
    if (byServer.includes(line.dataset.rule)) mark(line, broken.has(line.dataset.rule) ? "" : "met");
  }
  strength.hidden = false;
  strength.dataset.score = answer.score;
  const name = strength.dataset.names.split("|")[answer.score];
  strength.querySelector("[data-strength-name]").textContent = name;
  say.textContent = [strength.querySelector("p").textContent, ...answer.feedback].join(". ");
  // Once the user has left the field, nothing below it may move.
  if (document.activeElement !== password) return;
  advice.replaceChildren(...answer.feedback.map((sentence) => {
    const line = document.createElement("li");
    line.textContent = sentence;
    return line;
  }));
  advice.hidden = answer.feedback.length === 0;
};

let asking = true;
let timer;
let call = new AbortController();

const askServer = async (text) => {
  const { form_token, reset } = form.elements;
  const answer = await fetch(form.dataset.check, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ password: text, form_token: form_token.value, reset: reset?.value }),
    signal: call.signal,
  });
  if (answer.ok) showAnswer(await answer.json());
  // Without a grant the server gives no answer; the other marks still work.
  else if (answer.status !== 429 && answer.status !== 503) asking = false;
};

const changed = () => {
  const text = password.value.normalize("NFC");
  showHere(text);
  clearTimeout(timer);
  call.abort();
  call = new AbortController();
  if (!text || text.length > longest) {
    strength.hidden = true;
    advice.hidden = true;
    for (const line of rules.children) mark(line, "");
  } else if (asking) {
    timer = setTimeout(() => askServer(text).catch(() => {}), pause);
  }
};

const compare = (finished) => {
  if (!again) return;
  const same = again.value === password.value;
  const early = !finished && again.value.length < password.value.length;
  againState.className = !again.value || (!same && early) ? "hint" : same ? "hint met" : "hint differs";
  againState.textContent = againState.className === "hint" ? "" : same ? againState.dataset.same : againState.dataset.different;
};

password.addEventListener("input", () => {
  changed();
  compare(false);
});
again?.addEventListener("input", () => compare(false));
again?.addEventListener("change", () => compare(true));
document.addEventListener("time-over", () => {
  asking = false;
});
if (password.value) changed();
