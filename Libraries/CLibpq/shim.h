#pragma once
#include <libpq-fe.h>
#include <sys/eventfd.h>
#include <unistd.h>

// The flags of eventfd are an enum of C that Swift imports with another type than the function takes.
static inline int barito_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline void barito_eventfd_signal(int descriptor) { (void)eventfd_write(descriptor, 1); }
static inline void barito_eventfd_clear(int descriptor) {
  eventfd_t count;
  (void)eventfd_read(descriptor, &count);
}
