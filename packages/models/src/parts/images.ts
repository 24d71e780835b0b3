import { IsthmusError, type TaskShape } from "@isthmus/core";

/** Height, width and channels of the images, which have to be at least `side` high and wide. @throws `model/images` */
export function mapOf(
  architecture: string,
  { inputShape }: TaskShape,
  side = 1,
): { readonly height: number; readonly width: number; readonly channels: number } {
  const [height = 0, width = 0, channels = 0] = inputShape;
  if (inputShape.length !== 3 || height < side || width < side) {
    throw new IsthmusError({
      code: "model/images",
      message: `${architecture} needs images [height, width, channels]${side > 1 ? `, at least ${side} × ${side}` : ""}; these are [${inputShape.join(", ")}].`,
      hint: "Choose an architecture for such images, or larger ones.",
    });
  }
  return { height, width, channels };
}
