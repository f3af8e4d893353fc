-- What wrk sends for an order of the bench: the same form each time, or one with a random line of a file.
local form, file, parameter = os.getenv('FORM'), os.getenv('LINES'), os.getenv('PARAMETER')
local always, lines, width, count

function init()
  wrk.method = 'POST'
  wrk.headers['Content-Type'] = 'application/x-www-form-urlencoded'
  math.randomseed(os.time())
  if not file then
    always = wrk.format(nil, nil, nil, form)
    return
  end
  lines = io.open(file, 'rb'):read('*a')
  width = lines:find('\n', 1, true)
  count = math.floor((#lines + 1) / width)
end

function request()
  if always then return always end
  local first = math.random(0, count - 1) * width + 1
  return wrk.format(nil, nil, nil, form .. '&' .. parameter .. '=' .. lines:sub(first, first + width - 2))
end

function done(summary, latency)
  local errors = 0
  for _, number in pairs(summary.errors) do errors = errors + number end
  io.write(string.format('{"answers":%d,"elapsed":%f,"p50":%f,"p99":%f,"errors":%d}\n',
    summary.requests, summary.duration / 1000, latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors))
end
