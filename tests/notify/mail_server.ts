import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { EmailDestination } from "../../src/config/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ROOT } from "../program.ts";

const TLS = `${ROOT}tests/fixtures/tls`;
const pem = (name: string) => Deno.readTextFileSync(`${TLS}/${name}.pem`);

/** The authority of the server's certificate, and its file. */
export const CA = pem("ca");
export const CA_FILE = `${TLS}/ca.pem`;
export const USER = "sniper";
export const PASSWORD = "hunter2-of-the-mail";

/** A mail as it arrived. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly source: string;
}

/** A mail server on loopback that keeps what it is sent. Its certificate is for `localhost`. */
export class MailServer implements AsyncDisposable {
  readonly mails: Mail[] = [];
  readonly #server: SMTPServer;

  private constructor(options: SMTPServerOptions, started: (server: SMTPServer) => void) {
    this.#server = new SMTPServer({
      ...{ key: pem("server-key"), cert: pem("server-cert"), authOptional: true, disableReverseLookup: true },
      onAuth: ({ username, password }, _session, done) =>
        username === USER && password === PASSWORD
          ? done(null, { user: username })
          : done(new Error(`Invalid login of ${password}`)),
      onData: (stream, session, done) => {
        const parts: Uint8Array[] = [];
        stream.on("data", (part: Uint8Array) => void parts.push(part));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            secure: session.secure,
            user: session.user,
            source: parts.map((part) => new TextDecoder().decode(part)).join(""),
          });
          done();
        });
      },
      ...options,
    });
    this.#server.on("error", () => {});
    this.#server.listen(0, "127.0.0.1", () => started(this.#server));
  }

  /** @param options As the server takes them. */
  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const { promise, resolve } = Promise.withResolvers<SMTPServer>();
    const server = new MailServer(options, resolve);
    await promise;
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as { readonly port: number }).port;
  }

  /** The way to it, with the right account. */
  destination(changes: Partial<EmailDestination> = {}): EmailDestination {
    return {
      ...{ kind: "email", host: "localhost", port: this.port, secure: false, ca: CA },
      ...{ user: USER, password: new Secret(PASSWORD), from: "sniper@example.org", to: ["dba@example.org"] },
      ...changes,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
