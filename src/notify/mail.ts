import { type EmailDestination, isLoopback } from "../config/mod.ts";
import { printable } from "../text/control.ts";
import type { MailLetter } from "./channel.ts";
import { type Answer, PostError } from "./post_error.ts";

/** So much of an answer is shown, in characters. */
const SHOWN = 200;

/**
 * Hands a mail to its server, encrypted unless that is on this host.
 * @param deadline How long that may take, in milliseconds.
 * @throws {PostError} If it was not taken, or not within the deadline.
 */
export async function sendMail(
  { server, subject, text, headers }: MailLetter,
  signal: AbortSignal,
  deadline: number,
): Promise<Answer> {
  const { createTransport } = await import("./mail_driver.ts");
  const { host, port, secure, user, password, ca } = server;
  const transport = createTransport({
    ...{ host, port, secure, requireTLS: !secure && host !== "localhost" && !isLoopback(host) },
    ...{
      connectionTimeout: deadline,
      greetingTimeout: deadline,
      socketTimeout: deadline,
      dnsTimeout: deadline,
    },
    ...user !== undefined && password !== undefined && { auth: { user, pass: password.reveal() } },
    ...ca !== undefined && { tls: { ca } },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const { promise: cut, reject } = Promise.withResolvers<never>();
  const stop = (reason: string) => () => {
    transport.close();
    reject(new PostError(reason));
  };
  const timer = setTimeout(stop(`no answer within ${deadline / 1000}s`), deadline);
  const abort = stop("no answer: the program, or the channel, has ended");
  signal.addEventListener("abort", abort);
  try {
    const { from, to } = server;
    // What was given up on may still fail: nobody waits for that.
    const sending = transport.sendMail({ from, to: [...to], subject, text, headers });
    sending.catch(() => {});
    const { response } = await Promise.race([sending, cut]);
    return {
      status: Number.parseInt(response, 10) || 250,
      text: shown(response.replace(/^\d+ ?/, ""), server),
    };
  } catch (error) {
    throw error instanceof PostError ? error : refusal(error, server);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    transport.close();
  }
}

/** What the library tells of an error. */
interface MailError {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly message?: string;
  /** Of each address of a host. */
  readonly errors?: readonly unknown[];
}

/** By the library's codes; its messages may hold what must not be told. */
const CAUSES: Readonly<Record<string, string>> = {
  EDNS: "no answer: the host is unknown",
  ETLS: "no answer: the certificate or the encryption is not accepted",
  ECONNECTION: "no answer: the connection failed",
  ESOCKET: "no answer: the connection failed",
  ETIMEDOUT: "no answer in time",
  EENVELOPE: "an address is not accepted",
  EAUTH: "the user or the password is not accepted",
};

const TLS = /certificate|tls|ssl|self.signed/i;
const REFUSED = /ECONNREFUSED|connection refused/i;

function refusal(error: unknown, server: EmailDestination): PostError {
  const { code = "", responseCode, response = "", message = "", errors = [] } = error as MailError;
  if (code === "ETLS") return new PostError(CAUSES["ETLS"]!);
  if (responseCode !== undefined) {
    const said = shown(response.replace(/^\d+[ -]?/, ""), server);
    const what = code === "EAUTH" || code === "EENVELOPE" ? `: ${CAUSES[code]}` : "";
    return new PostError(`answered with ${responseCode}${what}${said === "" ? "" : `: ${said}`}`, {
      // Three digits that begin with 4 mean: later.
      isFinal: responseCode >= 500,
    });
  }
  if (REFUSED.test([message, ...errors].join(" "))) {
    return new PostError("no answer: the connection was refused");
  }
  if (code === "ESOCKET" && TLS.test(message)) return new PostError(CAUSES["ETLS"]!);
  return new PostError(CAUSES[code] ?? "the mail could not be sent", { isFinal: code === "EAUTH" });
}

/** An answer for people, without what only the account's owner knows. */
function shown(text: string, { password }: EmailDestination): string {
  const secret = password?.reveal() ?? "";
  const safe = secret === "" ? text : text.replaceAll(secret, "***");
  return printable(safe.trim()).slice(0, SHOWN);
}
