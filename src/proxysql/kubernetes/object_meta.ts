import { KubernetesError } from "./kubernetes_error.ts";

/** Any object of JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** What identifies an object. */
export interface ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly version: string;
  readonly isDeleted: boolean;
}

/** Whether it is an object of JSON, and no list. */
export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is wrong with an answer. */
export function unusable(what: string): KubernetesError {
  return new KubernetesError("unusable", `an answer of Kubernetes is unusable: ${what}`);
}

/** The object that a value has under a name; empty where there is none. @throws {KubernetesError} It is something else. */
export function part(value: Json, name: string): Json {
  const found = value[name] ?? {};
  if (isJson(found)) return found;
  throw unusable(`"${name}" is no object`);
}

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const TOKEN = /^[!-~]{1,128}$/;

/** What identifies an object. @throws {KubernetesError} It does not say. */
export function metaOf(value: Json): ObjectMeta {
  const { name, uid, resourceVersion, deletionTimestamp } = part(value, "metadata");
  if (typeof name !== "string" || !NAME.test(name)) throw unusable("an object has no name");
  if (typeof uid !== "string" || !TOKEN.test(uid)) throw unusable("an object has no uid");
  return {
    name,
    uid,
    version: versionOf(resourceVersion),
    isDeleted: deletionTimestamp !== undefined && deletionTimestamp !== null,
  };
}

/** A version, which means nothing but itself. @throws {KubernetesError} It is none. */
export function versionOf(value: unknown): string {
  if (typeof value === "string" && TOKEN.test(value)) return value;
  throw unusable("there is no resourceVersion");
}
