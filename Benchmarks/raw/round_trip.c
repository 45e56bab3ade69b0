/* The broker's own limit: messages like a small Baton task and its report, to a worker and back, with nothing in between but
 * librabbitmq. The queues are there already.
 *
 *   round_trip echo URL PREFETCH         a worker: publishes the report of each task, acknowledges the task on its confirm
 *   round_trip all URL TASKS WINDOW      publishes all, WINDOW of them unconfirmed at most; ends with the last report
 *   round_trip one-by-one URL TASKS      the next when the one before has come back
 *
 * Everything on the wire is handled as it comes: what has arrived together is answered together, with one acknowledgement and
 * in as few packets as it fits into. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <amqp.h>
#include <amqp_tcp_socket.h>

enum { TAKING = 1, GIVING = 2, RING = 1 << 16 };

static const char *const tasks_queue = "limit.tasks.default.p2", *const reports_queue = "limit.reports.0";

static void fail(const char *what, const char *why) {
    fprintf(stderr, "round_trip: %s: %s\n", what, why);
    exit(1);
}

static void check(int status, const char *what) {
    if (status < 0) fail(what, amqp_error_string2(status));
}

static void check_reply(amqp_rpc_reply_t reply, const char *what) {
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    fail(what, reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? amqp_error_string2(reply.library_error) : "the broker refused");
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* A connection with a channel to take messages from and one to publish on, and what is outstanding on the latter. */
typedef struct {
    amqp_connection_state_t connection;
    uint64_t delivery; /* the message that is arriving */
    size_t left;       /* bytes of its body */
    char id[64];       /* its message_id, or its correlation_id where it has none */
    uint64_t published, confirmed; /* all up to `confirmed` are */
    bool ring[RING];               /* those above it that are too */
} link_t;

static link_t *link_open(const char *url) {
    link_t *link = calloc(1, sizeof *link);
    char *copy = strdup(url);
    struct amqp_connection_info info;
    if (!link || !copy) fail("open", "no memory");
    check(amqp_parse_url(copy, &info), "the address");
    link->connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(link->connection);
    if (!socket) fail("open", "no memory");
    check(amqp_socket_open(socket, info.host, info.port), "connect");
    check_reply(
        amqp_login(link->connection, info.vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password), "log in");
    for (int channel = TAKING; channel <= GIVING; channel++) {
        amqp_channel_open(link->connection, (amqp_channel_t)channel);
        check_reply(amqp_get_rpc_reply(link->connection), "open a channel");
    }
    amqp_confirm_select(link->connection, GIVING);
    check_reply(amqp_get_rpc_reply(link->connection), "confirms");
    free(copy);
    return link;
}

