import { byId, setText } from "./dom.js";

const form = byId("login-form", HTMLFormElement);
const token = byId("token", HTMLInputElement);
const error = byId("login-error", HTMLElement);

/** @param {string} text */
function fail(text) {
  setText(error, text);
  error.hidden = text === "";
}

async function login() {
  fail("");
  try {
    const response = await fetch("/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: token.value }),
    });
    if (response.ok) return location.assign("/");
    const { error: reason } = await response.json().catch(() => ({}));
    fail(reason ?? `The login was refused: ${response.status}`);
  } catch {
    fail("Nobody answered");
  }
  token.select();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  login();
});
token.focus();
