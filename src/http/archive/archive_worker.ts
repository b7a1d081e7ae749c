// A thread of its own, which answers one question of the journal: reading it would block looks. An entry of the bundle.

import { answer } from "./answer.ts";
import type { Question } from "./question.ts";

interface WorkerScope {
  onmessage: ((message: MessageEvent<Question>) => void) | null;
  postMessage(answer: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data }) => scope.postMessage(answer(data));
