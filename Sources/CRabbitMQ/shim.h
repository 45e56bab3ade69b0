#ifndef CRABBITMQ_SHIM_H
#define CRABBITMQ_SHIM_H

/* The headers moved into a directory of their own with version 0.12. */
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/ssl_socket.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#endif

#include <sys/eventfd.h>
#include <sys/prctl.h>

/* Swift can't call variadic functions, and the login takes its SASL arguments that way. */
static inline amqp_rpc_reply_t crabbitmq_login_plain(amqp_connection_state_t connection, const char *virtual_host,
                                                     int channel_max, int frame_max, int heartbeat,
                                                     const amqp_table_t *properties, const char *user,
                                                     const char *password) {
  return amqp_login_with_properties(connection, virtual_host, channel_max, frame_max, heartbeat, properties,
                                    AMQP_SASL_METHOD_PLAIN, user, password);
}

/* Names the calling thread; at most 15 bytes count. */
static inline void crabbitmq_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

#endif
