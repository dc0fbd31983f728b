#pragma once
/* First, because libevent's headers ask for GNU's variants, in which types differ from those of Swift's C library. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

/* Flags are enums and unsigned macros in C, and OpenSSL's setters are macros: neither imports, so they are spelled here. */

/* Callbacks are deferred, because bufferevent_openssl of 2.1 else tells of the end before it has stored the last bytes. */
static inline struct bufferevent *barito_event_plain(struct event_base *base, int descriptor) {
  return bufferevent_socket_new(base, descriptor, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
}

/* Takes the descriptor and the SSL. */
static inline struct bufferevent *barito_event_tls(struct event_base *base, int descriptor, SSL *ssl) {
  return bufferevent_openssl_socket_new(base, descriptor, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                        BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
}

/* Takes the descriptor, which listens already. */
static inline struct evconnlistener *barito_event_listener(struct event_base *base, evconnlistener_cb on_accept,
                                                           void *context, int descriptor) {
  return evconnlistener_new(base, on_accept, context, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, descriptor);
}

static inline int barito_event_loop(struct event_base *base) { return event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY); }

/* libevent closes what was freed in the loop's next round: this is that round. */
static inline void barito_event_finish(struct event_base *base) {
  for (int i = 0; i < 100 && event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE) > 0; i++)
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static inline int barito_event_in(struct event *event, int64_t nanoseconds) {
  struct timeval time = {.tv_sec = nanoseconds / 1000000000, .tv_usec = (nanoseconds % 1000000000 + 999) / 1000};
  if (time.tv_usec > 999999) time = (struct timeval){.tv_sec = time.tv_sec + 1, .tv_usec = 0};
  return event_add(event, &time);
}

static int barito_no_password(char *buffer, int size, int is_writing, void *context) { return -1; }

static inline SSL_CTX *barito_tls_new(void) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (!context) return NULL;
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  /* A client that closes without a farewell of TLS is common, and framing above says whether a message is whole. */
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  /* Idle connections keep no buffers. */
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  /* A key with a password must fail, not ask on the terminal. */
  SSL_CTX_set_default_passwd_cb(context, barito_no_password);
  SSL_CTX_set_session_id_context(context, (const unsigned char *)"streams", 7);
  return context;
}

static inline void barito_tls_demand_certificate(SSL_CTX *context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
}

/* Sends the farewell, if the socket takes it. */
static inline void barito_tls_farewell(SSL *ssl) {
  if (SSL_is_init_finished(ssl)) SSL_shutdown(ssl);
  ERR_clear_error();
}

/* Probes after `seconds` of silence, and gives up after three that are not answered. */
static inline void barito_keep_alive(int descriptor, int seconds) {
  int on = 1, count = 3, interval = seconds / 3 > 0 ? seconds / 3 : 1;
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

static inline void barito_no_delay(int descriptor) {
  int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* Whether the connection is over in both directions, such as after a reset. Nobody need read to learn it. */
static inline int barito_is_dead(int descriptor) {
  struct tcp_info info = {0};
  socklen_t size = sizeof info;
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_state == TCP_CLOSE;
}
