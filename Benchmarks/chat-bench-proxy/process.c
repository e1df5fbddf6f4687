/* The proxy that is measured: started, watched through /proc, and ended. Its children count as
 * well: socat has one for each connection. All of them are a process group. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "sockets.h"

pid_t start_proxy(char **command, uint16_t listen_port, uint16_t upstream_port) {
  char port[8];
  snprintf(port, sizeof port, "%u", listen_port);
  setenv("LISTEN_PORT", port, 1);
  snprintf(port, sizeof port, "%u", upstream_port);
  setenv("UPSTREAM_PORT", port, 1);
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    setpgid(0, 0);
    /* Nothing is left behind when this program is killed. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
  }
  setpgid(child, child);
  return child;
}

void check_proxy(pid_t proxy) {
  int status;
  if (proxy == 0 || waitpid(proxy, &status, WNOHANG) != proxy) return;
  fprintf(stderr, "chat-bench-proxy: the proxy has ended (%d)\n",
          WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
  kill(-proxy, SIGKILL);
  exit(1);
}

void stop_proxy(pid_t proxy) {
  if (proxy == 0) return;
  kill(-proxy, SIGKILL);
  waitpid(proxy, NULL, 0);
}

/* The text of /proc/PROCESS/FILE; empty if the process has gone. */
static const char *read_about(const char *process, const char *file) {
  static char text[4096];
  char path[300];
  snprintf(path, sizeof path, "/proc/%s/%s", process, file);
  FILE *stream = fopen(path, "r");
  size_t count = stream ? fread(text, 1, sizeof text - 1, stream) : 0;
  if (stream) fclose(stream);
  text[count] = 0;
  return text;
}

static int is_in_group(const char *process, pid_t group) {
  /* The name, in parentheses, may hold anything. */
  const char *rest = strrchr(read_about(process, "stat"), ')');
  int found;
  return rest && sscanf(rest, ") %*c %*d %d", &found) == 1 && found == group;
}

static double process_cpu_seconds(const char *process) {
  int64_t nanoseconds = bench_process_nanoseconds(atoi(process));
  return nanoseconds < 0 ? 0 : (double)nanoseconds / 1e9;
}

static double process_memory_bytes(const char *process) {
  const char *line = strstr(read_about(process, "status"), "\nVmRSS:");
  return line ? 1024 * strtod(line + strlen("\nVmRSS:"), NULL) : 0;
}

static double sum_over_group(pid_t group, double (*value)(const char *)) {
  DIR *directory = opendir("/proc");
  if (!directory) fail("/proc");
  double sum = 0;
  for (struct dirent *entry; (entry = readdir(directory));)
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_in_group(entry->d_name, group))
      sum += value(entry->d_name);
  closedir(directory);
  return sum;
}

static double pin_process(const char *process) {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  CPU_SET(sched_getcpu(), &processors);
  /* The first thread only. */
  return sched_setaffinity(atoi(process), sizeof processors, &processors);
}

void share_processor(pid_t proxy) {
  char own[16];
  snprintf(own, sizeof own, "%d", getpid());
  if (pin_process(own) != 0) fail("sched_setaffinity");
  if (proxy != 0) sum_over_group(proxy, pin_process);
}

double memory_bytes(pid_t proxy) {
  return proxy == 0 ? 0 : sum_over_group(proxy, process_memory_bytes);
}

double cpu_seconds_at_rest(pid_t proxy) {
  if (proxy == 0) return 0;
  /* What it has put off, such as printing, is part of the price. */
  double limit = now() + PATIENCE_MILLISECONDS / 1000.0;
  double before = sum_over_group(proxy, process_cpu_seconds);
  while (now() < limit) {
    usleep(20000);
    double after = sum_over_group(proxy, process_cpu_seconds);
    if (after - before < 0.0002) return after;
    before = after;
  }
  errno = ETIMEDOUT;
  fail("chat-bench-proxy: the proxy does not come to rest");
}
