// Where the program listens: who may be let in from where, and what is wrong with the rest.

import { assert, assertEquals } from "@std/assert";
import { isLoopback, listenText } from "../../src/config/mod.ts";
import { sample } from "../pages.ts";
import { runProgram } from "../program.ts";
import { CERTIFICATE, CLIENT_KEY, KEY } from "../http/server/certificates.ts";
import { Folder, IF_PRESENT, load, problemsOf, required } from "./folder.ts";

const REST = "databases: [{ name: orders, host: db1 }]\n";
const TOKEN = "0123456789abcdef";
const FILES = {
  "credentials.yaml": "default: { user: sniper, password: x }\n",
  "http-token": `${TOKEN}\n`,
  "tls/cert.pem": CERTIFICATE,
  "tls/key.pem": KEY,
  "tls/clients.pem": CERTIFICATE,
};

/** The files of a configuration with this `listen`. */
function files(listen: string) {
  return { ...FILES, "query-sniper.yaml": `${listen}\n${REST}` };
}

Deno.test("listen takes an IP address or localhost, and a port", async () => {
  const rows: readonly (readonly [written: string, address: string])[] = [
    ["127.0.0.1:9180", "127.0.0.1:9180"],
    ["localhost:9180", "127.0.0.1:9180"],
    ["LOCALHOST:0", "127.0.0.1:0"],
    ["'[::1]:9180'", "[::1]:9180"],
    ["'[0:0:0:0:0:0:0:1]:9180'", "[::1]:9180"],
    ["127.8.9.10:65535", "127.8.9.10:65535"],
  ];
  for (const [written, address] of rows) {
    const { listen } = await load(files(`listen: ${written}`));
    assertEquals(listen && listenText(listen.address), address, written);
    assertEquals([listen?.hasTls, listen?.hasToken, listen?.hosts], [false, false, []]);
  }
  assertEquals((await load(files(""))).listen, undefined);
});

Deno.test("listen refuses what is no address, or one that only a resolver could tell", async () => {
  for (
    const written of [
      "9180",
      "':9180'",
      "'*:9180'",
      "127.0.0.1",
      "127.0.0.1:65536",
      "127.0.0.256:1",
      "127.1:9180",
      "0127.0.0.1:9180",
      "2130706433:9180",
      "'::1:9180'",
      "'[::g]:9180'",
      "'http://127.0.0.1:9180'",
      "'127.0.0.1:9180/x'",
      "'127.0.0.1:9180 '",
      "'localhost.:9180'",
    ]
  ) {
    const problems = await problemsOf(files(`listen: ${written}`));
    assert(problems.length === 1, `${written}: ${problems}`);
    assert(
      problems[0]!.startsWith("query-sniper.yaml:1:9: listen: expected an address such as"),
      problems[0],
    );
  }
  assertEquals(await problemsOf(files("listen: db1.example:9180")), [
    "query-sniper.yaml:1:9: listen: expected an address such as 127.0.0.1:9180, [::1]:9180 or localhost:9180, " +
    'the IP address in place of a name: "db1.example:9180"',
  ]);
});

const BEYOND =
  "beyond this host it is served with TLS only, and for those who have a token or a certificate: ";
const WHO = 'one of "token_file", "token_env" and "tls.client_ca_file"';
const TLS = "tls: { cert_file: tls/cert.pem, key_file: tls/key.pem";

Deno.test("listen goes beyond this host with TLS and a token or client certificates only, and says what is missing", async () => {
  const rows: readonly (readonly [written: string, problem?: string])[] = [
    ["0.0.0.0:9180", `${BEYOND}"tls" and ${WHO} are missing: "0.0.0.0"`],
    ["'[::]:9180'", `${BEYOND}"tls" and ${WHO} are missing: "::"`],
    ["10.0.0.1:9180", `${BEYOND}"tls" and ${WHO} are missing: "10.0.0.1"`],
    ["'[::ffff:127.0.0.1]:9180'", `${BEYOND}"tls" and ${WHO} are missing: "::ffff:7f00:1"`],
    ["{ address: 10.0.0.1:9180, token_file: http-token }", `${BEYOND}"tls" is missing: "10.0.0.1"`],
    [`{ address: 10.0.0.1:9180, ${TLS} } }`, `${BEYOND}${WHO} is missing: "10.0.0.1"`],
    [`{ address: 10.0.0.1:9180, token_file: http-token, ${TLS} } }`],
    [`{ address: 10.0.0.1:9180, ${TLS}, client_ca_file: tls/clients.pem } }`],
    [`{ address: 10.0.0.1:9180, token_env: TOKEN, ${TLS}, client_ca_file: tls/clients.pem } }`],
  ];
  for (const [written, problem] of rows) {
    const problems = await problemsOf(files(`listen: ${written}`), required({ TOKEN }));
    const path = written.startsWith("{") ? "1:20: listen.address" : "1:9: listen";
    assertEquals(problems, problem === undefined ? [] : [`query-sniper.yaml:${path}: ${problem}`], written);
  }
});

