import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readMail } from "./mail_text.ts";
import type { EmailDestination } from "../../src/config/mod.ts";
import type { MailLetter } from "../../src/notify/channel.ts";
import { Courier } from "../../src/notify/courier.ts";
import { emailChannel } from "../../src/notify/email.ts";
import { post } from "../../src/notify/post.ts";
import { PostError } from "../../src/notify/post_error.ts";
import { Secret } from "../../src/text/secret.ts";
import { bundleOf, fastClock, gate, killed, noticesOf } from "./fixture.ts";
import { MailServer, PASSWORD, USER } from "./mail_server.ts";

const NEVER = new AbortController().signal;

function letterTo(to: EmailDestination, bundle = bundleOf(gate("open"), killed(), killed())): MailLetter {
  const [letter] = emailChannel("dba", to).letters(bundle, 0);
  return letter as MailLetter;
}

async function refusalOf(to: EmailDestination, deadline?: number): Promise<PostError> {
  const error = await post(letterTo(to), NEVER, deadline).then(() => undefined, (error) => error);
  assert(error instanceof PostError, String(error));
  assert(!error.message.includes("hunter2"), error.message);
  return error;
}

for (const secure of [true, false]) {
  Deno.test(`a mail goes encrypted, ${secure ? "from the start" : "by STARTTLS"}, with the account`, async () => {
    await using server = await MailServer.start({ secure });
    const to = server.destination({ secure, to: ["dba@example.org", "lead@example.org"] });
    const answer = await post(letterTo(to), NEVER);
    assertEquals(answer.status, 250);
    const [mail] = server.mails;
    assertEquals([mail!.from, mail!.to], ["sniper@example.org", ["dba@example.org", "lead@example.org"]]);
    assertEquals([mail!.secure, mail!.user], [true, USER]);
    const { headers, body } = readMail(mail!.source);
    assertEquals(headers.get("subject"), "[OPEN] orders / impacted: 1 gate open, 2 killed");
    assertEquals(headers.get("auto-submitted"), "auto-generated");
    assertStringIncludes(body, "2 x v2:9f86d081884c7d65 SELECT * FROM `t` WHERE `id` = ?");
    assertStringIncludes(body, "3 in all: 2 killed, 1 gate open");
  });
}

Deno.test("texts of clients are nothing but text in a mail, and never in its headers", async () => {
  await using server = await MailServer.start();
  const statement = {
    ...{ digest: "v2:1", verb: "select", tables: [], tags: {} },
    digest_text: "SELECT 1\r\nBcc: all@example.org\r\n\r\n.\r\n<script>",
  };
  await post(letterTo(server.destination(), bundleOf(killed({ statement }))), NEVER);
  const { headers, body } = readMail(server.mails[0]!.source);
  assertEquals([...headers.keys()].toSorted(), [
    ...["auto-submitted", "content-transfer-encoding", "content-type", "date", "from", "message-id"],
    ...["mime-version", "subject", "to", "x-query-sniper-channel"],
  ]);
  assertStringIncludes(headers.get("content-type")!, "text/plain");
  assertStringIncludes(body, String.raw`SELECT 1\r\nBcc: all@example.org`);
});

Deno.test("where a mail is not taken, people read why, and nobody a password", async () => {
  await using server = await MailServer.start();
  await using bare = await MailServer.start({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  await using full = await MailServer.start({
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error(`busy, ${PASSWORD}`), { responseCode: 451 })),
  });
  const wrong = new Secret("hunter2-which-is-wrong");
  const auth = await refusalOf(server.destination({ password: wrong }));
  assertStringIncludes(auth.message, "answered with 535: the user or the password is not accepted");
  assertEquals(auth.isFinal, true);
  const busy = await refusalOf(full.destination());
  assertStringIncludes(busy.message, "answered with 451");
  assertEquals(busy.isFinal, false);
  const { ca: _ca, ...stranger } = server.destination();
  const encryption = "no answer: the certificate or the encryption is not accepted";
  assertEquals((await refusalOf(stranger)).message, encryption);
  assertEquals((await refusalOf(server.destination({ host: "127.0.0.1" }))).message, encryption);
  const port = bare.port;
  await bare[Symbol.asyncDispose]();
  assertEquals(
    (await refusalOf(server.destination({ port }))).message,
    "no answer: the connection was refused",
  );
});

Deno.test("nothing is sent in clear to another host, whatever that offers", async () => {
  await using bare = await MailServer.start({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  // 127.0.0.1 by another name, which does not say that it is this host.
  const error = await refusalOf(bare.destination({ host: "::ffff:127.0.0.1" }));
  assertEquals(error.message, "no answer: the certificate or the encryption is not accepted");
  assertEquals(bare.mails, []);
  await post(letterTo(bare.destination({ host: "127.0.0.1" })), NEVER);
  assertEquals(bare.mails.map(({ secure }) => secure), [false]);
});

Deno.test("a mail server that is silent ends at the deadline", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const to: EmailDestination = {
    ...{ kind: "email", host: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port, secure: false },
    ...{ from: "a@example.org", to: ["b@example.org"] },
  };
  const error = await refusalOf(to, 300);
  assert(["no answer within 0.3s", "no answer in time"].includes(error.message), error.message);
  (await accepted).close();
  listener.close();
});

Deno.test("a burst of 1,000 decisions is a handful of mails, also where they are refused at first", async () => {
  let refused = 0;
  await using server = await MailServer.start({
    onMailFrom: (_address, _session, done) =>
      refused++ < 1 ? done(Object.assign(new Error("later"), { responseCode: 421 })) : done(),
  });
  const clock = fastClock(50);
  const courier = new Courier({ channel: emailChannel("dba", server.destination()), every: 1000 }, {
    ...{ clock, random: () => 0, post, told: () => {} },
  });
  const notices = noticesOf(gate("open"), ...Array.from({ length: 999 }, () => killed()));
  for (const [index, notice] of notices.entries()) {
    courier.add(notice);
    if (index % 10 === 9) await clock.sleep(100);
  }
  assertEquals(await courier.end(60_000), 0);
  const counts = server.mails.map(({ source }) => Number(/(\d+) in all/.exec(readMail(source).body)![1]));
  assert(counts.length >= 1 && counts.length <= 12, `${counts.length} mails`);
  assertEquals(counts.reduce((sum, count) => sum + count, 0), 1000);
});
