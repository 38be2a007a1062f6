// Moves the secret from the fragment into the form, and removes it from the address bar and the history. Only a press of
// the button posts the form, never this script. It runs before the page is shown, so that nothing flickers.
"use strict";

(() => {
  const looksLikeSecret = (text) => /^[0-9]+\.[0-9a-f]{64}$/.test(text);
  let secret = "";

  const hold = (text) => {
    secret = text;
    document.documentElement.classList.add("has-link");
    const field = document.getElementById("link");
    if (field) field.value = secret;
  };

  const take = () => {
    const fragment = location.hash.slice(1);
    if (!looksLikeSecret(fragment)) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    hold(fragment);
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
