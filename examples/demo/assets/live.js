// Keeps a list fresh while the page is open: fetches the same page, and replaces the list.
const list = () => document.getElementById("live");

const refresh = async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  if (fresh && fresh.innerHTML !== list().innerHTML) list().replaceWith(document.adoptNode(fresh));
};

setInterval(() => refresh().catch(() => {}), 1000);
