// A thread of its own for each plugin, with no permissions but those of the plugin. An entry of the bundle.

import type { FromPlugin, ToPlugin } from "./message.ts";
import { Sandbox } from "./sandbox.ts";
import { messageOf } from "../../text/message.ts";

interface WorkerScope {
  onmessage: ((message: MessageEvent<ToPlugin>) => void) | null;
  postMessage(message: FromPlugin): void;
}

const scope = globalThis as unknown as WorkerScope;
let sandbox: Sandbox | undefined;

async function answer(message: ToPlugin): Promise<FromPlugin> {
  try {
    if (message.kind === "load") {
      sandbox = await Sandbox.open(message);
      return { kind: "loaded", json: await sandbox.load(message) };
    }
    return { kind: "answer", id: message.id, json: await sandbox!.call(message.call, message.json) };
  } catch (error) {
    return { kind: "failed", reason: messageOf(error) };
  }
}

scope.onmessage = async ({ data }) => scope.postMessage(await answer(data));
