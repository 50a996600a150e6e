/**
 * YAML 1.2 to plain values, with the place of every key and value kept.
 * Does not judge what the values mean. Bounded: neither a huge file nor an alias bomb takes more than a moment.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from 'yaml';

export type Path = readonly (string | number)[];

/** Offsets into the text; `end` is one past the last character. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface YamlMistake {
  readonly range: Range;
  readonly path: Path;
  readonly message: string;
}

export interface YamlSource {
  /** Plain objects, arrays, texts, numbers, booleans and null. */
  readonly value: unknown;
  readonly mistakes: readonly YamlMistake[];
  /** Range of the value at `path`, or of the nearest one above it that exists. */
  rangeOf(path: Path): Range;
  /** Range of the key that `path` ends in; for an item of a list, of the item. */
  keyRangeOf(path: Path): Range;
  /** From 1. */
  placeOf(offset: number): { readonly line: number; readonly column: number };
}

/** Characters of a file: over 100,000 targets fit. */
export const MAX_TEXT_LENGTH = 16_000_000;
/** Values of a file after its aliases are written out. */
const MAX_VALUES = 1_000_000;
/** No configuration is deeper than 12. */
const MAX_DEPTH = 64;

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const root = { start: 0, end: text.length };
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = (message: string): YamlSource => ({
    value: undefined,
    mistakes: [{ range: root, path: [], message }],
    rangeOf: () => root,
    keyRangeOf: () => root,
    placeOf,
  });
  if (text.length > MAX_TEXT_LENGTH) {
    return refuse(
      `the file has ${text.length} characters; split it so that each has at most ${MAX_TEXT_LENGTH}`,
    );
  }
  const document = parseBounded(text, lines);
  if (document === undefined) return refuse(`the file is nested too deeply; keep it to ${MAX_DEPTH} levels`);

  const reading: Reading = {
    text,
    anchors: new Map(),
    aliases: new Map(),
    pairs: new Map(),
    mistakes: [],
    values: 0,
  };
  const value = valueOf(document.contents, [], reading, false);
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    range: { start: error.pos[0], end: error.pos[1] },
    path: [],
    message: `${error.message.replace(/\.$/, '')}; correct the YAML`,
  }));
  return {
    value,
    mistakes: [...syntax, ...reading.mistakes],
    rangeOf: (path) => walk(document.contents, path, reading).value ?? root,
    keyRangeOf: (path) => walk(document.contents, path, reading).key ?? root,
    placeOf,
  };
}

/** Undefined: the parser, which is recursive, ran out of stack. It catches that itself in some places. */
function parseBounded(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    const options = { lineCounter, prettyErrors: false, uniqueKeys: false, version: '1.2' } as const;
    const document = parseDocument(text, options);
    return document.errors.some(({ message }) => message.includes('call stack')) ? undefined : document;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Reading {
  readonly text: string;
  readonly anchors: Map<string, Node>;
  /** What each alias stood for when it was read. */
  readonly aliases: Map<Node, Node>;
  /** By key, of each mapping; of a duplicate key the first. */
  readonly pairs: Map<Node, Map<string, Pair>>;
  readonly mistakes: YamlMistake[];
  values: number;
}

type MaybeNode = Node | null | undefined;

/** `repeated`: inside an alias, whose mistakes were told where its anchor stands. */
function valueOf(node: MaybeNode, path: Path, reading: Reading, repeated: boolean): unknown {
  if (node === null || node === undefined) return null;
  reading.values += 1;
  if (reading.values > MAX_VALUES || path.length > MAX_DEPTH) {
    if (reading.values !== Number.POSITIVE_INFINITY) {
      const what =
        path.length > MAX_DEPTH ? `nested deeper than ${MAX_DEPTH} levels` : `more than ${MAX_VALUES} values`;
      reading.mistakes.push({ range: rangeOfNode(node), path, message: `${what}; write it without aliases` });
      reading.values = Number.POSITIVE_INFINITY;
    }
    return null;
  }
  if (isAlias(node)) {
    const target = reading.anchors.get(node.source);
    if (target !== undefined) {
      reading.aliases.set(node, target);
      return valueOf(target, path, reading, true);
    }
    const message = `no anchor "&${node.source}" stands before this alias; write the value itself`;
    reading.mistakes.push({ range: rangeOfNode(node), path, message });
    return null;
  }
  const value = contentOf(node, path, reading, repeated);
  // Only now, so that an alias inside of its own anchor is refused and no cycle can be.
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor) reading.anchors.set(node.anchor, node);
  return value;
}

