import type { EmailDestination } from "../config/mod.ts";
import type { Secret } from "../text/secret.ts";
import type { Bundle } from "./bundle.ts";

/** What is sent at once. */
export type Letter = HttpLetter | MailLetter;

/** A request to send. */
export interface HttpLetter {
  readonly url: Secret;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The subjects that it tells of; absent: of all that is in the bundle. */
  readonly subjects?: readonly string[];
}

/** A mail, which tells of all that is in the bundle. */
export interface MailLetter {
  readonly server: EmailDestination;
  readonly subject: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subjects?: undefined;
}

/** A way to tell somebody. */
export interface Channel<L extends Letter = Letter> {
  /** Whether the other side keeps what is open until it is told the end. */
  readonly keepsState: boolean;
  /**
   * The letters that tell of a bundle; what one message has no place for is counted in it, or waits for the next.
   * @param now Milliseconds since 1970.
   */
  letters(bundle: Bundle, now: number): readonly L[];
}
