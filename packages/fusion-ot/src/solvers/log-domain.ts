/** `logMass[i] - log sum_j exp(potential[j] - scaled[i, j])` for each row i; -∞ where the row has no mass. */
export function softMinimum(
  scaled: Float64Array,
  potential: Float64Array,
  logMass: Float64Array,
): Float64Array<ArrayBuffer> {
  const columns = potential.length;
  const result = new Float64Array(logMass.length);
  for (let i = 0; i < result.length; i++) {
    const row = i * columns;
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < columns; j++) {
      const exponent = potential[j] - scaled[row + j];
      if (exponent > largest) largest = exponent;
    }
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += Math.exp(potential[j] - scaled[row + j] - largest);
    result[i] = logMass[i] - largest - Math.log(sum);
  }
  return result;
}

/** The transpose of a matrix `[rows, columns]`. */
export function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j];
  }
  return result;
}

/** `P[i, j] = exp(f[i] + g[j] - scaled[i, j])`: the plan that two potentials stand for. */
export function planOf(scaled: Float64Array, f: Float64Array, g: Float64Array): Float64Array {
  const plan = new Float64Array(scaled.length);
  for (let i = 0, k = 0; i < f.length; i++) {
    for (let j = 0; j < g.length; j++, k++) plan[k] = Math.exp(f[i] + g[j] - scaled[k]);
  }
  return plan;
}
