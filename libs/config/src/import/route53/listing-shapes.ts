/** What `aws route53 list-...` and `get-hosted-zone` print, as far as an import looks at it; other keys are remarked. */
import * as z from 'zod';

const geoLocation = z.looseObject({
  ContinentCode: z.string().optional(),
  CountryCode: z.string().optional(),
  SubdivisionCode: z.string().optional(),
});

const geoProximity = z.looseObject({
  AWSRegion: z.string().optional(),
  LocalZoneGroup: z.string().optional(),
  Coordinates: z
    .looseObject({
      Latitude: z.coerce.number().min(-90).max(90),
      Longitude: z.coerce.number().min(-180).max(180),
    })
    .optional(),
  Bias: z.number().int().min(-99).max(99).optional(),
});

export const recordSetShape = z.looseObject({
  Name: z.string(),
  Type: z.string(),
  TTL: z.number().int().min(0).max(2_147_483_647).optional(),
  ResourceRecords: z.array(z.looseObject({ Value: z.string() })).optional(),
  AliasTarget: z
    .looseObject({
      HostedZoneId: z.string(),
      DNSName: z.string(),
      EvaluateTargetHealth: z.boolean(),
    })
    .optional(),
  SetIdentifier: z.string().optional(),
  Weight: z.number().int().min(0).max(255).optional(),
  Region: z.string().optional(),
  Failover: z.enum(['PRIMARY', 'SECONDARY']).optional(),
  GeoLocation: geoLocation.optional(),
  GeoProximityLocation: geoProximity.optional(),
  MultiValueAnswer: z.boolean().optional(),
  CidrRoutingConfig: z.looseObject({ CollectionId: z.string(), LocationName: z.string() }).optional(),
  HealthCheckId: z.string().optional(),
  TrafficPolicyInstanceId: z.string().optional(),
});
export type RecordSetListing = z.output<typeof recordSetShape>;

export const HEALTH_CHECK_TYPES = [
  'HTTP',
  'HTTPS',
  'HTTP_STR_MATCH',
  'HTTPS_STR_MATCH',
  'TCP',
  'CALCULATED',
  'CLOUDWATCH_METRIC',
  'RECOVERY_CONTROL',
] as const;

export const healthCheckShape = z.looseObject({
  Id: z.string(),
  /** Made up by who created it. */
  CallerReference: z.string().optional(),
  HealthCheckVersion: z.number().optional(),
  HealthCheckConfig: z.looseObject({
    Type: z.enum(HEALTH_CHECK_TYPES),
    IPAddress: z.string().optional(),
    Port: z.number().int().min(1).max(65_535).optional(),
    ResourcePath: z.string().optional(),
    FullyQualifiedDomainName: z.string().optional(),
    SearchString: z.string().optional(),
    RequestInterval: z.number().int().positive().optional(),
    FailureThreshold: z.number().int().min(1).max(100).optional(),
    MeasureLatency: z.boolean().optional(),
    EnableSNI: z.boolean().optional(),
    Inverted: z.boolean().optional(),
    Disabled: z.boolean().optional(),
    Regions: z.array(z.string()).optional(),
    ChildHealthChecks: z.array(z.string()).optional(),
    HealthThreshold: z.number().int().min(0).max(256).optional(),
    AlarmIdentifier: z.looseObject({ Region: z.string(), Name: z.string() }).optional(),
    InsufficientDataHealthStatus: z.string().optional(),
    RoutingControlArn: z.string().optional(),
  }),
  /** What the alarm looks at; it goes on doing so where it is. */
  CloudWatchAlarmConfiguration: z.record(z.string(), z.unknown()).optional(),
});
export type HealthCheckListing = z.output<typeof healthCheckShape>;

export const hostedZoneShape = z.looseObject({
  HostedZone: z.looseObject({
    Id: z.string(),
    Name: z.string(),
    CallerReference: z.string().optional(),
    Config: z.looseObject({ Comment: z.string().optional(), PrivateZone: z.boolean().optional() }).optional(),
    ResourceRecordSetCount: z.number().optional(),
  }),
  /** The name servers of the zone, which its NS records name too. */
  DelegationSet: z.record(z.string(), z.unknown()).optional(),
  VPCs: z.array(z.unknown()).optional(),
});
export type HostedZoneListing = z.output<typeof hostedZoneShape>;

export const cidrBlockShape = z.looseObject({ CidrBlock: z.string(), LocationName: z.string() });
