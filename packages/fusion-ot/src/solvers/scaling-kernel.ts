/** Largest difference of potentials from those of the kernel: e^100 is far from where numbers end, and rarely reached twice. */
const DRIFT = 100;
/** Exponentials of less count as 0: multiplied by factors of e^-100 or more, they would become numbers that are slow to compute with. */
const SMALLEST_EXPONENT = Math.log(1e-260);
/** Sums below it may lack such terms, e^100 times 1e-260 each; those above its inverse, terms too large for a number. */
const SMALLEST_SUM = 1e-190;

/**
 * Sums of `exp(f[i] + g[j] - scaled[i, j])` over rows and columns, for potentials that move: exact however small the numbers become,
 * at the price of a product. The exponentials are kept for potentials nearby and multiplied by those of the differences (B. Schmitzer,
 * 2019, arXiv 1610.06519); where the difference has grown large they are made anew, and a sum that has left the range
 * of numbers is taken in the log domain.
 */
export class ScalingKernel {
  readonly #scaled: Float64Array;
  readonly #rows: number;
  readonly #columns: number;
  readonly #kernel: Float64Array;
  /** Potentials that the kernel holds, all finite. */
  #held: { readonly f: Float64Array; readonly g: Float64Array };
  /** Potentials that were asked about last. */
  #f: Float64Array;
  #g: Float64Array;

  /** @param scaled the cost over the regularization, `[rows, columns]` */
  constructor(scaled: Float64Array, rows: number, columns: number) {
    this.#scaled = scaled;
    this.#rows = rows;
    this.#columns = columns;
    this.#f = new Float64Array(rows);
    this.#g = new Float64Array(columns);
    this.#held = { f: this.#f, g: this.#g };
    this.#kernel = scaled.map((cost) => term(-cost));
  }

  /** `logMass[i] - log sum_j exp(g[j] - scaled[i, j])` for each row i; -∞ where the row has no mass. */
  rowPotentials(g: Float64Array, logMass: Float64Array): Float64Array<ArrayBuffer> {
    this.#g = g;
    if (drift(g, this.#held.g) > DRIFT) this.#hold();
    const factors = g.map((x, j) => Math.exp(x - this.#held.g[j]));
    const kernel = this.#kernel;
    const sums = new Float64Array(this.#rows);
    for (let i = 0, k = 0; i < sums.length; i++) {
      let sum = 0;
      for (let j = 0; j < factors.length; j++, k++) sum += factors[j] * kernel[k];
      sums[i] = sum;
    }
    return potentials(sums, logMass, this.#held.f, (i) => this.#logSum(g, i * this.#columns, 1));
  }

  /** `logMass[j] - log sum_i exp(f[i] - scaled[i, j])` for each column j; -∞ where the column has no mass. */
  columnPotentials(f: Float64Array, logMass: Float64Array): Float64Array<ArrayBuffer> {
    this.#f = f;
    if (drift(f, this.#held.f) > DRIFT) this.#hold();
    const factors = f.map((x, i) => Math.exp(x - this.#held.f[i]));
    const kernel = this.#kernel;
    const sums = new Float64Array(this.#columns);
    for (let i = 0, k = 0; i < factors.length; i++) {
      const factor = factors[i];
      for (let j = 0; j < sums.length; j++, k++) sums[j] += factor * kernel[k];
    }
    return potentials(sums, logMass, this.#held.g, (j) => this.#logSum(f, j, this.#columns));
  }

  /** Makes the exponentials anew, for the potentials that were asked about last. */
  #hold(): void {
    const finite = (x: number) => (x === Number.NEGATIVE_INFINITY ? 0 : x);
    const f = this.#f.map(finite);
    const g = this.#g.map(finite);
    const scaled = this.#scaled;
    for (let i = 0, k = 0; i < f.length; i++)
      for (let j = 0; j < g.length; j++, k++) this.#kernel[k] = term(f[i] + g[j] - scaled[k]);
    this.#held = { f, g };
  }

  /** `log sum_k exp(potential[k] - scaled[start + k step])` */
  #logSum(potential: Float64Array, start: number, step: number): number {
    const scaled = this.#scaled;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < potential.length; k++)
      largest = Math.max(largest, potential[k] - scaled[start + k * step]);
    let sum = 0;
    for (let k = 0; k < potential.length; k++)
      sum += Math.exp(potential[k] - scaled[start + k * step] - largest);
    return largest + Math.log(sum);
  }
}

const term = (exponent: number): number => (exponent < SMALLEST_EXPONENT ? 0 : Math.exp(exponent));

/** Not for NaN either, which infinity times zero has become. */
const inRange = (sum: number): boolean => sum > SMALLEST_SUM && sum < 1 / SMALLEST_SUM;

/** What masses and sums of the kernel give, whose potentials are `held`; by `logSum` where a sum has left the range of numbers. */
function potentials(
  sums: Float64Array<ArrayBuffer>,
  logMass: Float64Array,
  held: Float64Array,
  logSum: (k: number) => number,
): Float64Array<ArrayBuffer> {
  return sums.map((sum, k) => {
    if (logMass[k] === Number.NEGATIVE_INFINITY) return logMass[k];
    return inRange(sum) ? logMass[k] + held[k] - Math.log(sum) : logMass[k] - logSum(k);
  });
}

/** Largest difference of potentials, of those that are finite. */
function drift(potential: Float64Array, held: Float64Array): number {
  let largest = 0;
  for (let k = 0; k < potential.length; k++)
    if (potential[k] !== Number.NEGATIVE_INFINITY)
      largest = Math.max(largest, Math.abs(potential[k] - held[k]));
  return largest;
}

/** `P[i, j] = exp(f[i] + g[j] - scaled[i, j])`: the plan that two potentials stand for. */
export function planOf(scaled: Float64Array, f: Float64Array, g: Float64Array): Float64Array {
  const plan = new Float64Array(scaled.length);
  for (let i = 0, k = 0; i < f.length; i++) {
    for (let j = 0; j < g.length; j++, k++) plan[k] = Math.exp(f[i] + g[j] - scaled[k]);
  }
  return plan;
}
