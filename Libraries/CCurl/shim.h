#pragma once
#include <curl/curl.h>

// Swift cannot call variadic C functions: one typed door for each kind of argument.

static inline CURLcode barito_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode barito_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode barito_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode barito_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode barito_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

typedef size_t (*barito_curl_write)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode barito_curl_set_write(CURL *handle, CURLoption option, barito_curl_write function) {
  return curl_easy_setopt(handle, option, function);
}

static inline CURLcode barito_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

// The message's result is in a union, and only of interest when the transfer is done.
static inline int barito_curl_next_result(CURLM *multi, CURLcode *result) {
  int left = 0;
  CURLMsg *message = curl_multi_info_read(multi, &left);
  if (message == NULL || message->msg != CURLMSG_DONE) return 0;
  *result = message->data.result;
  return 1;
}
