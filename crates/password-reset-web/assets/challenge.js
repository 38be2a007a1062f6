// Lets a worker solve the puzzle of the page, and puts the answer into the form. Only a press of the button sends it; a press
// that comes too early counts once the answer is there.
const part = document.querySelector("[data-puzzle]");
const form = part.closest("form");
const { challenge } = form.elements;
const say = document.querySelector("[data-say]");
const states = ["checking", "checked", "stuck"].map((name) => part.querySelector(`[data-${name}]`));
const [checking, checked, stuck] = states;
let pressed = false;

const show = (shown) => {
  for (const state of states) state.hidden = state !== shown;
  say.textContent = shown.textContent.trim();
};

form.addEventListener("submit", (event) => {
  if (challenge.value || !stuck.hidden) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  pressed = true;
  show(checking);
});

// An answer counts once, so a form that was sent needs a new puzzle.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

show(checking);
try {
  const worker = new Worker(part.dataset.worker);
  worker.addEventListener("error", () => show(stuck));
  worker.addEventListener("message", (event) => {
    worker.terminate();
    challenge.value = event.data;
    show(checked);
    if (pressed) form.requestSubmit();
  });
  worker.postMessage(part.dataset.puzzle);
} catch {
  show(stuck);
}
