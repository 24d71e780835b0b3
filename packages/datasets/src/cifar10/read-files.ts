import { type DatasetContext, IsthmusError, sha256 } from "@isthmus/core";
import { gunzip } from "../gunzip.js";
import { archiveFiles } from "./archive.js";
import { isPickle, unpickleRecords } from "./pickled-batch.js";
import { ADDRESSES, ARCHIVE, FILES, type PublishedFile, PYTHON_ARCHIVE } from "./published.js";
import { checkRecords } from "./records.js";

/** The records of one file in the binary version, and where they were found. */
export interface FoundFile extends PublishedFile {
  readonly records: Uint8Array;
  readonly source: string;
  /** SHA-256 of `records`. */
  readonly found: string;
}

async function checkedFile(file: PublishedFile, bytes: Uint8Array, source: string): Promise<FoundFile> {
  const records = checkRecords(isPickle(bytes) ? unpickleRecords(bytes, source) : bytes, source);
  return { ...file, records, source, found: await sha256(records) };
}

/** Whether a file is the one that was published. */
export const isPublished = ({ hash, found }: FoundFile): boolean => hash === found;

function notPublished({ source, found, hash }: FoundFile): IsthmusError {
  return new IsthmusError({
    code: "data/checksum",
    message: `${source} has the form of a file of CIFAR-10 but not its content: its SHA-256 is ${found}, not ${hash}.`,
    hint: "Get it elsewhere and give its folder with --data-dir.",
  });
}

/** All files of an archive; of a download, only the published ones are taken. */
async function fromArchive(bytes: Uint8Array, source: string): Promise<readonly FoundFile[]> {
  const contents = archiveFiles(bytes, source);
  const files: FoundFile[] = [];
  for (const file of FILES) {
    const names = [`${file.name}.bin`, file.name];
    const [path, content] = contents.find(([name]) => names.includes(baseName(name))) ?? [];
    if (path === undefined || content === undefined) {
      throw new IsthmusError({
        code: "data/malformed",
        message: `${source} is an archive without ${names.join(" or ")}.`,
        hint: `Put ${ARCHIVE} or ${PYTHON_ARCHIVE} there, as it was downloaded.`,
      });
    }
    files.push(await checkedFile(file, content, `${source}: ${path}`));
  }
  const wrong = ADDRESSES.includes(source) ? files.find((file) => !isPublished(file)) : undefined;
  if (wrong !== undefined) throw notPublished(wrong);
  return files;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The names under which a file may lie in a folder. */
const namesOf = ({ name }: PublishedFile) => [
  `cifar-10-batches-bin/${name}.bin`,
  `${name}.bin`,
  `cifar-10-batches-py/${name}`,
  name,
];

/**
 * The six files of CIFAR-10 in order, the test file last: from the archive, or each by itself from wherever the file port finds it.
 * Each may be of the binary or of the Python version: what a file is, its content says, not its name.
 *
 * @throws `data/malformed` and `data/checksum`, naming the file, and what the file port throws
 */
export async function readFiles({ files, ...options }: DatasetContext): Promise<readonly FoundFile[]> {
  const [first, ...others] = FILES;
  const found = await files.read(
    {
      folder: "cifar10",
      names: [ARCHIVE, ...namesOf(first), PYTHON_ARCHIVE],
      urls: ADDRESSES,
      decode: async (bytes, source) => {
        const content = await gunzip(bytes, source);
        return content === bytes ? [await checkedFile(first, bytes, source)] : fromArchive(content, source);
      },
    },
    options,
  );
  if (found.length === FILES.length) return found;
  const rest: FoundFile[] = [];
  for (const file of others) {
    const decode = (bytes: Uint8Array, source: string) => checkedFile(file, bytes, source);
    rest.push(await files.read({ folder: "cifar10", names: namesOf(file), urls: [], decode }, options));
  }
  return [...found, ...rest];
}
