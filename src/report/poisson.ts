/** A count, and over how much of whatever was counted it came: minutes that were looked at. */
export interface Observed {
  readonly count: number;
  readonly exposure: number;
}

/** Below this a difference is taken for more than chance. */
export const CERTAIN = 0.01;

/**
 * How probable it is that two counts differ so much, or more, by chance alone: 0 to 1. Exact for events that come by
 * themselves: given their sum, the second count has a binomial distribution (Przyborowski and Wilenski, 1940). Two-sided, by
 * twice the smaller tail.
 */
export function chanceOf(before: Observed, now: Observed): number {
  const sum = before.count + now.count;
  const part = now.exposure / (before.exposure + now.exposure);
  if (sum === 0 || !(part > 0 && part < 1)) return 1;
  const { below, above } = tails(now.count, sum, part);
  return Math.min(1, 2 * Math.min(below, above));
}

/** The probabilities of at most, and of at least, `count` of `sum`. */
function tails(count: number, sum: number, part: number): { readonly below: number; readonly above: number } {
  const at = Math.exp(
    logFactorial(sum) - logFactorial(count) - logFactorial(sum - count) + count * Math.log(part) +
      (sum - count) * Math.log1p(-part),
  );
  const odds = part / (1 - part);
  let [below, above] = [at, at];
  let term = at;
  for (let k = count; k > 0 && term > below * 1e-17; k--) {
    term *= k / ((sum - k + 1) * odds);
    below += term;
  }
  term = at;
  for (let k = count; k < sum && term > above * 1e-17; k++) {
    term *= (sum - k) * odds / (k + 1);
    above += term;
  }
  return { below, above };
}

/** The logarithm of a factorial: summed up where it is small, else Stirling's series, whose error is below 1e-12 there. */
function logFactorial(n: number): number {
  if (n < 32) {
    let sum = 0;
    for (let factor = 2; factor <= n; factor++) sum += Math.log(factor);
    return sum;
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3) +
    1 / (1260 * n ** 5);
}
