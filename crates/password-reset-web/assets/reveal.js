// Shows the typed password while the user wants it. It is hidden again before the form is sent, because browsers look for
// passwords in fields of that type.
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
