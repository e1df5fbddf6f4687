# The tables of bench-fanout.sh: lines of
# `recipients senders outstanding server name value`, several of each kind; medians are printed.
{
  load = $1 " " $2 " " $3
  if (!(load in seen)) {
    seen[load] = 1
    loads[++load_count] = load
  }
  key = load " " $4 " " $5
  values[key, ++counts[key]] = $6
}

function median(load, server, name,    key, count, i, j, sorted, swap) {
  key = load " " server " " name
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

function row(load, server, label,    cpu, relay, speed, relay_speed) {
  cpu = median(load, server, "server_cpu_us_per_delivery")
  if (cpu < 0) {
    printf "  %-24s %9s\n", label, "failed"
    return
  }
  relay = median(load, "relay", "server_cpu_us_per_delivery")
  speed = median(load, server, "deliveries_per_second")
  relay_speed = median(load, "relay", "deliveries_per_second")
  printf "  %-24s %9.2f %8s %13.0f %8s %8.2f %8.2f %8.1f\n", label, cpu,
    (relay > 0 ? sprintf("%.2fx", cpu / relay) : "-"), speed,
    (relay_speed > 0 ? sprintf("%.2fx", speed / relay_speed) : "-"),
    median(load, server, "latency_p50_us") / 1000, median(load, server, "latency_p99_us") / 1000,
    median(load, server, "server_peak_memory_mb")
}

function aim(text, load, name, limit, unit, scale, is_ratio,    i, value, line) {
  line = ""
  for (i = 1; i <= 2; i++) {
    value = median(load, modes[i], name)
    if (value < 0) {
      line = line sprintf("  %s: failed", modes[i])
      continue
    }
    if (is_ratio) value /= median(load, "relay", name)
    value *= scale
    line = line sprintf("  %s: %.2f%s, %s", modes[i], value, unit,
      value <= limit ? "met" : "missed")
  }
  printf "  %-64s%s\n", text, line
}

END {
  modes[1] = "gbn"
  modes[2] = "sr"
  for (i = 1; i <= load_count; i++) {
    split(loads[i], part, " ")
    printf "\n%s recipients, %s sender%s, %s message%s of each under way\n\n", part[1], part[2],
      (part[2] == 1 ? "" : "s"), part[3], (part[3] == 1 ? "" : "s")
    printf "  %-24s %9s %8s %13s %8s %8s %8s %8s\n", "", "CPU us", "to relay",
        "deliveries/s", "to relay", "p50 ms", "p99 ms", "peak MB"
    row(loads[i], "relay-silent", "relay, no answers")
    row(loads[i], "relay", "relay, acknowledged")
    row(loads[i], "gbn", "chat-server, gbn")
    row(loads[i], "sr", "chat-server, sr")
  }
  print "\nWhat is wanted of the server; the relay shows what this machine can do\n"
  cpu = "server_cpu_us_per_delivery"
  aim("100 recipients, 16 under way: CPU at most 0.5 us a delivery", "100 1 16", cpu, 0.5,
    " us", 1, 0)
  aim("100 recipients, 1 under way: CPU at most 1.25 times the relay's", "100 1 1", cpu, 1.25,
    "x", 1, 1)
  aim("100 recipients, 10 senders: p99 at most 3 ms", "100 10 1", "latency_p99_us", 3, " ms",
    0.001, 0)
  aim("1,000 clients: at most 25 MB", "1000 1 1", "server_peak_memory_mb", 25, " MB", 1, 0)
}
