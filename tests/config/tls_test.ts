import { assertEquals } from "@std/assert";
import { load, problemsOf } from "./folder.ts";

const PEM = { "ca.pem": "CA", "tls/cert.pem": "CERT", "tls/key.pem": "KEY" };

async function tlsOf(yaml: string): Promise<readonly unknown[]> {
  const { databases } = await load({ ...PEM, "query-sniper.yaml": yaml });
  return databases.map(({ tls: { key, ...tls } }) => ({ ...tls, ...key && { key: key.reveal() } }));
}

Deno.test("loadConfig() reads certificates and keys, with paths relative to the main file", async () => {
  const tls = await tlsOf(`
ssl_mode: verify-ca
ssl_ca: ca.pem
databases:
  - { name: a, host: h }
  - { name: b, host: h, ssl_cert: tls/cert.pem, ssl_key: tls/key.pem, ssl_mode: verify-identity }
  - { name: c, host: h, ssl_mode: disabled }`);
  assertEquals(tls, [
    { mode: "verify-ca", ca: "CA" },
    { mode: "verify-identity", ca: "CA", cert: "CERT", key: "KEY" },
    { mode: "disabled", ca: "CA" },
  ]);
});

Deno.test("loadConfig() lays the ssl keys of the levels over each other one by one", async () => {
  const tls = await tlsOf(`
ssl_ca: ca.pem
ssl_cert: tls/cert.pem
ssl_key: tls/key.pem
groups: { g: { ssl_ca: tls/cert.pem, ssl_mode: required } }
databases:
  - { name: a, host: h }
  - { name: b, host: h, group: g }
  - { name: c, host: h, group: g, ssl_mode: verify-ca, ssl_ca: tls/key.pem }`);
  const own = { cert: "CERT", key: "KEY" };
  assertEquals(tls, [
    { mode: "preferred", ca: "CA", ...own },
    { mode: "required", ca: "CERT", ...own },
    { mode: "verify-ca", ca: "KEY", ...own },
  ]);
});

Deno.test("loadConfig() tells of a missing file once, where it is named", async () => {
  const yaml = `ssl_ca: gone.pem
databases:
  - { name: a, host: h }
  - { name: b, host: h, ssl_cert: tls, ssl_key: tls/key.pem }
`;
  assertEquals(await problemsOf({ ...PEM, "query-sniper.yaml": yaml }), [
    'query-sniper.yaml:1:9: ssl_ca: cannot read the file: it does not exist: "gone.pem"',
    'query-sniper.yaml:4:35: databases[1].ssl_cert: cannot read the file: it is a directory: "tls"',
  ]);
});

Deno.test("loadConfig() wants a certificate and its key together, whatever level they are at", async () => {
  const yaml = "groups: { g: { ssl_key: tls/key.pem } }\ndatabases:\n  - { name: a, host: h, group: g }\n";
  assertEquals(await problemsOf({ ...PEM, "query-sniper.yaml": yaml }), [
    'query-sniper.yaml:1:25: groups.g.ssl_key: this needs "ssl_cert" beside it: "tls/key.pem"',
  ]);
  const apart = yaml.replace("group: g", "group: g, ssl_cert: tls/cert.pem");
  assertEquals(await problemsOf({ ...PEM, "query-sniper.yaml": apart }), []);
});
