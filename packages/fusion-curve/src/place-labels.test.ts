import { describe, expect, it } from "vitest";
import { placeLabels } from "./place-labels.js";

describe("labels", () => {
  const picture = { width: 400, height: 300, lines: [] };

  it("stand to the right of their points where there is room, else to the left", () => {
    const [inside, edge] = placeLabels(
      [
        { x: 100, y: 100, text: "a" },
        { x: 398, y: 200, text: "b" },
      ],
      picture,
    );
    expect(inside.x).toBeGreaterThan(100);
    expect(inside.y).toBe(100);
    expect(edge.x).toBeLessThan(398);
  });

  it("of points close together don't cover each other", () => {
    const requests = ["mpf", "avg", "ot (5.2 off)", "bend"].map((text, i) => ({
      x: 200 + 4 * i,
      y: 150 + 3 * i,
      text,
    }));
    const places = placeLabels(requests, picture);
    places.forEach((a, i) => {
      places.slice(i + 1).forEach((b, k) => {
        const apart =
          Math.abs(a.y - b.y) >= 12 ||
          Math.abs(a.x - b.x) >= 3.5 * (requests[i].text.length + requests[i + 1 + k].text.length);
        expect(apart).toBe(true);
      });
    });
  });

  it("keep off a line", () => {
    const lines = Array.from({ length: 200 }, (_, i) => ({ x: 100 + i, y: 150 }));
    const [{ x, y }] = placeLabels([{ x: 100, y: 150, text: "start" }], { ...picture, lines });
    const [free] = placeLabels([{ x: 100, y: 150, text: "start" }], picture);
    expect(free.y).toBe(150);
    expect(Math.abs(y - 150) > 7 || x < 100).toBe(true);
  });
});
