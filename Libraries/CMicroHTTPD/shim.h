#pragma once
#include <microhttpd.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* MHD_start_daemon and MHD_get_connection_info are variadic and flag enums do not import, so they are spelled here. */

struct barito_mhd_options {
  unsigned int threads;
  unsigned int connections;
  unsigned int connections_per_address;
  unsigned int idle_seconds;
  size_t connection_memory;
  const char *certificate; /* PEM, or NULL for plain TCP; must outlive the daemon */
  const char *key;
  void *context; /* first argument of every callback */
  MHD_AccessHandlerCallback on_request;
  MHD_RequestCompletedCallback on_completed;
  MHD_NotifyConnectionCallback on_connection;
  void *(*on_request_line)(void *context, const char *uri, struct MHD_Connection *connection);
  size_t (*unescape)(void *context, struct MHD_Connection *connection, char *text);
  MHD_LogCallback log;
};

/* The daemon has no listening socket: connections are accepted by the caller and handed over with MHD_add_connection,
   because MHD_quiesce_daemon of 0.9.75 races with its worker threads (both remove the socket from epoll; the loser
   aborts the process). */
static inline struct MHD_Daemon *barito_mhd_start(const struct barito_mhd_options *o) {
  struct MHD_OptionItem items[] = {
      {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)o->log, o->context},
      {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)o->on_completed, o->context},
      {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)o->on_connection, o->context},
      {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)o->on_request_line, o->context},
      {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)o->unescape, o->context},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)o->connection_memory, NULL},
      {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)o->connections, NULL},
      {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)o->connections_per_address, NULL},
      {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)o->idle_seconds, NULL},
      {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
      /* Optional ones last: the list ends at the first MHD_OPTION_END. */
      {MHD_OPTION_END, 0, NULL},
      {MHD_OPTION_END, 0, NULL},
      {MHD_OPTION_END, 0, NULL},
      {MHD_OPTION_END, 0, NULL},
  };
  unsigned int next = sizeof(items) / sizeof(items[0]) - 4;
  unsigned int flags = MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                       MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG;
  if (o->threads > 1) items[next++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)o->threads, NULL};
  if (o->certificate) {
    flags |= MHD_USE_TLS;
    items[next++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)o->certificate};
    items[next++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)o->key};
  }
  return MHD_start_daemon(flags, 0, NULL, NULL, o->on_request, o->context, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

static inline int barito_mhd_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline void *barito_mhd_socket_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

static inline const struct sockaddr *barito_mhd_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

static inline void barito_mhd_end_by_closing(struct MHD_Response *response) {
  MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

/* What Swift's module of the C library leaves out. */

static inline int barito_accept(int listening, struct sockaddr *address, socklen_t *size) {
  int descriptor = accept(listening, address, size);
  /* The library makes it non-blocking. Not inherited by children, which accept4 would do at once but needs a macro. */
  if (descriptor >= 0) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return descriptor;
}

static const uint32_t barito_epollin = EPOLLIN;
static const uint32_t barito_epoll_departure = (uint32_t)EPOLLRDHUP | EPOLLET;

static inline int barito_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int barito_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline int barito_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t tag) {
  struct epoll_event event = {.events = events, .data = {.u64 = tag}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}
static inline int barito_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}
/* Tags of what is ready, at most `count`; 0 also when interrupted. */
static inline int barito_epoll_wait(int epoll, uint64_t *tags, int count, int timeout) {
  struct epoll_event events[64];
  int ready = epoll_wait(epoll, events, count < 64 ? count : 64, timeout);
  for (int i = 0; i < ready; i++) tags[i] = events[i].data.u64;
  return ready < 0 ? 0 : ready;
}
