import { assert, assertEquals } from "@std/assert";
import { Secret } from "../../src/text/secret.ts";
import { load, required } from "./folder.ts";

const PASSWORD = "hunter2-0123";

Deno.test("a configuration prints without its secrets, however it is printed", async () => {
  const config = await load({
    "query-sniper.yaml": "ssl_cert: cert.pem\nssl_key: key.pem\ndatabases: [{ name: orders, host: db1 }]",
    "credentials.yaml": `default: { user: sniper, password: ${PASSWORD} }`,
    "cert.pem": "CERTIFICATE",
    "key.pem": "PRIVATE KEY hunter2",
  }, required());
  const [database] = config.databases;
  const printed = [
    JSON.stringify(config),
    Deno.inspect(config, { depth: 20 }),
    Deno.inspect(config, { depth: 20, showHidden: true, getters: true }),
    `${database!.account!.password} ${database!.tls.key}`,
    String(database!.account!.password),
    "" + database!.account!.password,
    Object.entries(database!.account!).join(),
    JSON.stringify({ ...database!.account!.password }),
    JSON.stringify(structuredClone(JSON.parse(JSON.stringify(config)))),
    new Error("", { cause: database!.account }).cause?.toString(),
  ];
  for (const text of printed) assert(!text?.includes("hunter2"), text);
  assert(printed[0]!.includes('"password":"***"'), printed[0]);
  assert(printed[0]!.includes('"key":"***"'), printed[0]);
  assert(printed[1]!.includes("password: ***"), printed[1]);
  assertEquals(database!.account!.password.reveal(), PASSWORD);
  assertEquals(database!.tls.key!.reveal(), "PRIVATE KEY hunter2");
});

Deno.test("a secret gives nothing away to whoever looks for its length or its keys", () => {
  const [short, long] = [new Secret(""), new Secret(PASSWORD)];
  assertEquals(String(short), String(long));
  assertEquals(Object.keys(long), []);
  assertEquals(Object.getOwnPropertyNames(long), []);
  assertEquals(long.reveal(), PASSWORD);
});
