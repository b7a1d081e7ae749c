/**
 * Runs unit tests, with one mutant after the other, as it is told: a line of JSON on standard input for each run, see
 * `Run`, and a line behind MARK on standard output for what came of it, see `Ran`. Its arguments are the test files.
 * The environment variable MUTANT names a mutant that is there while they are loaded.
 */
import { MARK, type Ran, type Run } from "./protocol.ts";

interface Test {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const tests: Test[] = [];
let active = Number(Deno.env.get("MUTANT") ?? 0);
let hits = new Set<number>();

const scope = globalThis as { mutant?: (id: number) => boolean };
scope.mutant = (id) => {
  hits.add(id);
  return id === active;
};

type Body = (context: unknown) => void | Promise<void>;
interface Definition {
  readonly name: string;
  readonly fn: Body;
  readonly ignore?: boolean;
}

function register(first: string | Definition, second?: Body | Omit<Definition, "fn">, third?: Body): void {
  const test: Definition = typeof first === "string"
    ? { name: first, ...typeof second === "object" ? second : {}, fn: third ?? second as Body }
    : first;
  if (test.ignore === true) return;
  tests.push({ name: `${file}: ${test.name}`, run: async () => await test.fn({ step }) });
}

/** As `t.step()`, but that it fails at once. */
async function step(first: string | Definition, second?: Body): Promise<boolean> {
  const { fn, ignore } = typeof first === "string" ? { fn: second!, ignore: false } : first;
  if (ignore !== true) await fn({ step });
  return true;
}

Object.defineProperty(Deno, "test", { value: register });

let file = "";
for (file of Deno.args) await import(`file://${Deno.cwd()}/${file}`);
tell({ tests: tests.map(({ name }) => name), loaded: [...hits] });

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let rest = "";
for await (const part of lines) {
  const texts = (rest + part).split("\n");
  rest = texts.pop()!;
  for (const text of texts) tell(await run(JSON.parse(text)));
}

async function run({ mutant, tests: names }: Run): Promise<Ran> {
  active = mutant;
  const ran = [];
  for (const name of names) {
    hits = new Set();
    const begun = performance.now();
    const failed = await outcomeOf(tests.find((test) => test.name === name)!);
    ran.push({ name, failed, hits: mutant === 0 ? [...hits] : [], ms: performance.now() - begun });
    if (failed && mutant !== 0) break;
  }
  active = Number(Deno.env.get("MUTANT") ?? 0);
  return { ran };
}

async function outcomeOf({ run }: Test): Promise<boolean> {
  try {
    await run();
    return false;
  } catch {
    return true;
  }
}

function tell(what: unknown): void {
  const bytes = new TextEncoder().encode(`\n${MARK}${JSON.stringify(what)}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
