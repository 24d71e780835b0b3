/*
 * tsyringe refuses to load without this polyfill. It stands in a module of its own because bundlers keep the order of modules, but may
 * move the import of a CommonJS package behind its neighbors; package.json lists this file under `sideEffects`.
 */
import "reflect-metadata";
