/** A Python package of which a native library is taken; pinned, so that what is installed is what was tried. */
export interface Wheel {
  /** Name in the package index. */
  readonly project: string;
  readonly version: string;
  /** Options that make pip choose this file whatever Python runs pip. */
  readonly options: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
}

const platforms = (...names: readonly string[]) => names.flatMap((name) => ["--platform", name]);

function openblas(platform: string, bytes: number, sha256: string): Wheel {
  const version = "0.3.34.481.3";
  return { project: "scipy-openblas32", version, options: platforms(platform), bytes, sha256 };
}

/** OpenBLAS with 32-bit integers, by platform as `enginePlatform` names it. */
export const OPENBLAS: Readonly<Record<string, Wheel>> = {
  "linux-x64": openblas(
    "manylinux_2_27_x86_64",
    7_885_409,
    "0595f94cd58c1f8a0d90c975621f4587337a003916b1979e834ebdf2cb5d9504",
  ),
  "linux-arm64": openblas(
    "manylinux_2_27_aarch64",
    9_148_457,
    "e085dddbc5b9aa130f83def515d31c440e69f387a90c7e63b154a5575b4466bc",
  ),
  "linux-x64-musl": openblas(
    "musllinux_1_2_x86_64",
    8_109_857,
    "46fac855d3c05004f9ee111eeeeb0aeb076c6411fc6f87c34a49b8ba729c4c38",
  ),
  "linux-arm64-musl": openblas(
    "musllinux_1_2_aarch64",
    9_282_655,
    "88b00ba6a232fe958695403f6f71858fb23c3c9ce561c467e787e5d46ace16ca",
  ),
  "win32-x64": openblas(
    "win_amd64",
    7_275_233,
    "963e311354df08856c22aad17d77209448d2d8fc3bc4b3b1d87912828797cf13",
  ),
  "win32-arm64": openblas(
    "win_arm64",
    5_211_881,
    "64b1637b1c0495552351743e6f5d8bb50828aaea5821bb8d998927837256bda9",
  ),
};

const CP311 = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"];

/** libtensorflow and its C headers, without CUDA; the last line that the addon of tfjs-node 4.22 was tried with. */
export const TENSORFLOW_CPU: Wheel = {
  project: "tensorflow-cpu",
  version: "2.13.1",
  options: [...CP311, ...platforms("manylinux2014_x86_64")],
  bytes: 186_594_601,
  sha256: "87be6e61314b2c0fa062f71e26e41d6a17e162ffe4da72c820fe8f1fc94d97fe",
};

/** libtensorflow and its C headers, built for CUDA 12.5 and cuDNN 9, which it loads when it needs them. */
export const TENSORFLOW_CUDA: Wheel = {
  project: "tensorflow",
  version: "2.20.0",
  options: [...CP311, ...platforms("manylinux2014_x86_64")],
  bytes: 620_570_129,
  sha256: "481499fd0f824583de8945be61d5e827898cdaa4f5ea1bc2cc28ca2ccff8229e",
};

function nvidia(name: string, version: string, platform: string, bytes: number, sha256: string): Wheel {
  // These are gigabytes: pip is not to keep a second copy of them.
  const options = [...platforms(platform), "--no-cache-dir"];
  return { project: `nvidia-${name}-cu12`, version, options, bytes, sha256 };
}

/** The libraries of CUDA 12 that TensorFlow asks for on a GPU. */
export const CUDA: readonly Wheel[] = [
  nvidia(
    "cublas",
    "12.8.4.1",
    "manylinux_2_27_x86_64",
    594_346_921,
    "8ac4e771d5a348c551b2a426eda6193c19aa630236b418086020df5ba9667142",
  ),
  nvidia(
    "cuda-cupti",
    "12.8.90",
    "manylinux2014_x86_64",
    10_248_621,
    "ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182",
  ),
  nvidia(
    "cuda-nvrtc",
    "12.8.93",
    "manylinux2010_x86_64",
    88_040_029,
    "a7756528852ef889772a84c6cd89d41dfa74667e24cca16bb31f8f061e3e9994",
  ),
  nvidia(
    "cuda-runtime",
    "12.8.90",
    "manylinux2014_x86_64",
    954_765,
    "adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90",
  ),
  nvidia(
    "cudnn",
    "9.8.0.87",
    "manylinux_2_27_x86_64",
    697_999_707,
    "d6b02cd0e3e24aa31d0193a8c39fec239354360d7d81055edddb69f35d53a4c8",
  ),
  nvidia(
    "cufft",
    "11.3.3.83",
    "manylinux2014_x86_64",
    193_118_695,
    "4d2dd21ec0b88cf61b62e6b43564355e5222e4a3fb394cac0db101f2dd0d4f74",
  ),
  nvidia(
    "curand",
    "10.3.9.90",
    "manylinux_2_27_x86_64",
    63_619_976,
    "b32331d4f4df5d6eefa0554c565b626c7216f87a06a4f56fab27c3b68a830ec9",
  ),
  nvidia(
    "cusolver",
    "11.7.3.90",
    "manylinux_2_27_x86_64",
    267_506_905,
    "4376c11ad263152bd50ea295c05370360776f8c3427b30991df774f9fb26c450",
  ),
  nvidia(
    "cusparse",
    "12.5.8.93",
    "manylinux2014_x86_64",
    288_216_466,
    "1ec05d76bbbd8b61b06a80e1eaf8cf4959c3d4ce8e711b65ebd0443bb0ebb13b",
  ),
  nvidia(
    "nccl",
    "2.32.3",
    "manylinux_2_27_x86_64",
    351_526_311,
    "bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c",
  ),
  nvidia(
    "nvjitlink",
    "12.8.93",
    "manylinux2010_x86_64",
    39_254_836,
    "81ff63371a7ebd6e6451970684f916be2eab07321b73c9d244dc2b4da7f73b88",
  ),
];
