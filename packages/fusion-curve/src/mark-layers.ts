import type { JsonObject } from "@isthmus/core";
import { placeLabels } from "./place-labels.js";
import {
  type PlaneMark,
  type PlanePicture,
  type PlotSize,
  reading,
  short,
  tooltipOf,
} from "./plane-picture.js";

/** A network farther from the plane than this share of the first two's distance is said to be off it. */
const OFF = 0.01;

/** Whether a network is beside the plane, farther than rounding takes it. */
export function isOff({ distance }: PlaneMark, [, b]: readonly PlaneMark[]): boolean {
  return distance > OFF * (b as PlaneMark).x;
}

/** The networks, each with its name, and its distance where it is off the plane. */
export function markLayers(picture: PlanePicture, size: PlotSize): readonly JsonObject[] {
  const { marks, curve } = picture;
  const texts = marks.map((mark) =>
    isOff(mark, marks) ? `${mark.name} (${mark.distance.toPrecision(2)} off)` : mark.name,
  );
  const [a, b] = marks.map(size.toPixels);
  const between = Array.from({ length: 31 }, (_, i) => ({
    x: a.x + (i / 30) * (b.x - a.x),
    y: a.y + (i / 30) * (b.y - a.y),
  }));
  const places = placeLabels(
    marks.map((mark, i) => ({ ...size.toPixels(mark), text: texts[i] })),
    { width: size.width, height: size.height, lines: [...between, ...curve.map(size.toPixels)] },
  );
  const points = marks.map(({ name, x, y, distance, values }) => ({
    name,
    x: short(x),
    y: short(y),
    distance: Number(distance.toPrecision(3)),
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, reading(value)])),
  }));
  const labels = places.map((place, i) => ({ text: texts[i], ...size.toUnits(place) }));
  const at = { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } };
  const text = { type: "text", tooltip: null, fontWeight: "bold" };
  const named = { ...at, text: { field: "text", type: "nominal" } };
  return [
    {
      data: { values: points },
      mark: {
        type: "point",
        shape: "circle",
        size: 70,
        fill: "white",
        stroke: "black",
        strokeWidth: 1.5,
        opacity: 1,
      },
      encoding: {
        ...at,
        tooltip: [
          { field: "name", type: "nominal" },
          ...["x", "y", ...Object.keys(marks[0].values)].map(tooltipOf),
          { field: "distance", type: "quantitative", title: "distance from the plane" },
        ],
      },
    },
    {
      data: { values: labels },
      mark: { ...text, stroke: "white", strokeWidth: 3.5, strokeJoin: "round" },
      encoding: named,
    },
    { data: { values: labels }, mark: { ...text, color: "black" }, encoding: named },
  ];
}
