#pragma once
#include <signal.h>
#include <sys/prctl.h>

// prctl is variadic and so does not import. The setting survives execve.
static inline int bench_end_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGTERM); }
