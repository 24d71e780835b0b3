import {
  CONTRIBUTION_KINDS,
  type ContributionKind,
  IsthmusError,
  KIND_TITLES,
  nearest,
  type PluginHost,
} from "@isthmus/core";
import type { Output } from "../context.js";
import { type OptionRow, optionRows } from "./option-rows.js";

/** What a project's plugins provide under one name, described. */
export interface ContributionInfo {
  readonly kind: ContributionKind;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly paper?: { readonly title: string; readonly url: string };
  readonly options: readonly OptionRow[];
}

/**
 * Everything of a name, of whatever kind.
 *
 * @throws `plugin/unknown-name`
 */
export async function describeContributions(
  name: string,
  host: PluginHost,
): Promise<readonly ContributionInfo[]> {
  const kinds = CONTRIBUTION_KINDS.filter((kind) => host.has(kind, name));
  if (kinds.length === 0) {
    const all = CONTRIBUTION_KINDS.flatMap((kind) => host.names(kind));
    const close = nearest(name, all);
    throw new IsthmusError({
      code: "plugin/unknown-name",
      message: `No plugin of this project provides anything named "${name}".`,
      hint: `${close === undefined ? "" : `Did you mean "${close}"? `}isthmus plugins lists what there is.`,
    });
  }
  return Promise.all(
    kinds.map(async (kind) => {
      const contribution = await host.resolve(kind, name);
      const { title = name, description = "", paper } = { ...contribution, ...metaOf(contribution) };
      const options = optionRows(contribution.options.jsonSchema);
      return { kind, name, title, description, ...(paper && { paper }), options };
    }),
  );
}

/** What a contribution says of itself: a fusion method in `meta`, the others in their own fields. */
function metaOf(contribution: object): Partial<ContributionInfo> {
  return "meta" in contribution ? (contribution.meta as Partial<ContributionInfo>) : contribution;
}

/** Lines that show a contribution and its options. */
export function contributionLines(
  { kind, name, title, description, paper, options }: ContributionInfo,
  colors: Output["colors"],
): readonly string[] {
  const lines = options.flatMap(({ path, values, fallback, description: meaning }) => [
    `  ${colors.bold(path)}  ${values}${fallback === undefined ? "" : colors.dim(`, by default ${fallback}`)}`,
    ...(meaning === "" ? [] : [`      ${meaning}`]),
  ]);
  return [
    `${KIND_TITLES[kind]} ${colors.bold(name)}: ${title}`,
    ...(description === "" ? [] : [`  ${description}`]),
    ...(paper === undefined ? [] : [`  ${colors.dim(`${paper.title}, ${paper.url}`)}`]),
    options.length === 0 ? "It has no options." : "Options:",
    ...lines,
  ];
}
