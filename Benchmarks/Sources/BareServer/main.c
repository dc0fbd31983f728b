/* A server of libmicrohttpd and nothing else: takes a request, suspends it, has another thread resume it, answers. What
   that costs is what no server on this library that waits for an acknowledgement can be cheaper than.
   usage: barito-bench-microhttpd PORT THREADS, on 127.0.0.1; prints a line when it serves, ends with SIGTERM. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
  struct MHD_Connection *connection;
  struct request *next;
  size_t bytes;
  int resumed;
};

static struct request *waiting;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some_wait = PTHREAD_COND_INITIALIZER;

static void *resume_all(void *nothing) {
  (void)nothing;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (!waiting) pthread_cond_wait(&some_wait, &lock);
    struct request *request = waiting;
    waiting = NULL;
    pthread_mutex_unlock(&lock);
    while (request) {
      struct request *next = request->next; /* Gone once it is resumed. */
      request->resumed = 1;
      MHD_resume_connection(request->connection);
      request = next;
    }
  }
  return NULL;
}

static enum MHD_Result answer(struct MHD_Connection *connection) {
  static char text[] = "ok\n";
  struct MHD_Response *response = MHD_create_response_from_buffer(sizeof(text) - 1, text, MHD_RESPMEM_PERSISTENT);
  if (!response) return MHD_NO;
  enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result on_request(void *nothing, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *body, size_t *size, void **state) {
  (void)nothing, (void)url, (void)method, (void)version, (void)body;
  struct request *request = *state;
  if (!request) {
    request = calloc(1, sizeof(*request));
    if (!request) return MHD_NO;
    request->connection = connection;
    *state = request;
    return MHD_YES;
  }
  if (*size) {
    request->bytes += *size;
    *size = 0;
    return MHD_YES;
  }
  if (request->resumed) return answer(connection);
  MHD_suspend_connection(connection);
  pthread_mutex_lock(&lock);
  request->next = waiting;
  waiting = request;
  pthread_cond_signal(&some_wait);
  pthread_mutex_unlock(&lock);
  return MHD_YES;
}

static void on_completed(void *nothing, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code) {
  (void)nothing, (void)connection, (void)code;
  free(*state);
  *state = NULL;
}

int main(int count, char **words) {
  if (count != 3) return fprintf(stderr, "usage: %s PORT THREADS\n", words[0]), 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  unsigned int threads = (unsigned int)atoi(words[2]);

  /* The threads inherit this, so that the signal waits for sigwait. */
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end, NULL);
  signal(SIGPIPE, SIG_IGN);

  pthread_t thread;
  if (pthread_create(&thread, NULL, resume_all, NULL)) return perror("pthread_create"), 1;
  /* As the Router has it. */
  struct MHD_Daemon *daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
      NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT, 1000u,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)(128 * 1024), MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
      MHD_OPTION_END);
  if (!daemon) return fprintf(stderr, "cannot listen on port %s: %s\n", words[1], strerror(errno)), 1;
  printf("serving\n");
  fflush(stdout);
  int number;
  sigwait(&end, &number);
  return 0;
}
