import { type Catalog, catalogTable } from "../../src/shards/plan/mod.ts";
import type { KeyType } from "../../src/shards/slots/key.ts";

/** INT UNSIGNED. */
export const INTEGER: KeyType = { family: "integer", min: 0n, max: 4294967295n, auto: false };
/** VARCHAR(20) COLLATE utf8mb4_bin. */
export const TEXT: KeyType = { family: "text", length: 20, repertoire: "unicode" };

/** A shop whose users are sharded with their orders, its products by a text, and its countries not at all. */
export const SHOP: Catalog = {
  schema: "shop",
  tables: new Map([
    catalogTable("users", ["user_id", "name", "country", "age", "score", "born", "note"], {
      column: "user_id",
      type: INTEGER,
      group: "users",
    }),
    catalogTable("orders", ["customer_id", "id", "amount", "state", "placed", "weight"], {
      column: "customer_id",
      type: INTEGER,
      group: "users",
    }),
    catalogTable("products", ["sku", "title", "price"], { column: "sku", type: TEXT, group: "products" }),
    catalogTable("countries", ["code", "label"]),
  ].map((table) => [table.name, table])),
};

/** The tables of {@linkcode SHOP}. */
export const SHOP_TABLES: readonly string[] = [
  `CREATE TABLE users (user_id INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(40) COLLATE utf8mb4_unicode_ci,
    country CHAR(2), age TINYINT, score DECIMAL(10,2), born DATE, note VARCHAR(50)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  `CREATE TABLE orders (customer_id INT UNSIGNED NOT NULL, id INT NOT NULL, amount DECIMAL(12,3), state ENUM('new','paid','sent'),
    placed DATETIME, weight DOUBLE, PRIMARY KEY (customer_id, id)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  `CREATE TABLE products (sku VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    title VARCHAR(40), price DECIMAL(8,2)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  `CREATE TABLE countries (code CHAR(2) NOT NULL PRIMARY KEY, label VARCHAR(20)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci`,
];
