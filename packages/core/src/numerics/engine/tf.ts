import * as tf from "@tensorflow/tfjs-core";
// tfjs-layers is imported for its side effect alone: it registers every gradient and chained op, which tfjs-core by itself does not in Node.
import "@tensorflow/tfjs-layers";

tf.enableProdMode();

/** TensorFlow.js, with its gradients registered. Every package takes it from here. */
export { tf };
