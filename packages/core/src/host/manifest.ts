import { z } from "zod";
import type { JsonObject } from "../contracts/json.js";
import { CONTRIBUTION_KINDS, PLUGIN_API_VERSION, type PluginManifest } from "../contracts/plugin.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { formatProblems, optionsProblems } from "./options-problems.js";
import { describePlugin, type PluginSource } from "./plugin-source.js";

const contributionName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
  error: "a name is made of letters, digits, dots, dashes and underscores, and starts with a letter or digit",
});

const builtFile = z.string().regex(/^\.\/(?!(.*\/)?\.\.(\/|$))./, {
  error: "must be a file of the package, written like ./dist/xyz.js",
});

const files = z.record(contributionName, builtFile).optional();

const manifestSchema = z.object({
  apiVersion: z.int(),
  provides: z.strictObject(
    Object.fromEntries(CONTRIBUTION_KINDS.map((kind) => [kind, files])) as Record<
      (typeof CONTRIBUTION_KINDS)[number],
      typeof files
    >,
  ),
});

const manifestJsonSchema = z.toJSONSchema(manifestSchema, { io: "input" }) as JsonObject;

/** What is known of a plugin before it is imported. */
export interface ReadManifest {
  /** Missing where the manifest cannot be understood. */
  readonly manifest?: PluginManifest;
  readonly problem?: IsthmusError;
}

/** Another version may well have another shape, so this is looked at even where the shape is wrong. */
function apiVersionProblem(source: PluginSource): IsthmusError | undefined {
  const version = z.object({ apiVersion: z.int() }).safeParse(source.manifest).data?.apiVersion;
  if (version === undefined || version === PLUGIN_API_VERSION) return undefined;
  return new IsthmusError({
    code: "plugin/api-version",
    message: `The ${describePlugin(source)} is written for version ${version} of the plugin contract; this copy of @isthmus/core has version ${PLUGIN_API_VERSION}.`,
    hint:
      version > PLUGIN_API_VERSION
        ? "Update core: npm install @isthmus/core@latest"
        : `Update the plugin: npm install ${source.name}@latest`,
  });
}

function shapeProblem(source: PluginSource, what: string): IsthmusError {
  return new IsthmusError({
    code: "plugin/manifest-invalid",
    message: `The ${describePlugin(source)} ${what}`,
    hint: `Its package.json needs "isthmus": { "apiVersion": ${PLUGIN_API_VERSION}, "provides": { "<kind>": { "<name>": "./dist/<file>.js" } } }, where <kind> is one of ${CONTRIBUTION_KINDS.join(", ")}. If the field is right, a newer @isthmus/core may know it.`,
  });
}

/** Checks the `isthmus` field of a plugin's package.json: its shape, then the version of the contract. Never throws. */
export function readManifest(source: PluginSource): ReadManifest {
  const parsed = manifestSchema.safeParse(source.manifest);
  const manifest = parsed.success ? { manifest: parsed.data } : {};
  const problem = source.problem ?? apiVersionProblem(source);
  if (problem) return { ...manifest, problem };
  if (parsed.success) return manifest;
  if (source.manifest === undefined) {
    return { problem: shapeProblem(source, 'has no "isthmus" field in its package.json.') };
  }
  const problems = optionsProblems(parsed.error.issues, manifestJsonSchema, []);
  return {
    problem: shapeProblem(
      source,
      `has a wrong "isthmus" field in its package.json:\n${formatProblems(problems)}`,
    ),
  };
}
