// The secret of the link is in its fragment. It goes into the form, and out of the address bar and the history; the form
// is posted by a press of its button and never by this script. Runs before the page is shown, so nothing flickers.
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
    // The same page in another language reads it once more.
    document.querySelector("a.language").addEventListener("click", (press) => {
      if (secret) press.currentTarget.hash = secret;
    });
  });
})();
