--[[
Publishes one change of the record sets, as one atomic step.

KEYS  1 generation   2 writer   3 changes   4 zones   5.. the hash of each zone touched
ARGV  1 creation ms of the token's bucket   2 revision of the token
      3 base generation   4 generation   5 publication, JSON   6 publications to keep
      then the number of zones, and their apexes in the order of KEYS 5..
      then the number of record sets, and for each: zone (1 is KEYS 5), field, JSON or '' if it is gone
      then the number of facts, and for each: zone, JSON or '' if the zone is gone
Returns  {'published'}
         {'fenced', creation ms, revision} of the newer writer
         {'base_mismatch', stored generation}

Tokens are compared as numbers: both parts are below 2^53, where Lua's doubles are exact. Generations are compared
as text, which is as good, since whoever wrote them wrote no leading zero. `zones` holds '' for a zone that has
record sets but no facts yet.
]]
local GENERATION, WRITER, CHANGES, ZONES = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local createdAt, revision = string.match(redis.call('GET', WRITER) or '0:0', '^(%d+):(%d+)$')
local storedMs, storedRevision = tonumber(createdAt), tonumber(revision)
local tokenMs, tokenRevision = tonumber(ARGV[1]), tonumber(ARGV[2])
if tokenMs < storedMs or (tokenMs == storedMs and tokenRevision < storedRevision) then
  return { 'fenced', createdAt, revision }
end

local stored = redis.call('GET', GENERATION) or '0'
if stored ~= ARGV[3] then
  return { 'base_mismatch', stored }
end

local at = 6
local function take()
  at = at + 1
  return ARGV[at]
end

-- The feed first: it refuses an id that is not above its last, and then nothing was written.
redis.call('XADD', CHANGES, 'MAXLEN', '~', ARGV[6], ARGV[4] .. '-0', 'publication', ARGV[5])
redis.call('SET', WRITER, ARGV[1] .. ':' .. ARGV[2])

local apexes = {}
for zone = 1, tonumber(take()) do
  apexes[zone] = take()
end

for _ = 1, tonumber(take()) do
  local zone, field, value = tonumber(take()), take(), take()
  if value == '' then
    redis.call('HDEL', KEYS[4 + zone], field)
  else
    redis.call('HSET', KEYS[4 + zone], field, value)
    redis.call('HSETNX', ZONES, apexes[zone], '')
  end
end

for _ = 1, tonumber(take()) do
  local zone, facts = tonumber(take()), take()
  if facts == '' then
    redis.call('HDEL', ZONES, apexes[zone])
    redis.call('DEL', KEYS[4 + zone])
  else
    redis.call('HSET', ZONES, apexes[zone], facts)
  end
end

redis.call('SET', GENERATION, ARGV[4])
return { 'published' }
