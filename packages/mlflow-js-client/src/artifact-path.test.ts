import { describe, expect, it } from "vitest";
import { encodeArtifactPath, proxiedRoot } from "./artifact-path.js";

const BASE = "http://host:5000/p";

describe("artifact paths", () => {
  it.each([
    "",
    "..",
    "../x",
    "a/../b",
    "./a",
    "a/.",
    "/a",
    "a/",
    "a//b",
    "a#b",
    "%2e%2e/x",
    "a%41",
    "a\0b",
    "a\nb",
    "C:/x",
  ])("%j is refused", (path) => expect(() => encodeArtifactPath(path)).toThrow(/not allowed/));

  it("each part is encoded on its own", () => {
    expect(encodeArtifactPath("a b/ü?&+=;:'/50%.txt")).toBe("a%20b/%C3%BC%3F%26%2B%3D%3B%3A'/50%25.txt");
  });
});

describe("the root of a run's artifacts", () => {
  it("is the path of a proxied address, with or without the tracking server's own host", () => {
    const root = "api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts";
    expect(proxiedRoot("mlflow-artifacts:/1/abc/artifacts", BASE)).toBe(root);
    expect(proxiedRoot("mlflow-artifacts:///1/abc/artifacts", BASE)).toBe(root);
    expect(proxiedRoot("mlflow-artifacts://host:5000/1/abc/artifacts", BASE)).toBe(root);
  });

  it.each(["/mlruns/1/abc", "file:///mlruns/1", "s3://bucket/1", "mlflow-artifacts://elsewhere/1/abc"])(
    "%s is refused, for uploads would get lost",
    (uri) => expect(() => proxiedRoot(uri, BASE)).toThrow(/not behind the tracking server/),
  );
});