static void link_consume(link_t *link, const char *queue, uint16_t prefetch) {
    amqp_basic_qos(link->connection, TAKING, 0, prefetch, 0);
    check_reply(amqp_get_rpc_reply(link->connection), "prefetch");
    amqp_basic_consume(link->connection, TAKING, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check_reply(amqp_get_rpc_reply(link->connection), "consume");
}

/* While corked, what is sent is put together into full packets. */
static void link_cork(link_t *link, int on) {
    setsockopt(amqp_get_sockfd(link->connection), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

static void link_confirm(link_t *link, const amqp_basic_ack_t *ack) {
    if (ack->multiple) {
        for (uint64_t tag = link->confirmed + 1; tag <= ack->delivery_tag; tag++) link->ring[tag % RING] = true;
    } else {
        link->ring[ack->delivery_tag % RING] = true;
    }
    while (link->confirmed < link->published && link->ring[(link->confirmed + 1) % RING]) {
        link->confirmed++;
        link->ring[link->confirmed % RING] = false;
    }
}

/* Takes one frame, waiting for it as long as `patience` says, or 30 seconds where that is null.
 * 1: a message is complete, its id and delivery tag in `link`; 0: something else came; -1: nothing came. */
static int link_frame(link_t *link, const struct timeval *patience) {
    static const struct timeval limit = {30, 0};
    amqp_frame_t frame;
    int status = amqp_simple_wait_frame_noblock(link->connection, &frame, patience ? patience : &limit);
    if (status == AMQP_STATUS_TIMEOUT && patience) return -1;
    check(status, "wait for the broker");
    if (frame.frame_type == AMQP_FRAME_METHOD) {
        switch (frame.payload.method.id) {
            case AMQP_BASIC_DELIVER_METHOD:
                link->delivery = ((amqp_basic_deliver_t *)frame.payload.method.decoded)->delivery_tag;
                return 0;
            case AMQP_BASIC_ACK_METHOD: link_confirm(link, frame.payload.method.decoded); return 0;
            default: fail("wait for the broker", amqp_method_name(frame.payload.method.id));
        }
    }
    if (frame.frame_type == AMQP_FRAME_HEADER) {
        const amqp_basic_properties_t *properties = frame.payload.properties.decoded;
        const bool task = properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG;
        const amqp_bytes_t id = task ? properties->message_id : properties->correlation_id;
        if (id.len >= sizeof link->id) fail("a message", "its id is too long");
        memcpy(link->id, id.bytes, id.len);
        link->id[id.len] = 0;
        link->left = (size_t)frame.payload.properties.body_size;
    } else if (frame.frame_type == AMQP_FRAME_BODY) {
        link->left -= frame.payload.body_fragment.len;
    } else {
        return 0;
    }
    return link->left == 0;
}

static void link_acknowledge(link_t *link, uint64_t tag) {
    check(amqp_basic_ack(link->connection, TAKING, tag, 1), "acknowledge");
}

static amqp_table_entry_t number(const char *key, int64_t value) {
    return (amqp_table_entry_t){amqp_cstring_bytes(key), {.kind = AMQP_FIELD_KIND_I64, .value = {.i64 = value}}};
}

static amqp_table_entry_t text(const char *key, const char *value) {
    return (amqp_table_entry_t){amqp_cstring_bytes(key), {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes(value)}}};
}

static void link_publish(
    link_t *link, const char *exchange, const char *key, amqp_basic_properties_t *properties, const char *body) {
    properties->_flags |= AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_TYPE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
        AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties->content_type = amqp_cstring_bytes("application/json");
    properties->delivery_mode = 2;
    check(
        amqp_basic_publish(
            link->connection, GIVING, amqp_cstring_bytes(exchange), amqp_cstring_bytes(key), 1, 0, properties,
            amqp_cstring_bytes(body)),
        "publish");
    link->published++;
}

static void publish_task(link_t *link, long index) {
    char id[64];
    snprintf(id, sizeof id, "01K9Z0EXAMPLERUN.%ld.1", index);
    amqp_table_entry_t headers[] = {
        number("baton-protocol", 1), text("baton-run", "01K9Z0EXAMPLERUN"), text("baton-task", "charge"),
        text("baton-handler", "core.echo"), number("baton-attempt", 1), number("baton-max-attempts", 1)};
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_PRIORITY_FLAG | AMQP_BASIC_TIMESTAMP_FLAG |
            AMQP_BASIC_APP_ID_FLAG,
        .headers = {6, headers}, .type = amqp_cstring_bytes("task"), .message_id = amqp_cstring_bytes(id),
        .correlation_id = amqp_cstring_bytes("01K9Z0EXAMPLERUN"), .reply_to = amqp_cstring_bytes("0"), .priority = 2,
        .timestamp = 1764000000, .app_id = amqp_cstring_bytes("baton")};
    link_publish(link, "limit.tasks", "default.p2", &properties, "{\"inputs\":{\"orderId\":42}}");
}

static void publish_report(link_t *link) {
    amqp_table_entry_t headers[] = {
        number("baton-protocol", 1), text("baton-run", "01K9Z0EXAMPLERUN"), text("baton-task", "charge"),
        number("baton-attempt", 1), text("baton-worker", "host-17-2k9f"), number("baton-started", 1764000001234)};
    amqp_basic_properties_t properties = {
        .headers = {6, headers}, .type = amqp_cstring_bytes("completed"), .correlation_id = amqp_cstring_bytes(link->id)};
    link_publish(link, "limit.reports", "0", &properties, "{\"receipt\":\"r-1\"}");
}

/* Each task is reported at once, in order, so that the report's sequence number is the task's delivery tag. */
static void echo(const char *url, uint16_t prefetch) {
    static const struct timeval none = {0, 0}, ever = {86400, 0};
    link_t *link = link_open(url);
    uint64_t acknowledged = 0;
    link_consume(link, tasks_queue, prefetch);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int event = link_frame(link, &ever);
        link_cork(link, 1);
        while (event >= 0) {
            if (event == 1) publish_report(link);
            event = link_frame(link, &none);
        }
        if (link->confirmed > acknowledged) link_acknowledge(link, acknowledged = link->confirmed);
        link_cork(link, 0);
        amqp_maybe_release_buffers(link->connection);
    }
}

