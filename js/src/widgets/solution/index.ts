// The solution of a task, which people see once it is opened to them.
import { withheldWidget } from "../../document/withheld-widget";

export const widget = withheldWidget("solution");
