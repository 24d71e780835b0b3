import { IsthmusError } from "@isthmus/core";

/**
 * The content of a gzip file; other bytes are given back as they are. What counts is the content, not the file's name.
 * Errors: `data/malformed`, naming `source`, where the compressed bytes are cut off or damaged.
 */
export async function gunzip(bytes: Uint8Array, source: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const compressed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const content = compressed.pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(content).arrayBuffer());
  } catch (cause) {
    throw new IsthmusError({
      code: "data/malformed",
      message: `${source} is a gzip file of ${bytes.length} bytes that is cut off or damaged.`,
      hint: "Delete the file and get it again.",
      cause,
    });
  }
}
