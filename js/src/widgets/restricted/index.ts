// Content that people see once it is opened to them.
import { withheldWidget } from "../../document/withheld-widget";

export const widget = withheldWidget("restricted");
