/**
 * Instruments, made from the table in metric-names.ts and nothing else. Cold paths add and set with labels. Hot paths
 * count in typed arrays of their own and are read when somebody scrapes (`countersFrom`, `histogramFrom`): OpenTelemetry's
 * own `add` with attributes costs about half a microsecond, a DNS query has about one.
 */
import { ValueType, type Attributes, type Histogram as OtelHistogram, type Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type HistogramMetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { emptyResource } from '@opentelemetry/resources';

import { manySeries } from './many-series.ts';
import {
  METRICS,
  type Labels,
  type MetricDescription,
  type MetricName,
  type NameOf,
} from './metric-names.ts';

export interface Observation<Name extends MetricName> {
  readonly labels: Labels<Name>;
  readonly value: number;
}

/** A histogram counted elsewhere: one more count than the table has bounds, not cumulative. */
export interface HistogramObservation<Name extends MetricName> {
  readonly labels: Labels<Name>;
  readonly counts: ArrayLike<number>;
  readonly sum: number;
}

export interface Metrics {
  add<Name extends NameOf<'counter'>>(name: Name, labels: Labels<Name>, value?: number): void;
  record<Name extends NameOf<'histogram'>>(name: Name, labels: Labels<Name>, value: number): void;
  /** Reads a gauge whenever somebody scrapes. */
  gaugeFrom<Name extends NameOf<'gauge'>>(name: Name, read: () => Iterable<Observation<Name>>): Disposable;
  /** The same for thousands of series. Prometheus only: OTLP exporters made from the environment do not see it. */
  gaugeOfManyFrom<Name extends NameOf<'gauge'>>(
    name: Name,
    read: () => Iterable<Observation<Name>>,
  ): Disposable;
  /** Reads cumulative counts whenever somebody scrapes. */
  countersFrom<Name extends NameOf<'counter'>>(
    name: Name,
    read: () => Iterable<Observation<Name>>,
  ): Disposable;
  /** Reads a histogram whenever somebody scrapes. Prometheus only: OTLP exporters made from the environment do not see it. */
  histogramFrom<Name extends NameOf<'histogram'>>(
    name: Name,
    read: () => Iterable<HistogramObservation<Name>>,
  ): Disposable;
}

export interface MetricsAndProducer {
  readonly metrics: Metrics;
  /** Gives the histograms of `histogramFrom` to a metric reader. */
  readonly producer: MetricProducer;
  /** The gauges of `gaugeOfManyFrom`, in Prometheus' text format. */
  readonly manySeriesText: () => Promise<string>;
}

/** `meters`: every instrument is made on each of them (one for /metrics, one for what the environment configures). */
export function createMetrics(meters: () => readonly Meter[]): MetricsAndProducer {
  const once = new Map<string, unknown>();
  const instruments = <Instrument>(
    name: MetricName,
    make: (meter: Meter) => Instrument,
  ): readonly Instrument[] => {
    if (!once.has(name)) once.set(name, meters().map(make));
    return once.get(name) as Instrument[];
  };
  const readers = new Map<
    NameOf<'histogram'>,
    Set<() => Iterable<HistogramObservation<NameOf<'histogram'>>>>
  >();

  const observe = (
    name: MetricName,
    make: 'createObservableGauge' | 'createObservableCounter',
    read: () => Iterable<{ labels: Attributes; value: number }>,
  ): Disposable => {
    const callback = (result: { observe(value: number, attributes: Attributes): void }): void => {
      for (const { labels, value } of read()) result.observe(value, labels);
    };
    const made = instruments(name, (meter) => meter[make](name, { description: METRICS[name].help }));
    for (const instrument of made) instrument.addCallback(callback);
    return { [Symbol.dispose]: () => made.forEach((instrument) => instrument.removeCallback(callback)) };
  };

  const many = manySeries();
  const metrics: Metrics = {
    add(name, labels, value = 1) {
      for (const counter of instruments(name, (meter) =>
        meter.createCounter(name, { description: METRICS[name].help }),
      )) {
        counter.add(value, labels);
      }
    },
    record(name, labels, value) {
      for (const histogram of instruments(name, (meter) => makeHistogram(meter, name)))
        histogram.record(value, labels);
    },
    gaugeFrom: (name, read) => observe(name, 'createObservableGauge', read),
    gaugeOfManyFrom: (name, read) => many.add(name, read),
    countersFrom: (name, read) => observe(name, 'createObservableCounter', read),
    histogramFrom(name, read) {
      const set = readers.get(name) ?? new Set();
      readers.set(name, set.add(read));
      return { [Symbol.dispose]: () => void set.delete(read) };
    },
  };
  return {
    metrics,
    producer: { collect: async () => collectHistograms(readers) },
    manySeriesText: () => many.text(),
  };
}

function makeHistogram(meter: Meter, name: MetricName): OtelHistogram {
  const description: MetricDescription = METRICS[name];
  return meter.createHistogram(name, {
    description: description.help,
    advice: { explicitBucketBoundaries: [...(description.buckets ?? [])] },
  });
}

type HistogramReaders = ReadonlyMap<
  NameOf<'histogram'>,
  ReadonlySet<() => Iterable<HistogramObservation<NameOf<'histogram'>>>>
>;

function collectHistograms(readers: HistogramReaders): CollectionResult {
  const now = Date.now();
  const time: [number, number] = [Math.floor(now / 1000), (now % 1000) * 1e6];
  const metrics = [...readers].map(([name, set]): HistogramMetricData => {
    const description: MetricDescription = METRICS[name];
    return {
      descriptor: { name, description: description.help, unit: '', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [...set]
        .flatMap((read) => [...read()])
        .map(({ labels, counts, sum }) => ({
          startTime: time,
          endTime: time,
          attributes: labels,
          value: {
            buckets: { boundaries: [...(description.buckets ?? [])], counts: Array.from(counts) },
            count: Array.from(counts).reduce((total, count) => total + count, 0),
            sum,
          },
        })),
    };
  });
  const scope = { name: 'signpost' };
  return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] };
}
