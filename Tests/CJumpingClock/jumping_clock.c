// Preloaded into a program (LD_PRELOAD), this makes its wall clock jump as a person or a time daemon makes a machine's:
// what asks for the time sees the jump, waits until a moment of the wall clock end when that moment comes, and what
// counts by the monotonic clock (timers of the kernel, poll, sleep) notices nothing.
//
// JUMPING_CLOCK names a file of eight bytes: how many nanoseconds the wall clock is ahead. It is read at every look.
#define _GNU_SOURCE
#include "jumping_clock.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t no_offset = 0;
static const volatile int64_t *offset = &no_offset;
static const int64_t second = 1000000000;
// A wait looks at the clock again after this, in nanoseconds.
static const int64_t slice = 20000000;

__attribute__((constructor)) static void open_offset(void) {
  const char *path = getenv("JUMPING_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (page != MAP_FAILED) offset = page;
}

static int64_t nanoseconds(const struct timespec *time) { return time->tv_sec * second + time->tv_nsec; }

static struct timespec moment(int64_t nanoseconds) {
  return (struct timespec){.tv_sec = nanoseconds / second, .tv_nsec = nanoseconds % second};
}

// The machine's own wall clock.
static int64_t real_now(void) {
  struct timespec time;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &time);
  return nanoseconds(&time);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    *time = moment(nanoseconds(time) + *offset);
  }
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now = moment(real_now() + *offset);
  *time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *result) {
  time_t now = (real_now() + *offset) / second;
  if (result) *result = now;
  return now;
}

int timespec_get(struct timespec *time, int base) {
  if (base != TIME_UTC) return 0;
  *time = moment(real_now() + *offset);
  return base;
}

// Where a wait that is to end at a moment of the wall clock ends for now, by the machine's.
static struct timespec until(const struct timespec *deadline, int *is_last) {
  int64_t left = nanoseconds(deadline) - (real_now() + *offset);
  *is_last = left <= slice;
  return moment(real_now() + (*is_last ? left : slice));
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline) {
  static int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (!wait) wait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  // It may count by the monotonic clock: glibc keeps that in the second bit.
  if (condition->__data.__wrefs & 2) return wait(condition, mutex, deadline);
  for (;;) {
    int is_last;
    struct timespec end = until(deadline, &is_last);
    int result = wait(condition, mutex, &end);
    if (result != ETIMEDOUT || is_last) return result;
  }
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict deadline) {
  int result = pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, deadline);
  return result == 0 ? thrd_success : result == ETIMEDOUT ? thrd_timedout : thrd_error;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
  static int (*wait)(sem_t *, const struct timespec *);
  if (!wait) wait = dlsym(RTLD_NEXT, "sem_timedwait");
  for (;;) {
    int is_last;
    struct timespec end = until(deadline, &is_last);
    int result = wait(semaphore, &end);
    if (result == 0 || errno != ETIMEDOUT || is_last) return result;
  }
}