typedef struct {
    const char *url;
    long tasks, window;
    double start;
    pthread_barrier_t ready;
} race_t;

static void *publisher(void *context) {
    static const struct timeval none = {0, 0};
    race_t *race = context;
    link_t *link = link_open(race->url);
    pthread_barrier_wait(&race->ready);
    race->start = now();
    while (link->confirmed < (uint64_t)race->tasks) {
        link_cork(link, 1);
        while (link->published < (uint64_t)race->tasks && link->published - link->confirmed < (uint64_t)race->window)
            publish_task(link, (long)link->published);
        link_cork(link, 0);
        link_frame(link, NULL);
        while (link_frame(link, &none) >= 0) {}
        amqp_maybe_release_buffers(link->connection);
    }
    return NULL;
}

static long task_of(const link_t *link) {
    long index = -1;
    if (sscanf(link->id, "01K9Z0EXAMPLERUN.%ld.1", &index) != 1) fail("a report", "of no task");
    return index;
}

static void all(race_t *race) {
    static const struct timeval none = {0, 0};
    link_t *link = link_open(race->url);
    bool *seen = calloc((size_t)race->tasks, sizeof *seen);
    pthread_t thread;
    if (!seen) fail("all", "no memory");
    link_consume(link, reports_queue, 1000);
    pthread_barrier_init(&race->ready, NULL, 2);
    if (pthread_create(&thread, NULL, publisher, race) != 0) fail("all", "no thread");
    pthread_barrier_wait(&race->ready);
    for (long missing = race->tasks; missing > 0;) {
        uint64_t last = 0;
        for (int event = link_frame(link, NULL); event >= 0; event = link_frame(link, &none)) {
            if (event != 1) continue;
            const long index = task_of(link);
            if (index < 0 || index >= race->tasks || seen[index]) fail("a report", "of no task, or the second one of a task");
            seen[index] = true;
            missing--;
            last = link->delivery;
        }
        if (last) link_acknowledge(link, last);
        amqp_maybe_release_buffers(link->connection);
    }
    const double end = now();
    pthread_join(thread, NULL);
    check_reply(amqp_connection_close(link->connection, AMQP_REPLY_SUCCESS), "close");
    printf("{\"seconds\": %.6f, \"tasks\": %ld}\n", end - race->start, race->tasks);
}

static int ascending(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void one_by_one(const char *url, long tasks) {
    link_t *giving = link_open(url), *taking = link_open(url);
    double *times = calloc((size_t)tasks, sizeof *times);
    if (!times) fail("one-by-one", "no memory");
    link_consume(taking, reports_queue, 1000);
    const double start = now();
    for (long index = 0; index < tasks; index++) {
        const double sent = now();
        publish_task(giving, index);
        while (giving->confirmed < giving->published) link_frame(giving, NULL);
        while (link_frame(taking, NULL) != 1) {}
        if (task_of(taking) != index) fail("a report", "of another task");
        link_acknowledge(taking, taking->delivery);
        times[index] = now() - sent;
        amqp_maybe_release_buffers(giving->connection);
        amqp_maybe_release_buffers(taking->connection);
    }
    const double seconds = now() - start;
    check_reply(amqp_connection_close(taking->connection, AMQP_REPLY_SUCCESS), "close");
    qsort(times, (size_t)tasks, sizeof *times, ascending);
    printf("{\"seconds\": %.6f, \"tasks\": %ld, \"median_us\": %.1f}\n", seconds, tasks, times[tasks / 2] * 1e6);
}

int main(int count, char **words) {
    const char *role = count > 3 ? words[1] : "";
    const long first = count > 3 ? atol(words[3]) : 0, second = count > 4 ? atol(words[4]) : 0;
    if (strcmp(role, "echo") == 0 && first > 0 && first <= UINT16_MAX) {
        echo(words[2], (uint16_t)first);
    } else if (strcmp(role, "all") == 0 && first > 0 && second > 0 && second < RING) {
        race_t race = {.url = words[2], .tasks = first, .window = second};
        all(&race);
    } else if (strcmp(role, "one-by-one") == 0 && first > 0) {
        one_by_one(words[2], first);
    } else {
        fprintf(stderr, "usage: round_trip echo URL PREFETCH | all URL TASKS WINDOW | one-by-one URL TASKS\n");
        return 2;
    }
    return 0;
}
