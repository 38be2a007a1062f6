// Shows what is typed, for as long as the person wants. It is hidden again before it is sent, so that browsers see
// passwords where they look for them.
for (const button of document.querySelectorAll("button[data-reveal]")) {
  const fields = button.getAttribute("aria-controls").split(" ").map((id) => document.getElementById(id));

  const set = (shown) => {
    for (const field of fields) field.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute("aria-label", shown ? button.dataset.hideLabel : button.dataset.showLabel);
  };

  button.hidden = false;
  button.addEventListener("click", () => set(fields[0].type === "password"));
  button.form.addEventListener("submit", () => set(false));
}
