// Moves the secret of a link from the address bar into the form, and removes it from there and from the history. Only a
// press of the button posts the form, never this script. It runs before the page is shown, so that nothing flickers.
"use strict";

(() => {
  const { page, length } = document.currentScript.dataset;
  const root = document.documentElement.classList;
  // Fragments that name a field of the page are shorter.
  const some = /[\w-]{20,}/;
  const whole = new RegExp(`(?<![\\w-])[\\w-]{${length}}(?=[_-]*(?![\\w-]))`);
  let secret = "";

  const hold = (text) => {
    secret = text;
    root.toggle("has-link", Boolean(text));
    root.toggle("cut-link", !text);
    const field = document.getElementById("link");
    if (field) field.value = secret;
  };

  const take = () => {
    // Filters encode the `#`, once or twice, so that it and the secret stand in the path.
    const { pathname, search, hash } = location;
    const path = pathname.startsWith(page) ? pathname.slice(page.length) : "";
    const text = (path + search + hash).replace(/%(?:25)*23/gi, "#");
    const behind = text.slice(text.lastIndexOf("#") + 1);
    const found = (whole.exec(behind) ?? whole.exec(text))?.[0];
    const secretly = some.test(hash ? behind : path + search);
    if (!found && !secretly && !path) return;
    const language = new URLSearchParams(search).get("lang");
    const rest = !path && some.test(hash) ? search : language ? `?lang=${encodeURIComponent(language)}` : "";
    history.replaceState(history.state, "", page + rest);
    if (found || secretly) hold(found ?? "");
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
