export { BACKEND_NAME, BlasBackend } from "./backend/backend.js";
export { type RegisterOptions, registerBlasBackend, setBlasThreads } from "./backend/register.js";
export { BlasError, type BlasErrorCode } from "./error.js";
export type { Blas } from "./library/checked.js";
export { type BlasLibrary, type FindOptions, type FoundLibrary, findBlas } from "./library/find.js";
