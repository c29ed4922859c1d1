// Two people: what stands for live cells and the class.
import { LabIcon } from "@jupyterlab/ui-components";

export const liveIcon = new LabIcon({
  name: "teaching-nb:live",
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16"><g class="jp-icon3" fill="#616161">' +
    '<circle cx="5" cy="5" r="2.2"/><circle cx="11.5" cy="6" r="1.8"/><path d="M1 13c0-3 2-4.6 4-4.6S9 10 9 13z"/>' +
    '<path d="M10 13h5c0-2.600-1.500-4-3.500-4-.800 0-1.500.200-2 .7.400.9.500 2 .5 3.300z"/></g></svg>',
});
