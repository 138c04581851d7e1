"""What Redis does in one go for sessions and leases. Each script's keys have one hash tag: those of one call.

A script whose first write is refused for want of memory has written nothing. Later writes of it are not refused.
"""

from __future__ import annotations

from memory.redis_link import Script

_FENCE = """
local function fenced(key, fence)
  local lease = redis.call('HMGET', key, 'fence', 'owner', 'until')
  if not lease[1] then return false end
  if fence ~= '' then return tonumber(lease[1]) > tonumber(fence) and lease[1] end
  local now = redis.call('TIME')
  local held = lease[2] ~= '' and tonumber(lease[3]) > now[1] * 1000 + math.floor(now[2] / 1000)
  return held and lease[1]
end
"""

# KEYS: session, events, moments, lease.
# ARGV: 1 seen, 2 fence or '', 3 mark of this save, 4 marks of saves whose end nobody knows, as JSON,
#   5 places of the new state in the lists, 6 '1' when it is in them, 7 how many fields, 8 how many events,
#   then names and values of the fields, the events, the moments.
SAVE = Script(
    _FENCE
    + """
local by = fenced(KEYS[4], ARGV[2])
if by then return {'fenced', by, ''} end
local old = redis.call('HMGET', KEYS[1], 'revision', 'mark', 'seen', 'had_events', 'had_moments', 'listed')
local revision, listed = tonumber(old[1] or '0'), old[6] or ''
if old[2] == ARGV[3] then return {'saved', '', listed} end
local repeated = false
if revision ~= tonumber(ARGV[1]) then
  if old[2] and tonumber(old[3]) == tonumber(ARGV[1]) then
    for _, mark in ipairs(cjson.decode(ARGV[4])) do repeated = repeated or mark == old[2] end
  end
  if not repeated then return {'conflict', tostring(revision), listed} end
end
if listed ~= ARGV[5] and ARGV[6] ~= '1' then return {'list', '', listed} end
local had = {redis.call('LLEN', KEYS[2]), redis.call('LLEN', KEYS[3])}
if repeated then
  had = {tonumber(old[4]), tonumber(old[5])}
  for at = 1, 2 do
    if had[at] == 0 then redis.call('DEL', KEYS[at + 1])
    else redis.call('LTRIM', KEYS[at + 1], 0, had[at] - 1) end
  end
end
local fields, from = {}, 8
for at = from + 1, from + 2 * ARGV[7] do fields[#fields + 1] = ARGV[at] end
redis.call('HSET', KEYS[1], 'mark', ARGV[3], 'seen', ARGV[1], 'had_events', had[1], 'had_moments', had[2],
  'listed', ARGV[5], unpack(fields))
from = from + 2 * ARGV[7]
for at = from + 1, #ARGV do
  redis.call('RPUSH', at <= from + ARGV[8] and KEYS[2] or KEYS[3], ARGV[at])
end
return {'saved', '', listed}
"""
)

# KEYS: session, lease. ARGV: fence or '', record.
ATTACH = Script(
    _FENCE
    + """
local by = fenced(KEYS[2], ARGV[1])
if by then return {'fenced', by} end
if redis.call('EXISTS', KEYS[1]) == 0 then return {'missing', ''} end
redis.call('HSET', KEYS[1], 'record', ARGV[2])
return {'saved', ''}
"""
)

# KEYS: session, events, moments. ARGV: revision, how many events, how many moments, state, record,
#   then the events, the moments.
REWRITE = Script("""
local revision = redis.call('HGET', KEYS[1], 'revision')
if not revision then return {'missing', ''} end
local attached = redis.call('HGET', KEYS[1], 'record') or ''
if tonumber(revision) ~= tonumber(ARGV[1]) or (attached == '') ~= (ARGV[5] == '')
  or redis.call('LLEN', KEYS[2]) ~= tonumber(ARGV[2]) or redis.call('LLEN', KEYS[3]) ~= tonumber(ARGV[3]) then
  return {'conflict', revision}
end
redis.call('HSET', KEYS[1], 'state', ARGV[4], 'record', ARGV[5])
for at = 6, #ARGV do
  local place = at - 6
  if place < tonumber(ARGV[2]) then redis.call('LSET', KEYS[2], place, ARGV[at])
  else redis.call('LSET', KEYS[3], place - ARGV[2], ARGV[at]) end
end
return {'saved', ''}
""")

# KEYS: session. ARGV: places in the lists as they were read, and as they are to be. Answers what they are now.
RELIST = Script("""
local listed = redis.call('HGET', KEYS[1], 'listed') or ''
if listed ~= ARGV[1] then return listed end
redis.call('HSET', KEYS[1], 'listed', ARGV[2])
return ARGV[2]
""")

# KEYS: session, events, moments, lease.
DELETE = Script("""
local listed = redis.call('HGET', KEYS[1], 'listed')
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return listed or ''
""")

_LEASE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HMGET', KEYS[1], 'fence', 'owner', 'token', 'until')
local function left() return tostring(math.max(0, tonumber(lease[4]) - now)) end
local function write(fence, owner, token, ends)
  redis.call('HSET', KEYS[1], 'fence', string.format('%.0f', fence), 'owner', owner, 'token', token,
    'until', string.format('%.0f', ends))
end
"""

# Fences are times in milliseconds where those are higher than the last fence plus one. So a take that a restarted
# Redis has forgotten is still below the next one.

# KEYS: lease. ARGV: owner, hash of the token, ttl in ms.
BEGIN = Script(
    _LEASE
    + """
if lease[1] then return {'held', lease[2], left()} end
write(now, ARGV[1], ARGV[2], now + ARGV[3])
return {'held by us', string.format('%.0f', now), ARGV[2], string.format('%.0f', now + ARGV[3])}
"""
)

# KEYS: lease. ARGV: owner, hash of the token or '', ttl in ms.
TAKE = Script(
    _LEASE
    + """
if not lease[1] then return {'missing'} end
if ARGV[2] ~= '' then
  if ARGV[2] ~= lease[3] then return {'wrong'} end
elseif tonumber(lease[4]) > now then return {'held', lease[2], left()} end
local fence = math.max(tonumber(lease[1]) + 1, now)
write(fence, ARGV[1], lease[3], now + ARGV[3])
return {'held by us', string.format('%.0f', fence), lease[3], string.format('%.0f', now + ARGV[3])}
"""
)

# KEYS: lease. ARGV: owner, fence, hash of the token, ttl in ms.
RENEW = Script(
    _LEASE
    + """
if lease[1] then
  local stored = tonumber(lease[1])
  if stored > tonumber(ARGV[2]) or (stored == tonumber(ARGV[2]) and lease[2] ~= ARGV[1]) then
    return {'fenced', lease[1]}
  end
end
write(tonumber(ARGV[2]), ARGV[1], ARGV[3], now + ARGV[4])
return {'held by us', '', '', string.format('%.0f', now + ARGV[4])}
"""
)

# KEYS: lease. ARGV: owner, fence, '1' where the call is over.
RELEASE = Script(
    _LEASE
    + """
if lease[1] ~= ARGV[2] or lease[2] ~= ARGV[1] then return {'lost'} end
write(tonumber(lease[1]), '', ARGV[3] == '1' and '' or lease[3], now)
return {'released', '', '', string.format('%.0f', now)}
"""
)

# KEYS: lease. Answers fence, owner, token, how many ms it has left, below 0 where it has expired.
LOOK = Script("""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HMGET', KEYS[1], 'fence', 'owner', 'token', 'until')
if not lease[1] then return {} end
return {lease[1], lease[2], lease[3], string.format('%.0f', tonumber(lease[4]) - now)}
""")
