# The tables of bench-proxy.sh: lines of `load proxy name value`, several of each kind; medians are
# printed, in the order of the proxies that is handed in as `order`.
{
  key = $1 " " $2 " " $3
  values[key, ++counts[key]] = $4
  sums[key] += $4
}

function median(load, proxy, name,    key, count, i, j, sorted, swap) {
  key = load " " proxy " " name
  count = counts[key]
  if (!count) return -1
  for (i = 1; i <= count; i++) {
    sorted[i] = values[key, i] + 0
    for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) {
      swap = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = swap
    }
  }
  i = int((count + 1) / 2)
  return count % 2 ? sorted[i] : (sorted[i] + sorted[i + 1]) / 2
}

# A figure of a table; -1: there is none. What a proxy adds is what it takes longer than none does.
function figure(load, proxy, name,    value, direct) {
  if (proxy == "direct" && name ~ /^(cpu|memory|added)_/) return -1
  if (name != "added_p50_us") return median(load, proxy, name)
  value = median(load, proxy, "latency_p50_us")
  direct = median(load, "direct", "latency_p50_us")
  return value < 0 || direct < 0 ? -1 : value - direct
}

function shown(value, digits) {
  return value < 0 ? "-" : sprintf("%.*f", digits, value)
}

function ratio(load, proxy, name, other,    value, reference) {
  value = figure(load, proxy, name)
  reference = figure(load, other, name)
  if (value < 0 || reference <= 0) return "-"
  value /= reference
  return sprintf(value < 0.095 ? "%.3fx" : "%.2fx", value)
}

# The limit that is wanted, and whether it is kept. A factor of another one's figure, or of 1.
function aim(load, proxy, name, sense, factor, other, digits,    value, limit) {
  value = figure(load, proxy, name)
  limit = other == "" ? 1 : figure(load, other, name)
  if (!(proxy in is_ours) || limit < 0 || value < 0) return ""
  limit *= factor
  return sprintf("%s %.*f %s", sense, digits, limit,
    (sense == "<=" ? value <= limit : value >= limit) ? "met" : "missed")
}

function start_table(title, main, side, side_is_compared) {
  printf "\n%s\n\n", title
  printf "  %-26s %9s %10s %8s", "", main, "to haproxy", "to socat"
  printf "  %9s", side
  if (side_is_compared) printf " %10s %8s", "to haproxy", "to socat"
  printf "  %s\n", "aim"
}

# A row for each proxy: a figure beside those of haproxy and socat, another one, and the aim.
function table(load, main, main_digits, side, side_digits, side_is_compared, sense, factor, other,
  i, proxy, wanted) {
  for (i = 1; i <= proxy_count; i++) {
    proxy = proxies[i]
    printf "  %-26s", labels[proxy]
    if (!has_run(load, proxy)) {
      printf " %9s\n", "failed"
      continue
    }
    printf " %9s %10s %8s", shown(figure(load, proxy, main), main_digits),
      ratio(load, proxy, main, "haproxy"), ratio(load, proxy, main, "socat")
    # Failures are counted: not one is left out by a median.
    printf "  %9s", side == "connections_failed" \
      ? shown(sums[load " " proxy " " side], 0) : shown(figure(load, proxy, side), side_digits)
    if (side_is_compared)
      printf " %10s %8s", ratio(load, proxy, side, "haproxy"), ratio(load, proxy, side, "socat")
    wanted = aim(load, proxy, main, sense, factor, other, main_digits)
    printf "%s\n", wanted == "" ? "" : "  " wanted
  }
}

function has_run(load, proxy,    name) {
  name = "connections_failed"
  if (load == "turns") name = "latency_p50_us"
  if (load ~ /^bulk/) name = "mb_per_second"
  return (load " " proxy " " name) in counts
}

END {
  proxy_count = split(order, proxies, " ")
  labels["direct"] = "direct"
  labels["forward"] = "C relay"
  labels["socat"] = "socat -b 64k"
  labels["haproxy"] = "haproxy, 1 thread"
  labels["none"] = "chat-inspect -T none"
  labels["ndjson"] = "chat-inspect -T ndjson"
  labels["record"] = "chat-inspect -T ndjson -w"
  labels["rule"] = "chat-inspect --faults"
  is_ours["none"] = is_ours["ndjson"] = is_ours["record"] = is_ours["rule"] = 1

  start_table("Bulk: good DATA frames with 1,024 bytes of payload", "CPU s/GB", "MB/s", 1)
  table("bulk-1024", "cpu_seconds_per_gb", 3, "mb_per_second", 0, 1, "<=", 1.5, "haproxy")
  start_table("Bulk: good DATA frames with 512 bytes of payload", "CPU s/GB", "MB/s", 1)
  table("bulk-512", "cpu_seconds_per_gb", 3, "mb_per_second", 0, 1, "<=", 1.5, "haproxy")
  start_table("Bulk: bytes that are no chat", "CPU s/GB", "MB/s", 1)
  table("bulk-other", "cpu_seconds_per_gb", 3, "mb_per_second", 0, 1, "<=", 1, "socat")
  start_table("Round trip of 64 bytes: what the proxy adds to p50", "added us", "p99 us", 0)
  table("turns", "added_p50_us", 1, "latency_p99_us", 1, 0, "<=", 1, "haproxy")
  start_table("Round trip of 64 bytes: CPU of the proxy", "us a turn", "p50 us", 0)
  table("turns", "cpu_us_per_turn", 1, "latency_p50_us", 1, 0, "<=", 1.1, "haproxy")
  start_table("Connections, each for one exchange, 16 at once", "a second", "failed", 0)
  table("connections", "connections_per_second", 0, "connections_failed", 0, 0, ">=", 0.9,
    "haproxy")
  start_table("Memory with many connections open", "MB", "failed", 0)
  table("memory", "memory_mb", 1, "connections_failed", 0, 0, "<=", 20, "")
}
