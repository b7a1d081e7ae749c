import { byId, element, setText } from "./dom.js";
import { printable } from "./words.js";

/** @import { ShownPause } from "../../stream/pauses.ts" */

/** What nobody has to type again at the next time. */
const WHO = "query-sniper.by";

/** The dialog that pauses and resumes: all databases or one. */
export class PauseDialog {
  /** @param {{ names: () => readonly string[], pauses: () => readonly ShownPause[] }} sources Names of all databases. */
  constructor({ names, pauses }) {
    this.names = names;
    this.pauses = pauses;
    this.dialog = byId("pause-dialog", HTMLDialogElement);
    this.form = byId("pause-form", HTMLFormElement);
    this.title = byId("pause-title", HTMLElement);
    this.which = byId("pause-which", HTMLSelectElement);
    this.duration = byId("pause-duration", HTMLSelectElement);
    this.reason = byId("pause-reason", HTMLInputElement);
    this.by = byId("pause-by", HTMLInputElement);
    this.error = byId("pause-error", HTMLElement);
    this.submit = byId("pause-submit", HTMLButtonElement);
    /** @type {"pause" | "resume"} */
    this.action = "pause";
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    byId("pause-cancel", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
  }

  /**
   * @param {"pause" | "resume"} action
   * @param {string} [database] All of them unless told.
   */
  open(action, database) {
    this.action = action;
    const isPause = action === "pause";
    const wheres = isPause ? ["", ...this.names()] : this.#resumable();
    this.which.replaceChildren(
      ...wheres.map((name) =>
        element("option", { value: name }, name === "" ? "All databases" : printable(name))
      ),
    );
    this.which.value = database ?? wheres[0] ?? "";
    setText(this.title, isPause ? "Pause kills" : "Resume kills");
    setText(this.submit, isPause ? "Pause" : "Resume");
    for (const part of this.form.querySelectorAll(".only-pause")) part.toggleAttribute("hidden", !isPause);
    this.reason.required = isPause;
    this.reason.value = "";
    this.by.value = localStorage.getItem(WHO) ?? "";
    this.#fail("");
    this.dialog.showModal();
    (isPause ? this.reason : this.submit).focus();
  }

  /** What somebody has paused; where nobody knows, all. An empty name is all databases. */
  #resumable() {
    const asked = this.pauses().filter(({ by }) => by !== undefined).map(({ database }) => database ?? "");
    return asked.length === 0 ? [""] : asked;
  }

  async #send() {
    const { value: database } = this.which;
    const by = this.by.value.trim();
    const body = {
      ...database !== "" && { database },
      ...this.action === "pause" && this.duration.value !== "" && { duration: this.duration.value },
      ...this.action === "pause" && { reason: this.reason.value.trim() },
      ...by !== "" && { by },
    };
    this.submit.disabled = true;
    try {
      const response = await fetch(`/api/v1/${this.action}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(10_000),
      });
      if (!response.ok) return this.#fail(await refusal(response));
      if (by !== "") localStorage.setItem(WHO, by);
      this.dialog.close();
    } catch {
      this.#fail(
        `Nobody answered, so nobody knows whether it is done. Without this page: create or remove the pause file`,
      );
    } finally {
      this.submit.disabled = false;
    }
  }

  /** @param {string} text */
  #fail(text) {
    setText(this.error, printable(text));
    this.error.hidden = text === "";
  }
}

/**
 * Why something was not done.
 * @param {Response} response
 */
async function refusal(response) {
  if (response.status === 401) return "Log in again, at /login: nothing was done";
  const answer = await response.json().catch(() => ({}));
  const { error } = /** @type {{ error?: unknown }} */ (answer);
  const text = typeof error === "string" ? error : /** @type {any} */ (error)?.message;
  return `Nothing was done: ${text ?? `the answer was ${response.status}`}`;
}
