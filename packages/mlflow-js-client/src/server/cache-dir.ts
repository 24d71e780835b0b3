import { homedir } from "node:os";
import { join } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where installed servers are kept: `$XDG_CACHE_HOME/mlflow-js-client`, else the platform's cache folder
 * (`~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function defaultCacheDir(
  env: Env = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  return join(cacheHome(env, platform, home), "mlflow-js-client");
}

function cacheHome(env: Env, platform: NodeJS.Platform, home: string): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (platform === "darwin") return join(home, "Library", "Caches");
  if (platform === "win32") return env.LOCALAPPDATA ?? join(home, "AppData", "Local");
  return join(home, ".cache");
}
