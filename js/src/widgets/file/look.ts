// A file, watched by itself: as it is stored. What is in it is a document of its own, and the tree shows both.
export { AS_STORED as look } from "../../document/look";
