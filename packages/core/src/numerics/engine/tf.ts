import * as tf from "@tensorflow/tfjs-core";
import "#gradients";

tf.enableProdMode();

/** TensorFlow.js, with its gradients registered. Every package takes it from here. */
export { tf };
