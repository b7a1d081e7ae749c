export { readOriginal } from "./read_original.ts";
export { yamlOf } from "./write_yaml.ts";
