/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A vega-lite specification: plain JSON that carries its own data. */
export type Spec = { readonly [key: string]: Json };
