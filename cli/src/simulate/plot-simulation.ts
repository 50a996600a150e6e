/**
 * A recording as an SVG: what each target sees over time, stacked, and its share of the clients beside the share that
 * the weights give it (dashed). Pure; colours hold on light and dark ground, and for people who do not tell red from
 * green.
 */
import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { area, line, type SeriesPoint, stack } from 'd3-shape';

import { type Series, seriesOf } from './plot-series.ts';
import type { Recording } from './recorder.ts';

const WIDTH = 860;
const LEFT = 64;
const RIGHT = 150;
const TOP = 46;
const TRAFFIC_HEIGHT = 220;
const GAP = 44;
const SHARES_HEIGHT = 150;
const BOTTOM = 40;
const HEIGHT = TOP + TRAFFIC_HEIGHT + GAP + SHARES_HEIGHT + BOTTOM;

/** Points of a curve at most: more are not seen. */
const MOST_POINTS = 240;

export function plotSimulation(recording: Recording): string {
  const step = Math.ceil(recording.seconds / MOST_POINTS);
  const series = seriesOf(recording, step);
  const minutes = recording.seconds / 60;
  const x = scaleLinear([0, minutes], [LEFT, WIDTH - RIGHT]);
  const points = Array.from({ length: Math.ceil(recording.seconds / step) }, (_, i) => i);
  const xOf = (point: number): number => round(x(Math.min(minutes, ((point + 0.5) * step) / 60)));
  const plot: Plot = { recording, series, points, xOf, x };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escape(`${recording.name}: requests per second and shares of clients by target`)}</title>`,
    `<style>text{fill:#444}.grid{stroke:#8884;stroke-width:1}.mark{stroke:#888;stroke-dasharray:2 3}@media(prefers-color-scheme:dark){text{fill:#bbb}}</style>`,
    ...drawTraffic(plot),
    ...drawShares(plot),
    ...drawTimes(plot),
    ...drawMarks(plot),
    ...drawLegend(series),
    '</svg>',
    '',
  ].join('\n');
}

interface Plot {
  readonly recording: Recording;
  readonly series: readonly Series[];
  readonly points: readonly number[];
  readonly xOf: (point: number) => number;
  /** Minutes to a place. */
  readonly x: (minutes: number) => number;
}

function drawTraffic({ series, points, xOf }: Plot): string[] {
  const layers = stack<number, number>()
    .keys(series.keys())
    .value((point, index) => series[index]!.requests[point]!)(points);
  const top = max(layers.at(-1) ?? [], (each) => each[1]) ?? 0;
  const y = scaleLinear([0, top === 0 ? 1 : top], [TOP + TRAFFIC_HEIGHT, TOP]).nice(5);
  const shape = area<SeriesPoint<number>>()
    .x((each) => xOf(each.data))
    .y0((each) => round(y(each[0])))
    .y1((each) => round(y(each[1])));
  return [
    ...drawScale(y.ticks(5), y, y.tickFormat(5)),
    axisTitle('requests per second', TOP - 8),
    ...layers.map(
      (layer, index) => `<path d="${shape(layer)}" fill="${series[index]!.colour}" fill-opacity="0.8"/>`,
    ),
  ];
}

const SHARES_TOP = TOP + TRAFFIC_HEIGHT + GAP;

function drawShares({ series, points, xOf }: Plot): string[] {
  const known = series.flatMap(({ clients = [], configured = [] }) => [...clients, ...configured]);
  const y = scaleLinear([0, Math.max(0.01, max(known) ?? 0)], [SHARES_TOP + SHARES_HEIGHT, SHARES_TOP]).nice(
    4,
  );
  const curve = (values: readonly number[]): string =>
    line<number>()
      .x(xOf)
      .y((point) => round(y(values[point]!)))(points) ?? '';
  return [
    ...drawScale(y.ticks(4), y, (share) => `${Math.round(share * 100)}%`),
    axisTitle('share of clients; dashed: by the weights', SHARES_TOP - 8),
    ...series.flatMap(({ clients, configured, colour }) => [
      ...(configured === undefined
        ? []
        : [`<path d="${curve(configured)}" fill="none" stroke="${colour}" stroke-dasharray="5 3"/>`]),
      ...(clients === undefined
        ? []
        : [`<path d="${curve(clients)}" fill="none" stroke="${colour}" stroke-width="1.5"/>`]),
    ]),
  ];
}

function drawScale(
  ticks: readonly number[],
  y: (value: number) => number,
  text: (value: number) => string,
): string[] {
  return ticks.flatMap((tick) => [
    `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>`,
    `<text x="${LEFT - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${escape(text(tick))}</text>`,
  ]);
}

function axisTitle(text: string, y: number): string {
  return `<text x="${LEFT}" y="${y}">${escape(text)}</text>`;
}

function drawTimes({ recording, x }: Plot): string[] {
  const minutes = recording.seconds / 60;
  const scale = scaleLinear([0, minutes], [0, 1]);
  const bottom = SHARES_TOP + SHARES_HEIGHT;
  return [
    ...scale
      .ticks(10)
      .map((tick) => `<text x="${round(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tick}</text>`),
    `<text x="${round(x(minutes))}" y="${bottom + 34}" text-anchor="end">minutes</text>`,
  ];
}

/** Labels take turns in two rows, so that neighbours do not cover each other. */
function drawMarks({ recording, x }: Plot): string[] {
  return recording.marks.flatMap(({ atMs, text }, index) => {
    const at = round(x(atMs / 60_000));
    return [
      `<line class="mark" x1="${at}" x2="${at}" y1="${TOP}" y2="${SHARES_TOP + SHARES_HEIGHT}"/>`,
      `<text x="${at}" y="${index % 2 === 0 ? 12 : 26}" font-size="11">${escape(text)}</text>`,
    ];
  });
}

function drawLegend(series: readonly Series[]): string[] {
  return series.flatMap(({ name, colour }, index) => {
    const y = TOP + 8 + index * 20;
    return [
      `<rect x="${WIDTH - RIGHT + 16}" y="${y - 10}" width="12" height="12" fill="${colour}" fill-opacity="0.8"/>`,
      `<text x="${WIDTH - RIGHT + 34}" y="${y}">${escape(name)}</text>`,
    ];
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
