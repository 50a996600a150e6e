--[[
Replaces the table of round trips, unless a newer writer was here. The token is kept, as a tick keeps it.

KEYS  1 latency   2 writer
ARGV  1 creation ms of the token's bucket   2 revision of the token   3 the table, octets
Returns  1 if it was written, 0 if the token is older than the stored one
]]
local createdAt, revision = string.match(redis.call('GET', KEYS[2]) or '0:0', '^(%d+):(%d+)$')
local storedMs, storedRevision = tonumber(createdAt), tonumber(revision)
local tokenMs, tokenRevision = tonumber(ARGV[1]), tonumber(ARGV[2])
if tokenMs < storedMs or (tokenMs == storedMs and tokenRevision < storedRevision) then
  return 0
end
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. ARGV[2])
redis.call('SET', KEYS[1], ARGV[3])
return 1
