/**
 * `absent`: this is no pod · `unreachable`: no connection, or it broke · `late`: no answer in time · `login`: the token is not
 * taken · `denied`: the account may not · `missing`: there is no such object · `conflict`: somebody else wrote it first ·
 * `expired`: a list or a watch has to begin again · `busy`: the API fails, or asks to come later · `refused`: anything else
 * that it refuses · `unusable`: the answer is none.
 */
export type KubernetesErrorKind =
  | "absent"
  | "unreachable"
  | "late"
  | "login"
  | "denied"
  | "missing"
  | "conflict"
  | "expired"
  | "busy"
  | "refused"
  | "unusable";

/** The API of Kubernetes did not do what was asked of it. */
export class KubernetesError extends Error {
  override readonly name = "KubernetesError";
  readonly kind: KubernetesErrorKind;

  constructor(kind: KubernetesErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The kinds of errors by their HTTP status. */
const BY_STATUS: ReadonlyMap<number, KubernetesErrorKind> = new Map([
  [401, "login"],
  [403, "denied"],
  [404, "missing"],
  [409, "conflict"],
  [410, "expired"],
  [429, "busy"],
]);

/** What a status other than success means. @param asked Such as `get leases`. */
export function statusError(status: number, asked: string): KubernetesError {
  const kind = BY_STATUS.get(status) ?? (status >= 500 ? "busy" : "refused");
  if (kind === "denied") {
    return new KubernetesError(kind, `the pod's service account may not ${asked} (403)`);
  }
  if (kind === "login") return new KubernetesError(kind, "Kubernetes does not take the pod's token (401)");
  return new KubernetesError(kind, `Kubernetes answers ${asked} with status ${status}`);
}
