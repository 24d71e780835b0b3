// tfjs-core's Node bundle registers no gradients and hides the module that does; importing tfjs-layers registers them all.
import "@tensorflow/tfjs-layers";
