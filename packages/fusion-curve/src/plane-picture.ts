import type { JsonObject } from "@isthmus/core";

/** A point of the plane. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A network on the plane, or beside it. */
export interface PlaneMark extends Point {
  readonly name: string;
  /** Distance from the plane. */
  readonly distance: number;
  /** What was measured at the network itself, by the grids' names. */
  readonly values: Readonly<Record<string, number>>;
}

/** What the picture of a plane shows. */
export interface PlanePicture {
  /** Columns and rows of the grid, ascending. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Values row by row, by name (`train_loss`). */
  readonly grids: Readonly<Record<string, readonly number[]>>;
  /** The grid that is drawn, and its title with unit. */
  readonly key: string;
  readonly title: string;
  /** The three corners first. */
  readonly marks: readonly PlaneMark[];
  /** Where the curve passes, in order; may be empty. */
  readonly curve: readonly Point[];
}

/** Longest sides of the plot, px. */
const WIDTH = 440;
const HEIGHT = 400;
/** A side is at least this long, however flat the plane is. */
const SHORTEST = 140;
/** Five digits: enough for a picture. */
export const short = (value: number): number => Number(value.toPrecision(5));
/** Four digits, for readers. */
export const reading = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(4)) : null;

/** Pixels per axis: the same unit of length on both, as far as the shortest side allows. */
export function plotSize({ x, y }: PlanePicture) {
  const [across, up] = [x, y].map((axis) => axis[axis.length - 1] - axis[0]);
  const scale = Math.min(WIDTH / across, HEIGHT / up);
  const [width, height] = [across, up].map((span) => Math.max(SHORTEST, Math.round(span * scale)));
  const toPixels = (point: Point): Point => ({
    x: ((point.x - x[0]) / across) * width,
    y: (1 - (point.y - y[0]) / up) * height,
  });
  const toUnits = (pixel: Point): Point => ({
    x: short(x[0] + (pixel.x / width) * across),
    y: short(y[0] + (1 - pixel.y / height) * up),
  });
  return { width, height, toPixels, toUnits };
}

/** What {@link plotSize} gives. */
export type PlotSize = ReturnType<typeof plotSize>;

/** `train_loss` as a line of a tooltip. */
export function tooltipOf(field: string): JsonObject {
  const units = field.endsWith("_loss") ? " (nats)" : field.endsWith("_error") ? " (%)" : "";
  return { field, type: "quantitative", title: `${field.replace("_", " ")}${units}`, format: ".4~g" };
}
