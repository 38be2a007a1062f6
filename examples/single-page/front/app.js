// A whole reset by the JSON API of another origin. Secrets live in variables: neither the storage of the browser nor the
// address bar keeps them, and no cookie is sent.
"use strict";

const api = document.querySelector('meta[name="api"]').content;
const main = document.querySelector("main");

/** Asks the API: its answer, or its problem document as an error. */
async function call(path, body) {
  const asked = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(api + path, asked).catch(() => {
    throw new Error("The service cannot be reached. Try again later.");
  });
  const said = answer.status === 204 ? null : await answer.json();
  // `detail` is a sentence for people, in the language of the browser.
  if (!answer.ok) throw Object.assign(new Error(said.detail), { problem: said });
  return said;
}

/** Shows a step. Its form does `submit`, and shows what went wrong. */
function show(step, submit) {
  main.replaceChildren(document.getElementById(step).content.cloneNode(true));
  const form = main.querySelector("form");
  if (!form) return;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [error, button] = [main.querySelector(".error"), main.querySelector("button")];
    error.textContent = "";
    button.disabled = true;
    try {
      await submit();
    } catch (failed) {
      const violations = failed.problem?.violations;
      main.querySelector("#violations")?.replaceChildren(...(violations ?? []).map((broken) => item(broken.text)));
      if (!violations) error.textContent = failed.message;
    }
    button.disabled = false;
  });
}

const typed = (id) => document.getElementById(id).value;

function item(text) {
  const li = document.createElement("li");
  li.textContent = text;
  return li;
}

function ask() {
  show("ask", async () => {
    const started = await call("/api/requests", { by: "email", identifier: typed("email") });
    show("wait", async () => {
      await create({ requester_token: started.requester_token, code: typed("code") });
    });
    document.getElementById("reference").textContent = started.reference;
    // Where the stream breaks off, the form still takes the code.
    follow(started.requester_token).catch(() => {});
  });
}

/** Follows what the token may see of its reset. `EventSource` cannot send it, so the stream is read by `fetch`. */
async function follow(token) {
  const answer = await fetch(`${api}/api/events`, { headers: { authorization: `Bearer ${token}` } });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (rest + part.value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      const place = document.getElementById("stage");
      if (!data || !place) continue;
      const { stage, code_attempts_left: left } = JSON.parse(data.slice(6));
      place.textContent = stage === "expired" ? "The request has expired." : `The code can be tried ${left} times.`;
    }
  }
}

/** Proves the account, and shows the form for the password. */
async function create(proof) {
  const [proved, policy] = await Promise.all([call("/api/verify", proof), call("/api/policy")]);
  if (!proved.grant) throw new Error("This account has two-step verification, which this example does not have.");
  show("new", async () => {
    await call("/api/password", { grant: proved.grant, password: typed("password"), again: typed("again") });
    show("done");
  });
  document.getElementById("account").value = proved.identifier;
  document.getElementById("rules").append(...policy.rules.map((rule) => item(rule.text)));
}

/** Takes the secret of a link out of the address bar and of the history. Only a press of a button sends it. */
function open() {
  const link = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  if (location.pathname === "/reset" && link) {
    show("open", () => create({ link }));
  } else if (location.pathname === "/cancel" && link) {
    show("cancel", async () => {
      await call("/api/cancel", { link });
      show("cancelled");
    });
  } else {
    ask();
  }
}

open();
addEventListener("hashchange", open);
