/** Where a record of Route 53 says that it is: coordinates, a region of AWS, or an area near one. */
import type { Remarks } from '../remark.ts';
import { regionPlace } from './aws-regions.ts';
import type { Leaf } from './pool-of-leaves.ts';
import type { GroupRecord } from './record-groups.ts';

/** Empty for a record without a place; a place that is not known is remarked. */
export function placeOfRecord({ set, placeOf }: GroupRecord, remarks: Remarks): Pick<Leaf, 'at' | 'site'> {
  const proximity = set.GeoProximityLocation;
  if (proximity?.Coordinates !== undefined) {
    const { Latitude, Longitude } = proximity.Coordinates;
    return { at: [Latitude, Longitude] };
  }
  const group = proximity?.LocalZoneGroup;
  const region = set.Region ?? proximity?.AWSRegion ?? group?.split('-').slice(0, 3).join('-');
  if (region === undefined) return {};
  const key = set.Region === undefined ? ['GeoProximityLocation'] : ['Region'];
  const at = regionPlace(region);
  if (at === undefined) {
    remarks.lost(
      placeOf(...key),
      `it is not known here where ${group ?? region} is; write "at" of its targets`,
    );
    return { site: region };
  }
  if (group !== undefined) {
    remarks.changed(
      placeOf(...key, 'LocalZoneGroup'),
      `local zone ${group} was put where region ${region} is; write where it is in "at" of its targets`,
    );
  }
  return { at, site: group ?? region };
}
