import { join } from "node:path";
import { ioReason } from "../../yaml/mod.ts";
import { KubernetesError } from "./kubernetes_error.ts";

/** How to log in at the API. */
export interface Login {
  readonly token: string;
  /** The PEM text of the authorities that the API's certificate is checked by. */
  readonly ca: string;
}

/** Where the API is, and how to log in there. */
export interface Access {
  /** `https://HOST:PORT`. @throws {KubernetesError} `absent`. */
  url(): string;
  /** The namespace of the pod. @throws {KubernetesError} `absent`. */
  namespace(): Promise<string>;
  /** What the files say now: the kubelet replaces them. @throws {KubernetesError} `absent`. */
  login(): Promise<Login>;
}

/** Where Kubernetes puts what a pod needs to log in; a projected volume may be mounted there for one container alone. */
const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** More is no token, no authority and no namespace. */
const LARGEST_FILE = 1024 * 1024;

export interface PodAccessOptions {
  readonly environment?: (name: string) => string | undefined;
  readonly folder?: string;
}

/** The access that Kubernetes gives to each pod. */
export function podAccess(
  { environment = (name) => Deno.env.get(name), folder = FOLDER }: PodAccessOptions = {},
): Access {
  return {
    url() {
      const host = environment("KUBERNETES_SERVICE_HOST");
      const port = environment("KUBERNETES_SERVICE_PORT_HTTPS") ?? environment("KUBERNETES_SERVICE_PORT") ??
        "443";
      if (host === undefined || host === "") {
        throw new KubernetesError(
          "absent",
          "this is no pod of Kubernetes: KUBERNETES_SERVICE_HOST is not set",
        );
      }
      const url = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
      if (!/^[\w.:[\]/-]+$/.test(url) || !URL.canParse(url)) {
        throw new KubernetesError(
          "absent",
          "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address",
        );
      }
      return url;
    },
    async namespace() {
      const namespace = await fileText(folder, "namespace");
      if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) return namespace;
      throw new KubernetesError("absent", `${join(folder, "namespace")} has no name of a namespace in it`);
    },
    async login() {
      const token = await fileText(folder, "token");
      const ca = await fileText(folder, "ca.crt");
      if (/^[!-~]+$/.test(token)) return { token, ca };
      throw new KubernetesError("absent", `${join(folder, "token")} has no token in it`);
    },
  };
}

async function fileText(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  try {
    const { size } = await Deno.stat(path);
    if (size <= LARGEST_FILE) return (await Deno.readTextFile(path)).trim();
  } catch (error) {
    throw new KubernetesError("absent", `cannot read ${path}: ${ioReason(error)}`);
  }
  throw new KubernetesError("absent", `${path} is too large`);
}