Deno.test("a token has to be long, printable and for its owner's eyes, and is never shown", async () => {
  const listen = "listen: { address: 127.0.0.1:9180, token_file: http-token }";
  const place = "query-sniper.yaml:1:48: listen.token_file";
  const hidden = "what it holds is not shown";
  const rows: readonly (readonly [token: string, problem: string])[] = [
    ["", "the secret is empty"],
    ["hunter2", `a token has 16 characters at least: ${hidden}`],
    ["x".repeat(15), `a token has 16 characters at least: ${hidden}`],
    ["x".repeat(513), `a token has 512 characters at most: ${hidden}`],
    ["two words 0123456789", `a token has letters, digits and signs of ASCII, and no spaces: ${hidden}`],
    ["päßwörter-0123456789", `a token has letters, digits and signs of ASCII, and no spaces: ${hidden}`],
  ];
  for (const [token, problem] of rows) {
    assertEquals(await problemsOf({ ...files(listen), "http-token": token }), [`${place}: ${problem}`]);
  }
  const open = { text: TOKEN, mode: 0o644 };
  const [problem] = await problemsOf({ ...files(listen), "http-token": open });
  assert(problem?.includes("other users have access to this file (mode 0644), run: chmod 600"), problem);
  const config = await load(files(listen));
  assertEquals(config.listen?.token?.reveal(), TOKEN);
  assert(!JSON.stringify(config).includes(TOKEN) && !Deno.inspect(config).includes(TOKEN));
});

Deno.test("files of TLS have to hold what they should; the key is for its owner's eyes, and never shown", async () => {
  const listen = `listen: { address: 127.0.0.1:9180, ${TLS}, client_ca_file: tls/clients.pem } }`;
  const place = "query-sniper.yaml:1";
  const hidden = "what it holds is not shown";
  const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
  const rows: readonly (readonly [files: Readonly<Record<string, string>>, ...problems: string[]])[] = [
    [
      { "tls/cert.pem": "hunter2", "tls/clients.pem": KEY },
      `${place}:54: listen.tls.cert_file: this holds no certificate in PEM format: "tls/cert.pem"`,
      `${place}:107: listen.tls.client_ca_file: this holds no certificate in PEM format: "tls/clients.pem"`,
    ],
    [
      { "tls/cert.pem": pem("aHVudGVyMg==") },
      `${place}:54: listen.tls.cert_file: this certificate cannot be read: ${hidden}`,
    ],
    ...["hunter2", CERTIFICATE].map((text) =>
      [
        { "tls/key.pem": text },
        `${place}:78: listen.tls.key_file: this key cannot be read: it must not have a passphrase: ${hidden}`,
      ] as const
    ),
    [
      { "tls/key.pem": CLIENT_KEY },
      `${place}:78: listen.tls.key_file: this is not the key of the certificate: ${hidden}`,
    ],
  ];
  for (const [other, ...problems] of rows) {
    assertEquals(await problemsOf({ ...files(listen), ...other }), problems);
  }
  const open = { text: KEY, mode: 0o640 | 0o004 };
  const [problem] = await problemsOf({ ...files(listen), "tls/key.pem": open });
  assert(problem?.includes("listen.tls.key_file: other users have access to this file"), problem);
});

Deno.test("what is not there yet is a warning to who validates, and stops run", async () => {
  const listen = `listen: { address: 127.0.0.1:9180, token_env: NOT_SET, ${TLS} } }`;
  const { "tls/cert.pem": _cert, ...rest } = files(listen);
  assertEquals(await problemsOf(rest, IF_PRESENT), []);
  assertEquals(await problemsOf(rest, required()), [
    "query-sniper.yaml:1:47: listen.token_env: this environment variable is not set: NOT_SET",
    'query-sniper.yaml:1:74: listen.tls.cert_file: cannot read the file: it does not exist: "tls/cert.pem"',
  ]);
});

Deno.test("validate-config tells where it listens and for whom, and no secret", async () => {
  await using folder = await Folder.make(
    files(
      `listen: { address: 10.0.0.1:9180, hosts: [A.example, b.example], token_file: http-token, ${TLS} } }`,
    ),
  );
  const text = await runProgram(["validate-config"], { cwd: folder.path });
  assertEquals(text.stderr, "");
  assert(
    text.stdout.includes("\nlisten: https://10.0.0.1:9180, as a.example, b.example, for who has a token\n"),
    text.stdout,
  );
  const { stdout } = await runProgram(["validate-config", "--format", "json"], { cwd: folder.path });
  assertEquals(JSON.parse(stdout).listen, {
    address: "10.0.0.1:9180",
    hosts: ["a.example", "b.example"],
    tls: true,
    token: true,
    client_certificates: false,
  });
  for (const output of [text.stdout, stdout]) assert(!output.includes(TOKEN) && !output.includes("PRIVATE"));
});

Deno.test("the configurations in docs/http.md are valid", async () => {
  for (const text of [sample("http-here"), sample("http-beyond")]) {
    assertEquals(await problemsOf(files(text.trimEnd()), required()), []);
  }
});

Deno.test("only addresses of this host are taken for its own", () => {
  const own = ["127.0.0.1", "127.255.0.9", "::1"];
  const others = ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::ffff:7f00:1", "fe80::1", "1127.0.0.1"];
  assertEquals([...own, ...others].filter(isLoopback), own);
});
