/** R[i][j]: accuracy (0…1) on the test images of task j after task i was learned. A learner that learns once has one row alone. */
export type AccuracyMatrix = readonly (readonly number[])[];

/** What a matrix of accuracies comes to. What one row alone cannot tell is left out. */
export interface StreamMetrics {
  /** ACC = 1/T Σⱼ R[T-1][j] */
  readonly averageAccuracy: number;
  /** Mean over i of 1/(i+1) Σ_{j≤i} R[i][j]: the average accuracy on the tasks seen so far, on the way. */
  readonly incrementalAccuracy?: number;
  /** LA = 1/T Σᵢ R[i][i]: how well each task is learned while it is there. */
  readonly learningAccuracy?: number;
  /** F = 1/(T-1) Σ_{j<T-1} (max_{i≥j} R[i][j] - R[T-1][j]) */
  readonly forgetting?: number;
  /** BWT = 1/(T-1) Σ_{j<T-1} (R[T-1][j] - R[j][j]) */
  readonly backwardTransfer?: number;
  /** FWT = 1/(T-1) Σ_{j≥1} (R[j-1][j] - b[j]), with b the accuracies of θ₀. */
  readonly forwardTransfer?: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Average accuracy, forgetting (Chaudhry et al. 2018, arXiv 1801.10112, with the maximum over all rows since the task was learned,
 * the last included), backward and forward transfer (Lopez-Paz & Ranzato 2017, arXiv 1706.08840), learning accuracy (Riemer et al.
 * 2019, arXiv 1810.11910).
 *
 * @param untrained b[j], accuracy of θ₀ on task j
 *
 * @example
 * streamMetrics([[1, 0.5], [0.6, 0.9]], [0.5, 0.4]).forgetting // 0.4
 */
export function streamMetrics(matrix: AccuracyMatrix, untrained: readonly number[]): StreamMetrics {
  const last = matrix.at(-1) as readonly number[];
  const averageAccuracy = mean(last);
  if (matrix.length < last.length) return { averageAccuracy };
  const at = (i: number, j: number) => matrix[i]?.[j] as number;
  const diagonal = matrix.map((_, i) => at(i, i));
  const path = {
    averageAccuracy,
    incrementalAccuracy: mean(matrix.map((row, i) => mean(row.slice(0, i + 1)))),
    learningAccuracy: mean(diagonal),
  };
  if (matrix.length === 1) return path;
  const earlier = last.slice(0, -1);
  return {
    ...path,
    forgetting: mean(
      earlier.map((now, j) => Math.max(...matrix.slice(j).map((row) => row[j] as number)) - now),
    ),
    backwardTransfer: mean(earlier.map((now, j) => now - (diagonal[j] as number))),
    forwardTransfer: mean(earlier.map((_, j) => at(j, j + 1) - (untrained[j + 1] as number))),
  };
}
