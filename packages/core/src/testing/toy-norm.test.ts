import { describeArchitecture } from "./describe-architecture.js";
import { toyNormArchitecture } from "./toy-norm.js";

describeArchitecture(toyNormArchitecture);
