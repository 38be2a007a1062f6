// A form that is on its way is not sent a second time. Coming back to it makes it ready again, and so does patience,
// for an answer may be lost.
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
    // Not `disabled`: browsers keep that when one goes back, and focus would be lost.
    button.setAttribute("aria-disabled", "true");
    say.textContent = form.dataset.once;
    timer = setTimeout(ready, patience);
  });

  addEventListener("pageshow", ready);
}
