// What hostile clients send: each gets the right answer, nothing of it gets to the application, and the next client is
// served as before.

import { assert, assertEquals } from "@std/assert";
import { request, sendRaw, type Served, served } from "./fixture.ts";

type Row = readonly [what: string, status: number | "closed", bytes: string | readonly string[]];

const JSON_TYPE = "Content-Type: application/json";

function post(headers: readonly string[], body = "{}", path = "/api/v1/pause"): string {
  const length = headers.some((header) => /^(?:content-length|transfer-encoding) *:/i.test(header))
    ? []
    : [`Content-Length: ${body.length}`];
  return request(`POST ${path}`, [...headers, ...length], body);
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1`);

const NOT_HTTP: readonly Row[] = [
  ["garbage", 400, "\x01\x02\x03\x04\r\n\r\n"],
  [
    "a TLS hello where there is no TLS",
    400,
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\x00".repeat(64),
  ],
  ["the preface of HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["HTTP/9.9", 400, "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"],
  ["HTTP/0.9", 505, "GET /\r\n\r\n"],
  ["HTTP/2.0 in clear", 505, "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n"],
  ["a version without digits", 400, "GET / HTTP/x.y\r\nHost: localhost\r\n\r\n"],
  ["a greeting of SMTP", 400, "EHLO localhost\r\n\r\n"],
  ["a greeting of SSH", 400, "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
  ["a SOCKS request", 400, "\x05\x01\x00\r\n\r\n"],
  ["a method that nobody knows", 400, request("BREW /")],
  ["a method in small letters", 400, request("get /")],
  ["a method of 4,000 letters", 400, request(`${"G".repeat(4000)} /`)],
  ["no path", 400, "GET HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["two spaces and a tab in the first line", 400, "GET \t / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["lines that end with LF alone", 400, "GET / HTTP/1.1\nHost: localhost\n\n"],
  ["a CR without LF in a header", 400, "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n"],
  ["a NUL in a header", 400, "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"],
  ["a NUL in the path", 400, "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a header that goes on in the next line", 400, "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n"],
  ["a header without a name", 400, "GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n"],
  ["a space before the colon of a header", 400, "GET / HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n"],
  ["a space before the first header", 400, "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n"],
];

const SMUGGLED: readonly Row[] = [
  [
    "a content length and a transfer encoding",
    400,
    post(
      [JSON_TYPE, "Content-Length: 4", "Transfer-Encoding: chunked"],
      "0\r\n\r\nGET /api/v1/who HTTP/1.1\r\n\r\n",
    ),
  ],
  [
    "a transfer encoding and a content length",
    400,
    post([JSON_TYPE, "Transfer-Encoding: chunked", "Content-Length: 4"], "0\r\n\r\n"),
  ],
  ["two content lengths that differ", 400, post([JSON_TYPE, "Content-Length: 2", "Content-Length: 40"])],
  ["two content lengths that are equal", 400, post([JSON_TYPE, "Content-Length: 2", "Content-Length: 2"])],
  ["a list of content lengths", 400, post([JSON_TYPE, "Content-Length: 2, 2"])],
  ["a negative content length", 400, post([JSON_TYPE, "Content-Length: -2"])],
  ["a content length with a sign", 400, post([JSON_TYPE, "Content-Length: +2"])],
  ["a content length in hexadecimal", 400, post([JSON_TYPE, "Content-Length: 0x2"])],
  ["a content length beyond all numbers", 400, post([JSON_TYPE, `Content-Length: ${"9".repeat(40)}`])],
  ["an empty content length", 400, post([JSON_TYPE, "Content-Length: "])],
  ["a transfer encoding that is not chunked", 400, post([JSON_TYPE, "Transfer-Encoding: identity"])],
  ["chunked, but not at the end", 400, post([JSON_TYPE, "Transfer-Encoding: chunked, gzip"])],
  ["gzip before chunked", 400, post([JSON_TYPE, "Transfer-Encoding: gzip, chunked"], "0\r\n\r\n")],
  ["chunked twice", 400, post([JSON_TYPE, "Transfer-Encoding: chunked, chunked"], "0\r\n\r\n")],
  [
    "chunked in two headers",
    400,
    post([JSON_TYPE, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  ],
  ["a vertical tab before chunked", 400, post([JSON_TYPE, "Transfer-Encoding: \x0bchunked"], "0\r\n\r\n")],
  [
    "a chunk whose size is no number",
    411,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], "zz\r\n{}\r\n0\r\n\r\n"),
  ],
  [
    "a chunk of a negative size",
    411,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], "-2\r\n{}\r\n0\r\n\r\n"),
  ],
  [
    "a chunk with an extension that does not end",
    411,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], `2;x=${"y".repeat(40_000)}\r\n{}\r\n0\r\n\r\n`),
  ],
  [
    "a chunk longer than its size",
    411,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], "1\r\n{}\r\n0\r\n\r\n"),
  ],
  ["chunks", 411, post([JSON_TYPE, "Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n")],
  [
    "another request behind the last chunk",
    411,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], `0\r\n\r\n${request("GET /api/v1/who")}`),
  ],
  [
    "chunked in HTTP/1.0",
    400,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0"),
  ],
  ["a body of a GET", 400, request("GET /", ["Content-Length: 2"], "{}")],
  ["chunks of a GET", 411, request("GET /", ["Transfer-Encoding: chunked"], "0\r\n\r\n")],
];

const STRANGERS: readonly Row[] = [
  ["no host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["no host in HTTP/1.0", 400, "GET / HTTP/1.0\r\n\r\n"],
  ["an empty host", 400, request("GET /", ["Host: "])],
  ["two hosts, the good one first", 400, request("GET /", ["Host: localhost", "Host: evil.example"])],
  ["two hosts, the good one last", 400, request("GET /", ["Host: evil.example", "Host: localhost"])],
  ["two hosts that are equal", 400, request("GET /", ["Host: localhost", "Host: localhost"])],
  ["a foreign host, as by DNS rebinding", 421, request("GET /", ["Host: evil.example:9180"])],
  ["a foreign address", 421, request("GET /", ["Host: 10.0.0.1"])],
  ["the address that means any", 421, request("GET /", ["Host: 0.0.0.0"])],
  ["a host that begins with a good one", 421, request("GET /", ["Host: localhost.evil.example"])],
  ["a host that ends with a good one", 421, request("GET /", ["Host: evil-sniper.example"])],
  ["a subdomain of a good host", 421, request("GET /", ["Host: a.sniper.example"])],
  ["two hosts in one", 400, request("GET /", ["Host: localhost, evil.example"])],
  ["a user in the host", 400, request("GET /", ["Host: localhost@evil.example"])],
  ["a path in the host", 400, request("GET /", ["Host: localhost/x"])],
  ["another writing of the loopback address", 421, request("GET /", ["Host: 2130706433"])],
  ["an address of another host in the first line", 400, request("GET http://evil.example/")],
  ["an address of this host in the first line", 400, request("GET http://localhost/")],
  ["a path without its slash", 400, request("GET api")],
  ["a backslash in the path", 400, request("GET /\\evil.example")],
  ["a fragment in the path", 400, request("GET /#x")],
  ["bytes beyond ASCII in the path", 400, request("GET /\xff\xfe")],
];

const METHODS: readonly Row[] = [
  ["TRACE", 405, request("TRACE /")],
  ["CONNECT", 405, "CONNECT db1:3306 HTTP/1.1\r\nHost: db1:3306\r\n\r\n"],
  ["OPTIONS", 405, request("OPTIONS /")],
  ["OPTIONS of all", 405, request("OPTIONS *")],
  ["PUT", 405, request("PUT /api/v1/pause", [JSON_TYPE, "Content-Length: 2"], "{}")],
  ["DELETE", 405, request("DELETE /api/v1/pause")],
  ["PATCH", 405, request("PATCH /api/v1/pause")],
  ["PROPFIND", 405, request("PROPFIND /")],
  [
    "a method in a header",
    404,
    request("GET /api/v1/pause", ["X-HTTP-Method-Override: POST", "X-Method-Override: POST"]),
  ],
  [
    "a WebSocket",
    400,
    request("GET /", [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]),
  ],
  [
    "an upgrade to HTTP/2",
    400,
    request("GET /", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQ"]),
  ],
  ["an upgrade that the connection does not name", 400, request("GET /", ["Upgrade: h2c"])],
  ["an expectation that nobody knows", 417, post([JSON_TYPE, "Expect: everything"])],
];

const TOO_MUCH: readonly Row[] = [
  ["a path of 3,000 characters", 414, request(`GET /${"a".repeat(3_000)}`)],
  ["a query of 10,000 characters", 414, request(`GET /?${"a".repeat(10_000)}`)],
  ["a path of 200 KB", 414, request(`GET /${"a".repeat(200_000)}`)],
  ["a header of 20 KB", 431, request("GET /", [`X: ${"a".repeat(20_000)}`])],
  ["a header of 1 MB", 431, request("GET /", [`X: ${"a".repeat(1_000_000)}`])],
  ["the name of a header of 20 KB", 431, request("GET /", [`${"a".repeat(20_000)}: x`])],
  ["65 headers", 431, request("GET /", many(64))],
  ["1,000 headers", 431, request("GET /", many(1_000))],
  [
    "a second host behind 100 headers",
    431,
    request("GET /", ["Host: localhost", ...many(100), "Host: evil.example"]),
  ],
  ["a body of 5 KB", 413, post([JSON_TYPE], `{"reason":"${"a".repeat(5_000)}"}`)],
  ["a body that says that it has 1 TB", 413, post([JSON_TYPE, "Content-Length: 1099511627776"], "{")],
  [
    "chunks of 8 KB",
    411,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], `2000\r\n${"a".repeat(0x2000)}\r\n0\r\n\r\n`),
  ],
  [
    "a thousand small chunks",
    411,
    post([JSON_TYPE, "Transfer-Encoding: chunked"], `${"8\r\naaaaaaaa\r\n".repeat(1_000)}0\r\n\r\n`),
  ],
  ["lists in lists, 2,000 deep", 400, post([JSON_TYPE], `${"[".repeat(2_000)}${"]".repeat(2_000)}`)],
  ["mappings in mappings, 17 deep", 400, post([JSON_TYPE], `${'{"a":'.repeat(17)}1${"}".repeat(17)}`)],
];

const FORGED: readonly Row[] = [
  ["a form", 415, post(["Content-Type: application/x-www-form-urlencoded"], "database=all")],
  ["a form of several parts", 415, post(["Content-Type: multipart/form-data; boundary=x"], "--x--")],
  ["plain text", 415, post(["Content-Type: text/plain"])],
  ["no content type", 415, post([])],
  ["an empty content type", 415, post(["Content-Type: "])],
  ["a content type that begins like JSON", 415, post(["Content-Type: application/json-seq"])],
  ["JSON in another charset", 415, post(["Content-Type: application/json; charset=utf-7"])],
  ["JSON and a form", 415, post(["Content-Type: application/json, text/plain"])],
  ["two content types", 400, post([JSON_TYPE, "Content-Type: text/plain"])],
  ["another origin", 403, post([JSON_TYPE, "Origin: https://evil.example"])],
  ["another port of this host", 403, post([JSON_TYPE, "Origin: http://localhost:8080"])],
  ["the origin of nobody", 403, post([JSON_TYPE, "Origin: null"])],
  ["an origin that begins like this host", 403, post([JSON_TYPE, "Origin: http://localhost.evil.example"])],
  ["an origin with a user", 403, post([JSON_TYPE, "Origin: http://localhost@evil.example"])],
  ["an origin of another scheme", 403, post([JSON_TYPE, "Origin: file://localhost"])],
  ["two origins", 400, post([JSON_TYPE, "Origin: http://localhost", "Origin: https://evil.example"])],
  ["a post of another site", 403, post([JSON_TYPE, "Sec-Fetch-Site: cross-site"])],
  ["a post of a neighbour", 403, post([JSON_TYPE, "Sec-Fetch-Site: same-site"])],
  ["a post of a bookmark", 403, post([JSON_TYPE, "Sec-Fetch-Site: none"])],
  [
    "a form of another site without a word on where it is from",
    415,
    post(["Content-Type: text/plain"], "{}"),
  ],
  ["an API read by another site", 403, request("GET /api/v1/who", ["Sec-Fetch-Site: cross-site"])],
  ["metrics read by another site", 403, request("GET /metrics", ["Sec-Fetch-Site: same-site"])],
  ["no JSON", 400, post([JSON_TYPE], "{")],
  ["JSON that is no UTF-8", 400, post([JSON_TYPE], '{"a":"\xff\xfe"}')],
  ["JSON with more behind it", 400, post([JSON_TYPE], "{} {}")],
  ["JSON with a comment", 400, post([JSON_TYPE], "{/**/}")],
];

const ALL = { NOT_HTTP, SMUGGLED, STRANGERS, METHODS, TOO_MUCH, FORGED };

const CLIENT_HEADERS = /^x-content-type-options: nosniff\r$/mi;

async function assertServed({ port, reached }: Served): Promise<void> {
  const before = reached.length;
  const { status, text } = await sendRaw(port, request("GET /", ["Connection: close"]));
  assertEquals(status, 200);
  assert(text.endsWith("the page"), text);
  assertEquals(reached.length, before + 1);
}

for (const [name, rows] of Object.entries(ALL)) {
  Deno.test(`hostile requests (${name.toLowerCase().replace("_", " ")}) get the right answer, and the next client is served`, async () => {
    // As many clients as it takes, at once.
    await using server = await served({}, { limits: { rate: 10_000 } });
    const wrong: string[] = [];
    for (const [what, status, bytes] of rows) {
      const answer = await sendRaw(server.port, bytes);
      if (answer.status !== status) {
        wrong.push(`${what}: ${answer.status} in place of ${status}: ${answer.text}`);
      }
      // A second answer would mean that a part of the request was taken for another one.
      if (answer.answers > 1) wrong.push(`${what}: ${answer.answers} answers: ${answer.text}`);
      if (answer.status !== "closed" && !CLIENT_HEADERS.test(answer.text)) {
        wrong.push(`${what}: ${answer.text}`);
      }
      if (/ at (?:file|ext|node):|Error:|evil|secret/.test(answer.text)) {
        wrong.push(`${what}: ${answer.text}`);
      }
      await assertServed(server);
    }
    assertEquals(wrong, []);
    const through = server.reached.filter((line) => line !== "GET /");
    assertEquals(through, name === "METHODS" ? ["GET /api/v1/pause"] : []);
  });
}

Deno.test("there are at least a hundred hostile requests", () => {
  const rows = Object.values(ALL).flat();
  assert(rows.length >= 100, String(rows.length));
  assertEquals(new Set(rows.map(([what]) => what)).size, rows.length);
});
