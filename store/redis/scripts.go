package redis

import goredis "github.com/redis/go-redis/v9"

// What the scripts that write return.
const (
	written = iota
	missing
	conflict
	exists
)

// putLua is the part that both scripts share: it stores the record and its due
// time. SET comes first, because that is the command that Redis refuses when it
// is out of memory, and a script that is refused later would have done half its
// work. A lifetime that has passed removes the record.
const putLua = `
local function put(record, due, value, lifetime, at, key)
  if lifetime == '0' then
    redis.call('DEL', record)
    redis.call('ZREM', due, key)
    return
  end
  if lifetime == '' then
    redis.call('SET', record, value)
  else
    redis.call('SET', record, value, 'PX', lifetime)
  end
  if at == '' then
    redis.call('ZREM', due, key)
  else
    redis.call('ZADD', due, at, key)
  end
end
local head = redis.call('GETRANGE', KEYS[1], 0, 15)
`

// createScript adds a record. Its arguments are those of Store.arguments. When
// the record is there with the mark of this very write, its reply was lost and
// the client repeats it.
var createScript = goredis.NewScript(putLua + `
if head ~= '' then
  if head == string.sub(ARGV[1], 1, 16) then return 0 end
  return 3
end
put(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return 0
`)

// swapScript replaces a record. Its further arguments are the revision that it
// must have, the channel on which to announce the change, and the new revision.
// Not being allowed to announce does not undo the change; Check finds that out.
var swapScript = goredis.NewScript(putLua + `
if head == '' then return 1 end
if string.sub(head, 9, 16) ~= ARGV[5] then
  if head == string.sub(ARGV[1], 1, 16) then return 0 end
  return 2
end
put(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], ARGV[4])
redis.pcall('PUBLISH', ARGV[6], ARGV[7])
return 0
`)

// dueScript claims keys that are due. Its arguments are the time, when the
// claims end, how many keys to look at, and what comes before the key of a
// record. It returns how many it looked at and those whose records are there;
// the others it drops from the index.
var dueScript = goredis.NewScript(`
local keys = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
local out = {tostring(#keys)}
for _, key in ipairs(keys) do
  if redis.call('EXISTS', ARGV[4] .. key) == 1 then
    redis.call('ZADD', KEYS[1], ARGV[2], key)
    out[#out + 1] = key
  else
    redis.call('ZREM', KEYS[1], key)
  end
end
return out
`)
