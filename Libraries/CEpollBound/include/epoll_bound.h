// Nothing to call: linked into a program, it bounds what epoll_wait gives at once. See epoll_bound.c.
#pragma once
