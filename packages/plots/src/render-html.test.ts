import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { barChart } from "./bar-chart.js";
import { heatmap } from "./heatmap.js";
import { insideScript } from "./page-scripts.js";
import { type PageFigure, renderHtml } from "./render-html.js";

const browserPath = "/usr/bin/chromium";
const hostile = "</script><script>document.title = 'taken over'</script><!--<script>";
const figures: readonly PageFigure[] = [
  {
    name: "accuracy",
    title: `Accuracy ${hostile}`,
    caption: "Five seeds & more",
    spec: barChart({ bars: [{ label: hostile, values: [50, 60] }] }),
  },
  {
    name: "plan.layer-1",
    spec: heatmap({ values: new Float32Array(6400).fill(1, 0, 80), rows: 80, columns: 80 }),
  },
];
const page = () => renderHtml({ title: "A report", description: "Two figures.", figures });

describe("renderHtml", () => {
  it("loads nothing: no address in src, href, import or style, and a policy against it", async () => {
    const html = await page();
    const markup = html.replace(/<script>[\s\S]*?<\/script>/g, "");
    expect(markup).not.toMatch(/\b(src|href|srcset)\s*=|@import|url\(/i);
    expect(html).not.toMatch(/<script[^>]+src/i);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toContain("sourceMappingURL");
  });

  it("has four scripts, whatever the texts contain", async () => {
    const html = await page();
    expect(html.match(/<script>/g)).toHaveLength(4);
    expect(html.match(/<\/script/gi)).toHaveLength(4);
  });

  it("carries the licenses of what it inlines", async () => {
    expect((await page()).match(/Redistribution and use in source and binary forms/g)).toHaveLength(3);
  });

  it("names the figure that is bad", async () => {
    const bad = { name: "broken", spec: { mark: "blob" } };
    await expect(renderHtml({ title: "", figures: [bad] })).rejects.toMatchObject({
      code: "plot/spec-invalid",
      message: expect.stringContaining('Figure "broken"'),
    });
  });

  it.each(["", "a b", "../up", '"', ".hidden"])("refuses the name %j", async (name) => {
    const figure = { name, spec: {} };
    await expect(renderHtml({ title: "", figures: [figure] })).rejects.toMatchObject({
      code: "plot/bad-input",
    });
  });

  it("refuses two figures of one name", async () => {
    const twice = [figures[0], figures[0]] as readonly PageFigure[];
    await expect(renderHtml({ title: "", figures: twice })).rejects.toMatchObject({ code: "plot/bad-input" });
  });

  it("opens from a file, offline, and draws every figure", { timeout: 60_000 }, async ({ skip }) => {
    skip(!existsSync(browserPath), `${browserPath} is not installed: the page was not opened in a browser`);
    const folder = mkdtempSync(join(tmpdir(), "isthmus-page-"));
    const file = join(folder, "page.html");
    writeFileSync(file, await page());
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ];
    const browser = await chromium.launch({ executablePath: browserPath, args });
    try {
      const context = await browser.newContext({ offline: true });
      const tab = await context.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      tab.on("pageerror", (error) => complaints.push(error.message));
      tab.on("console", (line) => complaints.push(line.text()));
      tab.on("request", (request) => requests.push(request.url()));
      await tab.goto(pathToFileURL(file).href);
      for (const { name } of figures) await tab.locator(`[id="${name}"] svg.marks`).waitFor();
      expect(await tab.title()).toBe("A report");
      expect(await tab.locator("figure h2").textContent()).toBe(figures[0]?.title);
      expect(await tab.locator("#accuracy svg.marks").textContent()).toContain("55.00 ± 5.00");
      expect(
        await tab.locator("figure image").evaluate((image) => (image as SVGImageElement).getBBox().width),
      ).toBe(320);
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("insideScript", () => {
  it("keeps the meaning of the string literals it changes", () => {
    const literal = `"a </script> b </SCRIPT> c <!-- d"`;
    const escaped = insideScript(literal);
    expect(escaped).not.toMatch(/<\/script|<!--/i);
    expect(new Function(`return ${escaped}`)()).toBe(JSON.parse(literal));
  });
});
