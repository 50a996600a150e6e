/**
 * Small hard zones from a seed: wildcards, DNAMEs, delegations with and without glue, empty non-terminals, CNAME
 * chains and loops, data below cuts, zones within zones. Few labels on purpose, so that all of it meets.
 * Well-formed by construction; what is answered is not known here.
 */
import { type SeededDraw, seededDraw } from '@signpost/testkit/seeded-draw';

export interface HardZone {
  /** With the final dot. */
  readonly origin: string;
  readonly text: string;
  /** Questions worth asking of it. */
  readonly questions: readonly { readonly name: string; readonly type: string }[];
}

const LABELS = ['a', 'b', 'c', '*'];
const TYPES = ['A', 'AAAA', 'TXT', 'MX', 'SRV', 'NS', 'CNAME', 'DNAME', 'DS', 'SOA', 'PTR', 'HTTPS', 'CAA'];
const QUESTIONS = 20;

/** Zone `index` of a seed; every third holds a zone of ours below it. */
export function hardZones(seed: number, index: number): HardZone[] {
  const random = seededDraw(seed * 1_000_003 + index);
  const origin = `z${index}.test.`;
  const child = `b.${origin}`;
  const zones = [makeZone(random, origin, [origin])];
  return index % 3 === 0 ? [...zones, makeZone(random, child, [origin, child])] : zones;
}

function makeZone(random: SeededDraw, origin: string, known: readonly string[]): HardZone {
  const draw = (bound: number) => Math.floor(random() * bound);
  const pick = <Item>(items: readonly Item[]): Item => items[draw(items.length)]!;
  const relative = (most: number) => Array.from({ length: draw(most + 1) }, () => pick(LABELS));
  const anyName = () => [...relative(3), pick([...known, ...known, 'elsewhere.example.'])].join('.');
  const nodes = new Map<string, Map<string, string[]>>();
  const put = (owner: string, type: string, rdata: string) => {
    const node = nodes.get(owner) ?? new Map<string, string[]>();
    const isAlias = type === 'CNAME';
    if (isAlias ? node.size > 0 : node.has('CNAME')) return;
    if (type === 'DNAME' && node.has('DNAME')) return;
    const set = node.get(type) ?? [];
    if (!set.includes(rdata)) set.push(rdata);
    nodes.set(owner, node.set(type, set));
  };
  put(origin, 'SOA', `ns1 host 1 3600 600 604800 ${60 + draw(600)}`);
  const inside = draw(2) === 0;
  put(origin, 'NS', inside ? `ns1.${origin}` : 'ns.elsewhere.example.');
  if (inside) put(`ns1.${origin}`, 'A', '192.0.2.53');
  for (let left = 3 + draw(12); left > 0; left -= 1) {
    const owner = [...relative(3), origin].join('.');
    if (owner === origin && draw(3) > 0) continue;
    const type = pick(['A', 'A', 'AAAA', 'TXT', 'MX', 'SRV', 'CNAME', 'CNAME', 'DNAME', 'NS', 'NS', 'DS']);
    // Signed delegations alone have a DS; NS at an apex or a DNAME at a cut would be another question.
    if ((type === 'NS' || type === 'DS' || type === 'CNAME') && owner === origin) continue;
    if (type === 'DNAME' && owner === origin && inside) continue;
    if (type === 'NS' && owner.startsWith('*.')) continue;
    if (type === 'NS' && nodes.get(owner)?.has('DNAME')) continue;
    if (type === 'DNAME' && nodes.get(owner)?.has('NS') && owner !== origin) continue;
    put(owner, type, rdataOf(type, draw, anyName));
    if (type === 'NS' && draw(2) === 0) put(`ns.${owner}`, 'A', `192.0.2.${draw(250)}`);
    if (type === 'NS' && draw(2) === 0) put(owner, 'NS', `ns.${owner}`);
  }
  for (const [owner, sets] of nodes) {
    // NSD and Knot refuse what stands below a DNAME.
    if (sets.has('DNAME'))
      for (const other of nodes.keys()) if (other.endsWith(`.${owner}`)) nodes.delete(other);
  }
  const lines = [...nodes].flatMap(([owner, sets]) =>
    [...sets].flatMap(([type, rdatas]) => rdatas.map((rdata) => `${owner} 300 IN ${type} ${rdata}`)),
  );
  const owners = [...nodes.keys()];
  const questions = Array.from({ length: QUESTIONS }, () => {
    const base = draw(2) === 0 ? pick(owners) : [...relative(4), origin].join('.');
    const name = draw(4) === 0 ? `${pick(LABELS)}.${base}` : base;
    return { name: draw(8) === 0 ? name.toUpperCase() : name, type: draw(2) === 0 ? 'A' : pick(TYPES) };
  });
  return { origin, text: `$ORIGIN ${origin}\n$TTL 300\n${lines.join('\n')}\n`, questions };
}

function rdataOf(type: string, draw: (bound: number) => number, anyName: () => string): string {
  switch (type) {
    case 'A':
      return `192.0.2.${draw(250)}`;
    case 'AAAA':
      return `2001:db8::${draw(250)}`;
    case 'TXT':
      return `"text ${draw(9)}"`;
    case 'MX':
      return `10 ${anyName()}`;
    case 'SRV':
      return `1 2 3 ${anyName()}`;
    case 'DS':
      return `${draw(9)} 13 2 ${'ab'.repeat(32)}`;
    default:
      return anyName();
  }
}
