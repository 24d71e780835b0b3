import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { it } from "vitest";
import { registerBlasBackend } from "./backend/register.js";
import { pretendJasmine } from "./testing/jasmine.js";
import { machineBlas } from "./testing/with-blas.js";

/** TensorFlow.js's own test cases of what this package replaces, and of the gradients and optimizers on top of it. */
const SUITES = `
ops/mat_mul ops/conv2d ops/conv2d_transpose ops/conv1d ops/conv2d_separable ops/depthwise_conv2d
ops/fused/fused_mat_mul ops/fused/fused_conv2d ops/add ops/add_n ops/arithmetic ops/sub ops/neg ops/square
ops/sqrt ops/rsqrt ops/exp ops/log ops/relu ops/relu6 ops/elu ops/leaky_relu ops/step ops/clip_by_value
ops/sigmoid ops/tanh ops/abs ops/reciprocal ops/softmax ops/log_softmax ops/log_sum_exp ops/greater
ops/greater_equal ops/less ops/less_equal ops/equal ops/not_equal ops/where ops/sum ops/mean ops/max
ops/arg_max ops/moments ops/norm ops/max_pool ops/avg_pool ops/pool ops/batchnorm ops/pad ops/tile
ops/transpose ops/slice ops/slice1d ops/slice2d ops/slice3d ops/slice4d ops/gather ops/zeros_like
ops/concat ops/stack ops/unstack ops/split gradients optimizers/sgd_optimizer
optimizers/momentum_optimizer optimizers/adam_optimizer optimizers/rmsprop_optimizer
optimizers/adagrad_optimizer
`;

/** One module of TensorFlow.js by its path: its test cases come with the package, but are in no index. */
const dist = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core"));
const load = (path: string) => import(/* @vite-ignore */ pathToFileURL(join(dist, `${path}.js`)).href);

if (typeof machineBlas === "string") {
  it.skip(`TensorFlow.js's own test cases (skipped: ${machineBlas} Set BLAS_LIBRARY.)`, () => undefined);
} else {
  await registerBlasBackend();
  pretendJasmine();
  for (const path of ["index", "public/chained_ops/register_all_chained_ops", "register_all_gradients"])
    await load(path);
  const { setTestEnvs } = await load("jasmine_util");
  setTestEnvs([{ name: "blas", backendName: "blas", flags: {}, isDataSync: true }]);
  for (const suite of SUITES.trim().split(/\s+/)) await load(`${suite}_test`);
}
