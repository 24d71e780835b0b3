import { DTYPES } from "../dtypes.js";
import { asText, type PickleGlobal, PickleName } from "../pickle/pickle-machine.js";
import { type StorageId, TorchStorage } from "./torch-storages.js";
import { TorchFileTensor } from "./torch-tensor.js";

/** The dtype of each type of storage that can be read, by its name in safetensors. */
const STORAGE_DTYPES: Readonly<Record<string, string>> = {
  FloatStorage: "F32",
  DoubleStorage: "F64",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, …)`; the oldest files end after the strides. */
function rebuildTensor([storage, offset, shape, strides]: readonly unknown[]): TorchFileTensor {
  if (!(storage instanceof TorchStorage)) throw new TypeError("a tensor needs a storage");
  return TorchFileTensor.view(storage, offset, shape, strides);
}

function rebuildParameter([tensor]: readonly unknown[]): TorchFileTensor {
  if (!(tensor instanceof TorchFileTensor)) throw new TypeError("a parameter needs a tensor");
  return tensor;
}

/** `OrderedDict()` and, as Python 2 wrote it, `OrderedDict([[key, value], …])`. */
function orderedDict(
  [pairs = []]: readonly unknown[],
  spend: (count: number) => void,
): Map<unknown, unknown> {
  if (!Array.isArray(pairs)) throw new TypeError("a dictionary needs pairs");
  spend(pairs.length);
  const entries = pairs.map((pair: unknown) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError("a dictionary needs pairs");
    return [asText(pair[0]), pair[1]] as const;
  });
  return new Map(entries);
}

/** `_codecs.encode(text, "latin1")`: how protocol 2 writes bytes. */
function encodeLatin1([text, encoding]: readonly unknown[], spend: (count: number) => void): Uint8Array {
  if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1"))
    throw new TypeError("bytes need text in Latin 1");
  spend(text.length);
  return Uint8Array.from(text, (character) => {
    const byte = character.charCodeAt(0);
    if (byte > 0xff) throw new TypeError("bytes need text in Latin 1");
    return byte;
  });
}

function noBytes(args: readonly unknown[]): Uint8Array {
  if (args.length > 0) throw new TypeError("only empty bytes are made this way");
  return new Uint8Array(0);
}

function size([sizes]: readonly unknown[], spend: (count: number) => void): readonly unknown[] {
  if (!Array.isArray(sizes)) throw new TypeError("a size needs numbers");
  spend(sizes.length);
  return [...sizes];
}

/**
 * The names that a file of PyTorch may use: those that make tensors and ordered dictionaries of what is in the file. Types of storage
 * and of numbers may be mentioned; nothing here has an effect or reads anything else.
 */
export const TORCH_GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map<string, PickleGlobal>([
  ["collections.OrderedDict", { build: orderedDict }],
  ["torch._utils._rebuild_tensor", { build: rebuildTensor }],
  ["torch._utils._rebuild_tensor_v2", { build: rebuildTensor }],
  ["torch._utils._rebuild_parameter", { build: rebuildParameter }],
  ["torch.Size", { build: size }],
  ["torch.device", { build: ([name]) => asText(name) }],
  ["_codecs.encode", { build: encodeLatin1 }],
  ["__builtin__.bytes", { build: noBytes }],
  ["builtins.bytes", { build: noBytes }],
  ...Object.keys(STORAGE_DTYPES).flatMap((name): [string, PickleGlobal][] => [
    [`torch.${name}`, {}],
    [`torch.storage.${name}`, {}],
  ]),
  ...["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"].map(
    (name): [string, PickleGlobal] => [`torch.${name}`, {}],
  ),
]);

/**
 * Reads a persistent id, `("storage", type, key, location, count)`, in older files with a view `(key, offset, count)` or None at its end.
 * Throws a TypeError where it is none.
 */
export function storageId(id: unknown): StorageId {
  if (!Array.isArray(id)) throw new TypeError("a storage's id is a tuple");
  const [kind, typeName, key, , count, view] = id.map(asText);
  const name = typeName instanceof PickleName ? typeName.name.split(".").at(-1) : undefined;
  const type = DTYPES.get(STORAGE_DTYPES[name ?? ""]);
  if (kind !== "storage" || typeof key !== "string" || !Number.isSafeInteger(count) || (count as number) < 0)
    throw new TypeError("a storage's id says what it is, its type, its key, its place and its size");
  if (type === undefined) throw new TypeError(`storages of type ${String(name)} cannot be read`);
  const common = { key, type };
  if (!Array.isArray(view)) return { ...common, count: count as number, offset: 0 };
  const [, offset, part] = view as unknown[];
  if (![offset, part].every((each) => Number.isSafeInteger(each) && (each as number) >= 0))
    throw new TypeError("a part of a storage has an offset and a size");
  return { ...common, count: part as number, offset: offset as number };
}
