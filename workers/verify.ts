import { checkPart } from "../src/verify/check-part.js";

/** Pool task: reads row groups of a year file back and checks them. */
export default checkPart;
