import { invalidArgument, MlflowError } from "./error.js";

/**
 * Checks an artifact's path and encodes it for an address.
 *
 * The server would store `a/../../b` outside the run, cannot store names with `#`, and decodes `%41` a second time,
 * so all of these are refused here.
 *
 * @param path relative, with `/` between folders.
 */
export function encodeArtifactPath(path: string): string {
  const problem = pathProblem(path);
  if (problem) throw invalidArgument(`The artifact path "${path}" is not allowed: ${problem}.`);
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Like {@link encodeArtifactPath}, but the empty path, which means the root, is fine. Returns the path as it is. */
export function checkFolderPath(path: string): string {
  if (path !== "") encodeArtifactPath(path);
  return path;
}

function pathProblem(path: string): string | undefined {
  if (typeof path !== "string" || path === "") return "it is empty";
  if (path.split("/").some((part) => part === "")) return "it has an empty part (a / too many)";
  if (path.split("/").some((part) => part === "." || part === "..")) return "it has a part . or ..";
  if (path.includes("#")) return "the server cannot store names with #";
  if (/%[0-9a-f]{2}/i.test(path)) return "the server would decode % and two digits";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return "it has control characters";
  if (/^[a-z]:/i.test(path)) return "it begins like a Windows drive";
  return undefined;
}

/**
 * The address of a run's artifact root on the tracking server, below its base, from the run's `artifact_uri`.
 *
 * @throws MlflowError `ARTIFACTS_NOT_PROXIED` when the run keeps its artifacts elsewhere: the server would store
 * uploads where the run never looks.
 */
export function proxiedRoot(artifactUri: string, base: string): string {
  const match = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/.exec(artifactUri);
  const host = match?.[1];
  if (!match || (host && host !== new URL(base).host)) {
    throw new MlflowError(`The run keeps its artifacts at ${artifactUri}, not behind the tracking server.`, {
      code: "ARTIFACTS_NOT_PROXIED",
      hint: "Use an experiment that was created while the server ran with --serve-artifacts (its default).",
    });
  }
  const folder = match[2]!.split("/").map(encodeURIComponent).join("/");
  return `api/2.0/mlflow-artifacts/artifacts/${folder}`;
}
