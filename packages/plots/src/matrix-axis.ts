import { textWidth } from "./fonts.js";

/** Size of the labels, px; wide labels are measured with it. */
const labelSize = 12;

/** One axis of a matrix, drawn on a quantitative scale of element indices. */
export interface Side {
  readonly title: string | undefined;
  readonly labels: readonly string[] | undefined;
  /** Number of elements, and the number that whole blocks cover. */
  readonly count: number;
  readonly covered: number;
  readonly pixels: number;
  /** Least distance between two tick labels, px. */
  readonly apart: number;
}

/** A position channel along which element i covers i - ½ to i + ½. */
export function position({ title, labels, count, covered, pixels, apart }: Side) {
  return {
    type: "quantitative",
    title: title ?? null,
    scale: { domain: [-0.5, covered - 0.5], nice: false, zero: false },
    axis: {
      grid: false,
      domain: false,
      values: labels === undefined ? ticks(count, pixels / apart) : labels.map((_, i) => i),
      labelFontSize: labelSize,
      labelOverlap: true,
      ...(labels === undefined ? { format: "d" } : { labelExpr: `${JSON.stringify(labels)}[datum.value]` }),
    },
  };
}

/** Whether labels under columns must stand upright: the widest does not fit its column lying. */
export function upright(labels: readonly string[] | undefined, pixels: number): boolean {
  return labels?.some((label) => textWidth(label, labelSize) + 4 > pixels / labels.length) ?? false;
}

/** At most `most` indices from 0 (at least one), in steps of 1, 2 or 5 times a power of ten. */
function ticks(count: number, most: number): readonly number[] {
  const steps = Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
  const step = steps.find((candidate) => Math.ceil(count / candidate) <= most) ?? count;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

/** What {@link position} makes. */
export type Channel = ReturnType<typeof position>;

/** The same channel with element 0 at the top. */
export function downward(y: Channel) {
  return { ...y, scale: { ...y.scale, reverse: true } };
}
