import { type ProvisionConfig, tooOpen } from "../../config/mod.ts";
import { LONGEST_ANSWER, readDestroyed, readServerState } from "./answer.ts";
import { type Provisioner, ProvisionError, type ServerRequest } from "./provisioner.ts";
import { fetchFailure } from "../../text/fetch_failure.ts";

type HttpConfig = Extract<ProvisionConfig, { readonly kind: "http" }>;

/** How long one question may take, in milliseconds. */
const DEADLINE = 30_000;
/** These mean: later. */
const PASSING: readonly number[] = [408, 425, 429];
/** The name is not known, or not any more: it is given back. */
const GONE: readonly number[] = [404, 410];

/** A service of the user's: it is sent JSON by POST. Files are read at each question, so that tokens may change. */
export function httpProvisioner(config: HttpConfig, deadline = DEADLINE): Provisioner {
  const post = (action: "create" | "destroy", request: ServerRequest, signal: AbortSignal) =>
    ask({ config, deadline, signal, body: { action, ...request } });
  return {
    kind: "http",
    async ask(request, signal) {
      return readServerState((await post("create", request, signal)).text, request.name);
    },
    async destroy(request, signal) {
      const { status, text } = await post("destroy", request, signal);
      return GONE.includes(status) ? "done" : readDestroyed(text, request.name);
    },
  };
}

interface Question {
  readonly config: HttpConfig;
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly body: ServerRequest & { readonly action: "create" | "destroy" };
}

/** Follows no redirect: the token is for the configured address alone. */
async function ask(
  { config, deadline, signal, body }: Question,
): Promise<{ readonly status: number; readonly text: string }> {
  const { url, tokenFile, caFile } = config;
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const client = caFile === undefined
    ? undefined
    : Deno.createHttpClient({ caCerts: [await readCa(caFile)] });
  const overdue = AbortSignal.timeout(deadline);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...token !== undefined && { authorization: `Bearer ${token}` },
      },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.any([signal, overdue]),
      ...client && { client },
    });
    const text = await textOf(response);
    const isAnswer = response.ok || (body.action === "destroy" && GONE.includes(response.status));
    if (!isAnswer) throw refusal(response);
    return { status: response.status, text };
  } catch (error) {
    if (error instanceof ProvisionError) throw error;
    if (signal.aborted) throw new ProvisionError("it was not waited for");
    if (overdue.aborted) throw new ProvisionError(`no answer within ${deadline / 1000}s`);
    throw new ProvisionError(`no answer: ${fetchFailure(error)}`);
  } finally {
    client?.close();
  }
}

function refusal({ status, headers }: Response): ProvisionError {
  const after = headers.get("retry-after") ?? "";
  const hint = status === 401 || status === 403 ? ": see token_file" : "";
  return new ProvisionError(`it answered with ${status}${hint}`, {
    isFinal: status < 500 && !PASSING.includes(status),
    ...(/^\d{1,4}$/.test(after)) && { retryAfter: Number(after) * 1000 },
  });
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LONGEST_ANSWER) throw new ProvisionError("its answer is too long", { isFinal: true });
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return new TextDecoder().decode(bytes);
}

/** No message shows what the file holds. */
async function readToken(file: string): Promise<string> {
  const problem = await attempt(() => tooOpen(file), "the file of its token");
  if (problem !== undefined) throw new ProvisionError(`the file of its token is not used: ${problem}`);
  const token = (await attempt(() => Deno.readTextFile(file), "the file of its token")).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new ProvisionError("the file of its token holds no token");
  return token;
}

async function readCa(file: string): Promise<string> {
  const text = await attempt(() => Deno.readTextFile(file), "ca_file");
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new ProvisionError("ca_file holds no certificate in PEM format");
}

async function attempt<T>(read: () => Promise<T>, what: string): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "it does not exist" : (error as Error).name;
    throw new ProvisionError(`${what} cannot be read: ${why}`);
  }
}
