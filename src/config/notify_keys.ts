import { quoted } from "../text/nearest.ts";
import {
  duration,
  filePath,
  filledText,
  object,
  oneOrMore,
  optional,
  preset,
  record,
  required,
  scalar,
  text,
  type ValueOf,
  variableName,
  word,
} from "../yaml/mod.ts";

/** What a channel can be told of. A new route is a new row here, and in `notify/` what belongs to it. */
export const ROUTES = {
  kill: "kills that were tried, and what became of them",
  "would-kill": "what a dry run would have killed",
  gate: "the `when` of a policy became open, closed or unknown",
  budget: "the kills of a database, or their share, are spent, or free again",
  lease: "who may kill on a server",
  pause: "kills are paused, or go on",
  journal: "the journal cannot be written, or can be again",
  unreachable: "a database cannot be watched, or can be again",
} as const;

export type Route = keyof typeof ROUTES;

const ROUTE_NAMES = Object.keys(ROUTES) as Route[];

/** What nobody asks for by itself. */
const UNASKED: Route = "would-kill";

/** A file that holds a secret. Messages never repeat what stands here: it may be the secret itself. */
export const secretFile = scalar(
  "the name of a file",
  { type: "string", minLength: 1 },
  (text, wrong) => text === "" ? wrong("expected the name of a file: it is empty") : text,
);

/** Whether a text is an address to post to. */
export function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

const ADDRESS = "an address such as https://example.org/hook";

/** An address to post to. Messages never repeat it: whoever knows it may post there. */
const address = scalar(
  ADDRESS,
  { type: "string", pattern: "^https?://" },
  (text, wrong) =>
    isWebAddress(text) ? text : wrong(`expected ${ADDRESS}: found something else, which is not shown`),
);

const FILE = "relative to this one; only its owner may read it.";

/** The keys of a channel to PagerDuty. */
const pagerdutyKeys = {
  routing_key_file: optional(secretFile, `The file that holds the routing key, ${FILE}`),
  routing_key_env: optional(variableName, "The environment variable that holds the routing key."),
  url: preset(address, "https://events.pagerduty.com/v2/enqueue", "Where events go."),
};

/** Where PagerDuty takes events, unless told otherwise. */
export const PAGERDUTY = pagerdutyKeys.url.default;

const MAIL_SERVER = "a mail server such as smtps://mail.example.org:465";

/** The parts of the address of a mail server; undefined if it is none. Passwords stand elsewhere. */
export function mailServer(
  text: string,
): { readonly host: string; readonly port: number; readonly secure: boolean } | undefined {
  if (!/^smtps?:\/\/[^/?#@]+\/?$/.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, hostname, port } = new URL(text);
  const secure = protocol === "smtps:";
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return host === "" ? undefined : { host, port: port === "" ? secure ? 465 : 587 : Number(port), secure };
}

const mailAddress = scalar(
  "a mail address",
  { type: "string", pattern: "^[^\\s<>,;@]+@[^\\s<>,;@]+$" },
  (text, wrong) =>
    /^[^\s<>,;@]+@[^\s<>,;@]+$/.test(text)
      ? text
      : wrong(`expected a mail address such as dba@example.org: ${quoted(text)}`),
);

/** The keys of each kind of channel. */
export const channelKeys = {
  webhook: optional(
    object({
      url: optional(address, "Where to post; or one of the next two in its place."),
      url_file: optional(secretFile, `The file that holds the address, ${FILE}`),
      url_env: optional(variableName, "The environment variable that holds the address."),
      secret_file: optional(secretFile, `The file that holds the key of the signature, ${FILE}`),
      secret_env: optional(variableName, "The environment variable that holds that key."),
    }),
    "Posts signed JSON to any address.",
  ),
  slack: optional(
    object({
      webhook_url_file: optional(secretFile, `The file that holds the address of the webhook, ${FILE}`),
      webhook_url_env: optional(variableName, "The environment variable that holds that address."),
    }),
    "Posts to an incoming webhook of Slack.",
  ),
  pagerduty: optional(
    object(pagerdutyKeys),
    "Triggers and resolves incidents by the Events API of PagerDuty, version 2.",
  ),
  email: optional(
    object({
      url: required(
        scalar(
          MAIL_SERVER,
          { type: "string", pattern: "^smtps?://" },
          (text, wrong) =>
            mailServer(text) === undefined
              ? wrong(
                `expected ${MAIL_SERVER}, without a user or password: found something else, which is not shown`,
              )
              : text,
        ),
        "The mail server: smtps:// is encrypted from the start, port 465; smtp:// by STARTTLS, port 587.",
      ),
      from: required(mailAddress, "Who writes."),
      to: required(oneOrMore(mailAddress), "Who gets it."),
      user: optional(filledText, "Who logs in there. Omitted: nobody."),
      password_file: optional(secretFile, `The file that holds the password of that user, ${FILE}`),
      password_env: optional(variableName, "The environment variable that holds that password."),
      ca_file: optional(
        filePath,
        "A file of the authorities that its certificate is checked by (PEM), relative to this one. Omitted: the usual ones.",
      ),
    }),
    "Sends mails.",
  ),
  alertmanager: optional(
    object({ url: required(address, "Where it is, such as http://alertmanager:9093.") }),
    "Posts alerts to an Alertmanager.",
  ),
};

/** The kinds of channels; each channel has one. */
export const CHANNEL_KINDS = Object.keys(channelKeys) as readonly (keyof typeof channelKeys)[];

/** The keys that every channel has. */
export const notifyKeys = {
  on: preset(
    oneOrMore(word(ROUTE_NAMES), { min: 0 }),
    ROUTE_NAMES.filter((name) => name !== UNASKED),
    "What it is told of; default {default}. []: only of what policies name it for.",
  ),
  databases: preset(
    oneOrMore(text),
    ["*"],
    "The databases that it is told of, by name; `*` stands for any part of a name, `?` for one character; default {default}.",
  ),
  every: preset(
    duration({ min: "1s", max: "1h" }),
    "30s",
    "One message in this time at most; what happens meanwhile is put together.",
  ),
};

/** Who is told, by name. */
export const notify = record(object({ ...channelKeys, ...notifyKeys }, { either: CHANNEL_KINDS }));

/** The channels as read. */
export type WrittenChannels = ValueOf<typeof notify>;
