// Looking up what bytes of an image stand for, in AssemblyScript: reading and writing without checks of bounds makes it twice as
// fast as in JavaScript. Compiled by scripts/build-kernels.mjs.

/** Of a row: for each channel of each pixel, `to` gets entry byte of the channel's 256 numbers; `step` as in lookUp. */
function lookUpRow(table: usize, channels: u32, source: usize, to: usize, pixels: u32, step: i32): void {
  const end = source + pixels * channels;
  const stride = step << 2;
  if (channels == 1) {
    for (const four = source + (pixels & ~3); source < four; source += 4, to += stride << 2) {
      const bytes = load<u32>(source);
      store<f32>(to, load<f32>(table + ((bytes & 255) << 2)));
      store<f32>(to + stride, load<f32>(table + (((bytes >> 8) & 255) << 2)));
      store<f32>(to + (stride << 1), load<f32>(table + (((bytes >> 16) & 255) << 2)));
      store<f32>(to + 3 * stride, load<f32>(table + ((bytes >> 24) << 2)));
    }
    for (; source < end; source++, to += stride)
      store<f32>(to, load<f32>(table + (<usize>load<u8>(source) << 2)));
  } else if (channels == 3) {
    for (; source < end; source += 3, to += stride) {
      store<f32>(to, load<f32>(table + (<usize>load<u8>(source) << 2)));
      store<f32>(to, load<f32>(table + (<usize>load<u8>(source, 1) << 2), 1024), 4);
      store<f32>(to, load<f32>(table + (<usize>load<u8>(source, 2) << 2), 2048), 8);
    }
  }
  for (; source < end; source += channels, to += stride)
    for (let c: u32 = 0; c < channels; c++)
      store<f32>(to + (c << 2), load<f32>(table + (c << 10) + (<usize>load<u8>(source + c) << 2)));
}

/**
 * Looks up a rectangle of pixels, `rows` of `pixels` each; both images have rows of `width` pixels. From left to right where `step` is
 * the number of channels, mirrored where it is the negative of that.
 */
export function lookUp(
  table: usize,
  channels: u32,
  source: usize,
  to: usize,
  rows: u32,
  pixels: u32,
  width: u32,
  step: i32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    lookUpRow(table, channels, source, to, pixels, step);
    source += width * channels;
    to += (width * channels) << 2;
  }
}
