// A file of its own, to be loaded late: only a dump in this format needs it.
export { ByteWriter, ParquetWriter } from "hyparquet-writer";
