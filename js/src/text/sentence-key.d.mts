export function sentenceKey(words: string): string;
