/**
 * Which continent each country lies in: ISO 3166-1 alpha-2 codes under seven continent codes.
 *
 * Pure data, used to validate geo codes and to complete databases that hold a country only. The
 * assignments are those that octoDNS users write (`AS-TR`, `AS-CY`, `EU-RU`), which differ in a few
 * places from what geo databases say (Cyprus); so a rule means the same with every database.
 * Must not depend on a database, and must not hold names or shapes of countries.
 */

export const CONTINENTS = ['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'] as const;

export type Continent = (typeof CONTINENTS)[number];

/** For messages: `NA` and `SA` are easily taken for countries. */
export const CONTINENT_NAMES: Readonly<Record<Continent, string>> = {
  AF: 'Africa',
  AN: 'Antarctica',
  AS: 'Asia',
  EU: 'Europe',
  NA: 'North America',
  OC: 'Oceania',
  SA: 'South America',
};

/** All 249 codes of ISO 3166-1, and `XK` (Kosovo), which is user-assigned but in every geo database. */
const COUNTRIES_OF: Readonly<Record<Continent, string>> = {
  AF: `AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU
    MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW`,
  AN: 'AQ BV HM TF',
  AS: `AE AF AM AZ BD BH BN BT CC CN CX CY GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN
    MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE`,
  EU: `AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC
    MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK`,
  NA: `AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR
    SV SX TC TT US VC VG VI`,
  OC: 'AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS',
  SA: 'AR BO BR CL CO EC FK GF GS GY PE PY SR UY VE',
};

/** Country code -> continent code. */
export const COUNTRIES: ReadonlyMap<string, Continent> = new Map(
  CONTINENTS.flatMap((continent) =>
    COUNTRIES_OF[continent].split(/\s+/).map((country) => [country, continent] as const),
  ),
);

export function isContinent(code: string): code is Continent {
  return Object.hasOwn(CONTINENT_NAMES, code);
}