function contentOf(node: Node, path: Path, reading: Reading, repeated: boolean): unknown {
  if (isSeq(node)) {
    return node.items.map((item, index) => valueOf(nodeOf(item), [...path, index], reading, repeated));
  }
  if (!isMap(node)) return isScalar(node) ? scalarOf(node, path, reading, repeated) : null;
  const object: Record<string, unknown> = {};
  const pairs = new Map<string, Pair>();
  reading.pairs.set(node, pairs);
  for (const pair of node.items) {
    const key = keyOf(pair);
    const keyPath = [...path, key ?? '?'];
    const range = rangeOfNode(nodeOf(pair.key));
    if (!repeated) noteLostOctets(range, keyPath, reading);
    if (key === undefined) {
      if (!repeated) reading.mistakes.push({ range, path: keyPath, message: 'a key must be a plain text' });
      continue;
    }
    if (pairs.has(key)) {
      if (!repeated) {
        reading.mistakes.push({
          range,
          path: keyPath,
          message: `duplicate key "${key}"; keep one of the two`,
        });
      }
      continue;
    }
    pairs.set(key, pair);
    if (key === '__proto__') {
      // The schemas leave such a key out without a word, and what stands behind it would never be answered.
      const message = '"__proto__" cannot be a key; where it is a domain name, write "\\095_proto__"';
      if (!repeated) reading.mistakes.push({ range, path: keyPath, message });
      continue;
    }
    object[key] = valueOf(nodeOf(pair.value), keyPath, reading, repeated);
  }
  return object;
}

function scalarOf(node: Scalar, path: Path, reading: Reading, repeated: boolean): unknown {
  if (!repeated) noteLostOctets(rangeOfNode(node), path, reading);
  return node.value;
}

/** Octets that are no UTF-8 were read as U+FFFD; who means that character itself writes it as an escape. */
function noteLostOctets(range: Range, path: Path, { text, mistakes }: Reading): void {
  const at = text.slice(range.start, range.end).indexOf('\uFFFD');
  if (at < 0) return;
  const start = range.start + at;
  const message = 'this text is not UTF-8, so its characters are unknown; save the file as UTF-8';
  mistakes.push({ range: { start, end: start + 1 }, path, message });
}

function walk(contents: MaybeNode, path: Path, reading: Reading): { value?: Range; key?: Range } {
  let node = contents;
  let value = rangeIfAny(node);
  let key = value;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = reading.aliases.get(node);
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = reading.pairs.get(node)?.get(String(step));
      if (pair === undefined) break;
      node = nodeOf(pair.value);
      const keyRange = rangeIfAny(nodeOf(pair.key));
      value = rangeIfAny(node) ?? keyRange;
      key = keyRange ?? key;
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = nodeOf(node.items[step]);
      value = rangeIfAny(node) ?? value;
      key = value;
    } else break;
    if (last) break;
  }
  return { ...(value && { value }), ...(key && { key }) };
}

function keyOf(pair: Pair): string | undefined {
  const key = nodeOf(pair.key);
  if (key === null) return '';
  return isScalar<string | number | boolean | null>(key) ? String(key.value ?? '') : undefined;
}

function nodeOf(value: unknown): Node | null {
  return isNode(value) ? value : null;
}

function rangeOfNode(node: MaybeNode): Range {
  return rangeIfAny(node) ?? { start: 0, end: 0 };
}

function rangeIfAny(node: MaybeNode): Range | undefined {
  const range = node?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
}
