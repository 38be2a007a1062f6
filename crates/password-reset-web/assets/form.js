// Sends a form only once. It becomes ready again when the user returns to it, and after ten seconds, because an answer
// may be lost.
const patience = 10_000;
const say = document.querySelector("[data-say]");

for (const form of document.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("button.button");
  let timer;

  const ready = () => {
    clearTimeout(timer);
    form.removeAttribute("data-sent");
    button.removeAttribute("aria-disabled");
  };

  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "");
    // Not `disabled`: browsers restore that attribute on going back, and the button would lose focus.
    button.setAttribute("aria-disabled", "true");
    say.textContent = form.dataset.once;
    timer = setTimeout(ready, patience);
  });

  addEventListener("pageshow", ready);
}
