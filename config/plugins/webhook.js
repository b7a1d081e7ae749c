// @ts-check
// A request at some events, here of drains and of who leads. It may connect to one host and port:
//   plugins: [ { file: plugins/webhook.js, permissions: { net: [ "127.0.0.1:8081" ] }, timeout: 5s } ]

const HOOK = "http://127.0.0.1:8081/hooks/proxysql";

const WANTED = ["proxysql-drain", "proxysql-leader"];

/** @param {import("./plugin.d.ts").Event} event */
export async function event(event) {
  if (!WANTED.includes(event.event)) return;
  try {
    await fetch(HOOK, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(event),
    });
  } catch {
    // Whoever throws is ended, and started again ever later. That a hook is down is no reason.
  }
}
