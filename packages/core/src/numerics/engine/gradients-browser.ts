// For bundlers: tfjs-layers calls itself free of side effects and would be dropped, so the module itself is imported.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
