// In the place of schema/forms.ts in what kernels show (`bundling.mjs`): the kernel tells what does not fit a type.
import type { Forms } from "../schema/forms";

export const FORMS = new Map<object, Forms>();
