/** A point of a picture, px. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A label to be placed beside its point. */
export interface LabelRequest extends Spot {
  readonly text: string;
}

/** A label's box, px. */
interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Height of a line of text, px, at 12 px. */
const HEIGHT = 15;
/** Room around a point's mark, px. */
const MARK = 7;

/** Width of a text of 12 px, rather too large than too small. */
const widthOf = (text: string): number => 7.4 * text.length + 2;

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

const around = ({ x, y }: Spot, rx: number, ry: number): Box => ({
  left: x - rx,
  right: x + rx,
  top: y - ry,
  bottom: y + ry,
});

const area = ({ left, right, top, bottom }: Box): number => (right - left) * (bottom - top);

/** Centers that a label may have: right of its point, left, above, below, and at the corners; nearer and farther. */
function candidates({ x, y, text }: LabelRequest): readonly Spot[] {
  const half = widthOf(text) / 2;
  return [1, 2.2].flatMap((far) => {
    const [dx, dy] = [MARK * far + half, MARK * far + HEIGHT / 2 - 2];
    return [
      [dx, 0],
      [-dx, 0],
      [0, -dy],
      [0, dy],
      [dx, -dy],
      [-dx, -dy],
      [dx, dy],
      [-dx, dy],
    ].map(([right, down]) => ({ x: x + right, y: y + down }));
  });
}

/**
 * Centers of labels, each beside its point where it covers least: nothing outside of the picture, no other label or mark, and no
 * line (`lines` are points along them). Earlier labels choose first.
 */
export function placeLabels(
  requests: readonly LabelRequest[],
  { width, height, lines }: { width: number; height: number; lines: readonly Spot[] },
): readonly Spot[] {
  const picture: Box = { left: 0, right: width, top: 0, bottom: height };
  const marks = requests.map((request) => around(request, MARK, MARK));
  const placed: Box[] = [];
  return requests.map((request) => {
    const half = widthOf(request.text) / 2;
    const cost = (center: Spot): number => {
      const box = around(center, half, HEIGHT / 2);
      const covered = [...marks, ...placed].reduce((sum, other) => sum + overlap(box, other), 0);
      const crossed = lines.filter(
        ({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom,
      ).length;
      return 10 * (area(box) - overlap(box, picture)) + 4 * covered + 20 * crossed;
    };
    const all = candidates(request).map((center, i) => ({ center, cost: cost(center) + i }));
    const { center } = all.reduce((best, each) => (each.cost < best.cost ? each : best));
    placed.push(around(center, half, HEIGHT / 2));
    return center;
  });
}
