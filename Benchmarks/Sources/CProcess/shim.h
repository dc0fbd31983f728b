#pragma once
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

// prctl is variadic and so does not import. The setting survives execve.
static inline int bench_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGTERM); }

// A GNU extension, which the C library's module leaves out. poll counts whole milliseconds, too coarse for a fixed rate.
extern int ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *limit, const sigset_t *signals);
static inline int bench_poll(struct pollfd *descriptors, nfds_t count, long nanoseconds) {
  struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
  return ppoll(descriptors, count, &limit, NULL);
}
