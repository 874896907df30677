export { addRun, fieldsEnd, findRun, nextField, run, same } from "./decode";
export {
  distinct4,
  distinct8,
  dropNegative,
  gather4,
  gather8,
  hybrid,
  levelsOfBits,
  levelsOfCodes,
} from "./encode";
export { collectPlaces, markRanks, placeRows, takeAscending } from "./order";
export { sortDistinct8 } from "./sort";
