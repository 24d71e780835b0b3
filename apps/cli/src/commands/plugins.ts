import type { PluginInfo } from "@isthmus/core";
import { CONTRIBUTION_KINDS, KIND_TITLES } from "@isthmus/core";
import { openHost } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context, Output } from "../context.js";
import { contributionLines, describeContributions } from "../plugins/contributions.js";
import { openProject } from "../project.js";

/** Lines that show a plugin: name, version, what it provides by kind, and what is wrong with it. */
export function pluginLines(
  { name, version, origin, provides, problem }: PluginInfo,
  colors: Output["colors"],
): readonly string[] {
  const kinds = CONTRIBUTION_KINDS.map((kind) => ({
    title: KIND_TITLES[kind],
    names: provides.filter((each) => each.kind === kind).map((each) => each.name),
  }));
  return [
    `${problem === undefined ? colors.bold(name) : colors.red(name)} ${version}  ${colors.dim(origin)}`,
    ...kinds
      .filter(({ names }) => names.length > 0)
      .map(({ title, names }) => `  ${title}: ${names.join(", ")}`),
    ...(problem === undefined ? [] : [`  ${colors.red("broken:")} ${problem.message}`]),
    ...(problem?.hint === undefined ? [] : [`  ${colors.cyan("hint:")} ${problem.hint}`]),
  ];
}

/** The plugins of the project, each imported once, so that broken ones show. */
async function listPlugins(cwd: string): Promise<readonly PluginInfo[]> {
  const { root } = await openProject(cwd);
  const host = await openHost(root);
  const problems = await host.verify();
  return host.list().map((plugin) => {
    const problem = plugin.problem ?? problems.find((each) => each.plugin === plugin.name)?.error;
    return { ...plugin, ...(problem && { problem }) };
  });
}

async function show(name: string, json: boolean | undefined, { cwd, stdout }: Context): Promise<void> {
  const host = await openHost((await openProject(cwd)).root);
  const found = await describeContributions(name, host);
  if (json) stdout.line(JSON.stringify({ contributions: found }, undefined, 2));
  else for (const each of found) for (const line of contributionLines(each, stdout.colors)) stdout.line(line);
}

/** Adds `isthmus plugins`. */
export function pluginsCommand(program: Command, context: Context): void {
  const { cwd, stdout } = context;
  program
    .command("plugins [name]")
    .description(
      "list the project's plugins and what they provide; of one name (a method, a data set, …) its options",
    )
    .option("--json", "print one JSON document")
    .action(async (name: string | undefined, { json }: { readonly json?: boolean }) => {
      if (name !== undefined) return show(name, json, context);
      const plugins = await listPlugins(cwd);
      if (json) {
        const plain = plugins.map(({ problem, ...plugin }) => ({
          ...plugin,
          ...(problem && {
            problem: { code: problem.code, message: problem.message, hint: problem.hint },
          }),
        }));
        stdout.line(JSON.stringify({ plugins: plain }, undefined, 2));
        return;
      }
      for (const plugin of plugins) {
        for (const line of pluginLines(plugin, stdout.colors)) stdout.line(line);
      }
    });
}
