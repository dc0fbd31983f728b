#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// rd_kafka_producev is variadic and so does not import; this is the one shape of it that the wrapper needs.
// The payload is copied. A timestamp of 0 means now. The headers, if any, belong to librdkafka only on success.
static inline rd_kafka_resp_err_t
barito_produce(rd_kafka_t *rk, rd_kafka_topic_t *topic, const void *value, size_t value_length, const void *key,
               size_t key_length, int64_t timestamp, rd_kafka_headers_t *headers, void *opaque) {
  rd_kafka_resp_err_t error;
  if (headers) {
    error = rd_kafka_producev(rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_KEY(key, key_length),
                              RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(opaque),
                              RD_KAFKA_V_END);
    if (error) rd_kafka_headers_destroy(headers);
    return error;
  }
  return rd_kafka_producev(rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                           RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_KEY(key, key_length),
                           RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}
