import type { ContributionKind } from "../contracts/plugin.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { nearest } from "../errors/nearest.js";
import type { HostedPlugin } from "./hosted-plugin.js";
import { KIND_TITLES } from "./kind-titles.js";
import { describePlugin } from "./plugin-source.js";

/** The error for a name that no manifest promises; `unreadable` are the plugins whose manifests say nothing. */
export function unknownName(
  kind: ContributionKind,
  name: string,
  available: readonly string[],
  unreadable: readonly HostedPlugin[],
): IsthmusError {
  const close = nearest(name, available);
  const hint = [
    close === undefined ? undefined : `Did you mean "${close}"?`,
    `Available: ${available.join(", ") || "none"}.`,
    "If a plugin brings it, install that plugin (npm install <package>); where the project's config file lists plugins, name it there.",
    ...unreadable.map(
      ({ source, rejected }) =>
        `The plugin "${source.name}" might bring it, but cannot be used: ${rejected?.message}`,
    ),
  ];
  return new IsthmusError({
    code: "plugin/unknown-name",
    message: `There is no ${KIND_TITLES[kind]} named "${name}".`,
    hint: hint.filter((line) => line !== undefined).join(" "),
  });
}

/** The error for a name that several plugins promise. */
export function duplicateName(
  kind: ContributionKind,
  name: string,
  providers: readonly HostedPlugin[],
): IsthmusError {
  return new IsthmusError({
    code: "plugin/duplicate-name",
    message: `The ${KIND_TITLES[kind]} "${name}" is provided more than once: by the ${providers.map(({ source }) => describePlugin(source)).join(", and by the ")}.`,
    hint: "Remove all but one of them, or list the plugins to use in the project's config file (plugins: [...]).",
  });
}
