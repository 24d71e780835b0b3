/** One row of numbers for each unit of a group: what units are compared by. */
export interface UnitRows {
  readonly units: number;
  readonly length: number;
  /** `[units, length]` */
  readonly data: Float32Array;
  /** Number of images that the values come from; 1 where they are weights. */
  readonly samples: number;
}
