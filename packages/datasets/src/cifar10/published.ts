/** The public archive of the binary version. */
export const ARCHIVE = "cifar-10-binary.tar.gz";

/** The public archive of the Python version: the same images and labels in the same order. */
export const PYTHON_ARCHIVE = "cifar-10-python.tar.gz";

/** Where the author publishes it: the page of the data set has moved, both addresses are in use. */
export const ADDRESSES = [
  `https://www.cs.toronto.edu/~kriz/${ARCHIVE}`,
  `https://cave.cs.toronto.edu/kriz/${ARCHIVE}`,
];

/** A file of the data set: its name without an ending, which is that of the Python version, and the SHA-256 of its records in the binary version. */
export interface PublishedFile {
  readonly name: string;
  readonly hash: string;
}

/** The training files in order, then the test file; hashes as torchvision-ruby publishes them. */
export const FILES: readonly PublishedFile[] = [
  { name: "data_batch_1", hash: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5" },
  { name: "data_batch_2", hash: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed" },
  { name: "data_batch_3", hash: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67" },
  { name: "data_batch_4", hash: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48" },
  { name: "data_batch_5", hash: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add" },
  { name: "test_batch", hash: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b" },
];
