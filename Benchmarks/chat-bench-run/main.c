/* Measures commands: CPU time, wall time and peak memory of each, over interleaved rounds.
 *
 *   chat-bench-run ROUNDS < plan
 *
 * A line of the plan is `label <TAB> command`; words of the command are separated by blanks,
 * without quoting. Every round runs all commands once, in order, so that a slow moment of the
 * machine falls on all of them. A first round warms the page cache and is not counted. Standard
 * output of the commands is discarded. For each line it prints, tab-separated: label, median CPU
 * seconds (user and system), median wall seconds, median peak resident memory in KiB. A command
 * that fails is named on standard error, its figures are `-`, and the exit code is 1.
 *
 * It is C because Linux counts the memory of the process that a command was started from as the
 * command's own peak (the high-water mark survives exec): a Swift runtime in the runner would hide
 * whatever stays below some 10 MB.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINES_MAX = 64, WORDS_MAX = 64, ROUNDS_MAX = 100, LINE_SIZE = 4096 };

struct command {
  char text[LINE_SIZE];
  const char *label;
  char *words[WORDS_MAX + 1];
  double cpu[ROUNDS_MAX], wall[ROUNDS_MAX], memory[ROUNDS_MAX];
  int failed;
};

static struct command commands[LINES_MAX];

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static int parse(struct command *command) {
  char *tab = strchr(command->text, '\t');
  if (!tab) return 0;
  *tab = 0;
  command->label = command->text;
  int count = 0;
  char *rest = NULL;
  for (char *word = strtok_r(tab + 1, " \n", &rest); word && count < WORDS_MAX;
       word = strtok_r(NULL, " \n", &rest))
    command->words[count++] = word;
  return count > 0;
}

/* Runs a command once. Returns whether it exited with 0. */
static int run(struct command *command, double *cpu, double *wall, double *memory) {
  double start = now();
  pid_t child = fork();
  if (child < 0) return 0;
  if (child == 0) {
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, 0);
    dup2(nothing, 1);
    dup2(nothing, 2);
    execvp(command->words[0], command->words);
    _exit(127);
  }
  int status;
  struct rusage usage;
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR) return 0;
  *wall = now() - start;
  *cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  *memory = (double)usage.ru_maxrss;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv) {
  int rounds = argc == 2 ? atoi(argv[1]) : 0;
  if (rounds < 1 || rounds > ROUNDS_MAX) {
    fprintf(stderr, "usage: chat-bench-run ROUNDS < plan   (1 to %d rounds)\n", ROUNDS_MAX);
    return 2;
  }
  int count = 0;
  while (count < LINES_MAX && fgets(commands[count].text, LINE_SIZE, stdin))
    if (parse(&commands[count])) count++;
  for (int round = -1; round < rounds; round++)
    for (int index = 0; index < count; index++) {
      struct command *command = &commands[index];
      double cpu, wall, memory;
      if (command->failed) continue;
      if (!run(command, &cpu, &wall, &memory)) {
        command->failed = 1;
        fprintf(stderr, "chat-bench-run: failed: %s\n", command->label);
      } else if (round >= 0) {
        command->cpu[round] = cpu;
        command->wall[round] = wall;
        command->memory[round] = memory;
      }
    }
  int failed = 0;
  for (int index = 0; index < count; index++) {
    struct command *command = &commands[index];
    failed |= command->failed;
    if (command->failed)
      printf("%s\t-\t-\t-\n", command->label);
    else
      printf("%s\t%.4f\t%.4f\t%.0f\n", command->label, median(command->cpu, rounds),
             median(command->wall, rounds), median(command->memory, rounds));
  }
  return failed;
}
