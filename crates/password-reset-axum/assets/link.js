// Moves the secret from the fragment into the form, and removes it from the address bar and the history. Only a press of
// the button posts the form, never this script. It runs before the page is shown, so that nothing flickers.
"use strict";

(() => {
  // Fragments that name a field of the page are shorter.
  const looksLikeSecret = (text) => /^[A-Za-z0-9_-]{32,}$/.test(text);
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
    for (const link of document.querySelectorAll("a[data-language]")) {
      link.addEventListener("click", () => {
        if (secret) link.hash = secret;
      });
    }
  });
})();
