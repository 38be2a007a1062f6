// Moves the secret from the fragment into the form, and removes it from the address bar and the history. Only a press of
// the button posts the form, never this script. It runs before the page is shown, so that nothing flickers.
"use strict";

(() => {
  const page = "/account/confirm";
  let secret = "";

  const hold = (text) => {
    secret = text;
    document.documentElement.classList.add("has-link");
    const field = document.getElementById("link");
    if (field) field.value = secret;
  };

  // Mail filters encode the `#` of a link, so that it and the secret stand in the path.
  const take = () => {
    const path = location.pathname.slice(page.length);
    const text = (path + location.search + location.hash).replace(/%(?:25)*23/gi, "#");
    const found = /(?<![\w-])[0-9]+-[0-9a-f]{64}(?=[_-]*(?![\w-]))/.exec(text)?.[0];
    if (!found && !path) return;
    history.replaceState(history.state, "", page);
    if (found) hold(found);
  };

  take();
  addEventListener("hashchange", take);
  document.addEventListener("DOMContentLoaded", () => {
    if (secret) hold(secret);
    // The page in another language needs the fragment again.
    document.querySelector("a.language").addEventListener("click", (press) => {
      if (secret) press.currentTarget.hash = secret;
    });
  });
})();
