// Under which key a catalogue has a sentence of the page: a number made of the English one, which is nine times as long.
// The build makes the catalogues with it (modules.mjs), and refuses two sentences of one number.

export function sentenceKey(words) {
  let number = 0x811c9dc5;
  for (let index = 0; index < words.length; index += 1)
    number = Math.imul(number ^ words.charCodeAt(index), 0x01000193);
  return (number >>> 0).toString(36);
}
