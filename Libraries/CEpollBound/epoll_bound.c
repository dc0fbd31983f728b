// A program that is linked with this gives its libraries this epoll_wait instead of the C library's.
//
// libmicrohttpd (0.9.75) takes events 128 at once, and where it gets 128 it waits for more, as long as if it had got none,
// before it serves a single one of them: 128 clients of one thread that send at the same moment, and then wait for their
// answers, wait for a minute. Given one less than it asks for, it never believes that there is more to come.
#define _GNU_SOURCE
#include "epoll_bound.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout) {
  return (int)syscall(SYS_epoll_pwait, epoll, events, most > 1 ? most - 1 : most, timeout, NULL, 8);
}
