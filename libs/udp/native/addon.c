/*
 * The addon as JavaScript sees it, over Node-API: functions of numbers, and memory that both sides know. One state for
 * each thread of Node. Errors are numbers too: negative errnos, so that nothing is thrown where datagrams pass.
 */
#include <errno.h>
#include <node_api.h>
#include <stdlib.h>

#include "watch.h"

/* What src/addon.ts expects; changes with the functions and constants below. */
#define ADDON_VERSION 4

struct thread_state {
    napi_env env;
    napi_ref memory[5];
    napi_ref on_ready;
    napi_async_context async;
    napi_async_cleanup_hook_handle cleanup;
    bool is_ending;
    int32_t *turn; /* memory of JavaScript: see `next` */
    struct watch watch;
    struct batch batch;
};

static struct thread_state *state_of(napi_env env) {
    void *state = NULL;
    napi_get_instance_data(env, &state);
    return state;
}

static napi_value number(napi_env env, int value) {
    napi_value result;
    return napi_create_int32(env, value, &result) == napi_ok ? result : NULL;
}

/* As many arguments as are wanted, integers; false: something else was given. */
static bool read_integers(napi_env env, napi_callback_info info, size_t wanted, int32_t *values) {
    napi_value arguments[4];
    size_t count = wanted;
    if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < wanted) return false;
    for (size_t i = 0; i < wanted; i++) {
        if (napi_get_value_int32(env, arguments[i], &values[i]) != napi_ok) return false;
    }
    return true;
}

/* The loop has something: JavaScript is called with the socket's index. */
static void call_on_ready(void *context, int index) {
    struct thread_state *state = context;
    napi_env env = state->env;
    napi_handle_scope scope;
    if (state->is_ending || napi_open_handle_scope(env, &scope) != napi_ok) return;
    napi_value function, receiver, argument, error;
    if (napi_get_reference_value(env, state->on_ready, &function) == napi_ok &&
        napi_get_global(env, &receiver) == napi_ok && napi_create_int32(env, index, &argument) == napi_ok) {
        napi_status status =
            napi_make_callback(env, state->async, receiver, function, 1, &argument, NULL);
        bool is_thrown = false;
        if (status == napi_pending_exception && napi_is_exception_pending(env, &is_thrown) == napi_ok &&
            is_thrown && napi_get_and_clear_last_exception(env, &error) == napi_ok) {
            napi_fatal_exception(env, error);
        }
    }
    napi_close_handle_scope(env, scope);
}

static void end_when_closed(void *context) {
    struct thread_state *state = context;
    if (!state->is_ending || state->watch.closing > 0) return;
    napi_remove_async_cleanup_hook(state->cleanup);
    free(state);
}

/* The thread ends, perhaps with sockets open: the loop must let go of them first. */
static void end(napi_async_cleanup_hook_handle handle, void *context) {
    (void)handle;
    struct thread_state *state = context;
    state->is_ending = true;
    for (int i = 0; i < MOST_SOCKETS; i++) watch_close(&state->watch, i);
    end_when_closed(state);
}

static bool keep_memory(napi_env env, struct thread_state *state, napi_value array, int slot, size_t octets,
                        void **data) {
    napi_typedarray_type type;
    size_t length;
    napi_value buffer;
    size_t offset;
    if (napi_get_typedarray_info(env, array, &type, &length, data, &buffer, &offset) != napi_ok) return false;
    size_t wide = type == napi_int32_array ? 4 : 1;
    return length * wide >= octets && napi_create_reference(env, array, 1, &state->memory[slot]) == napi_ok;
}

/* start(onReady, packets, names, lengths, answerLengths, turn): once in each thread. */
static napi_value start(napi_env env, napi_callback_info info) {
    napi_value arguments[6], name;
    size_t count = 6;
    struct thread_state *state = state_of(env);
    napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
    if (count < 6 || state->on_ready != NULL) return number(env, -EINVAL);
    struct batch *batch = &state->batch;
    bool is_kept =
        keep_memory(env, state, arguments[1], 0, (size_t)SLOTS * PACKET_STRIDE, (void **)&batch->packets) &&
        keep_memory(env, state, arguments[2], 1, (size_t)SLOTS * NAME_STRIDE, (void **)&batch->names) &&
        keep_memory(env, state, arguments[3], 2, SLOTS * sizeof(int32_t), (void **)&batch->lengths) &&
        keep_memory(env, state, arguments[4], 3, SLOTS * sizeof(int32_t), (void **)&batch->answer_lengths) &&
        keep_memory(env, state, arguments[5], 4, 2 * sizeof(int32_t), (void **)&state->turn);
    if (!is_kept || napi_create_string_utf8(env, "signpost.udp", NAPI_AUTO_LENGTH, &name) != napi_ok ||
        napi_async_init(env, NULL, name, &state->async) != napi_ok ||
        napi_create_reference(env, arguments[0], 1, &state->on_ready) != napi_ok) {
        return number(env, -EINVAL);
    }
    batch_prepare(batch);
    return number(env, 0);
}

/* open(family, host, port, receiveBuffer): index of the socket. */
static napi_value open_socket(napi_env env, napi_callback_info info) {
    napi_value arguments[4];
    size_t count = 4;
    int32_t family, port, receive_buffer;
    char host[64];
    size_t length;
    struct thread_state *state = state_of(env);
    if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 4 ||
        state->on_ready == NULL || napi_get_value_int32(env, arguments[0], &family) != napi_ok ||
        napi_get_value_string_utf8(env, arguments[1], host, sizeof host, &length) != napi_ok ||
        napi_get_value_int32(env, arguments[2], &port) != napi_ok ||
        napi_get_value_int32(env, arguments[3], &receive_buffer) != napi_ok) {
        return number(env, -EINVAL);
    }
    return number(env, watch_open(&state->watch, family, host, port, receive_buffer));
}

/* port(index) */
static napi_value port_of(napi_env env, napi_callback_info info) {
    int32_t index;
    if (!read_integers(env, info, 1, &index)) return number(env, -EINVAL);
    struct udp_socket *socket = watch_socket(&state_of(env)->watch, index);
    return number(env, socket == NULL ? -EBADF : udp_port(socket));
}

/* receive(index): how many datagrams are in the slots now. */
static napi_value receive(napi_env env, napi_callback_info info) {
    int32_t index;
    struct thread_state *state = state_of(env);
    if (!read_integers(env, info, 1, &index)) return number(env, -EINVAL);
    struct udp_socket *socket = watch_socket(&state->watch, index);
    return number(env, socket == NULL ? -EBADF : batch_receive(&state->batch, socket));
}

/* index, from, end: sends the answers of those slots. Returns how many could not be sent, -EINVAL for no such slots. */
static int send_slots(napi_env env, napi_callback_info info) {
    int32_t values[3];
    struct thread_state *state = state_of(env);
    if (!read_integers(env, info, 3, values)) return -EINVAL;
    int from = values[1], end = values[2];
    if (from < 0 || end < from || end > SLOTS) return -EINVAL;
    struct udp_socket *socket = watch_socket(&state->watch, values[0]);
    return socket == NULL ? end - from : batch_send(&state->batch, socket, from, end);
}

/* send(index, from, end): how many answers of those slots could not be sent. */
static napi_value send_answers(napi_env env, napi_callback_info info) {
    return number(env, send_slots(env, info));
}

/*
 * next(index, from, end): sends the answers of those slots, waits for more datagrams and receives them. Returns how
 * many are in the slots now, 0 when the turn is over; `turn` holds their socket and how many answers did not go.
 */
static napi_value next(napi_env env, napi_callback_info info) {
    struct thread_state *state = state_of(env);
    int failed = send_slots(env, info);
    if (failed < 0) return number(env, failed);
    state->turn[1] = failed;
    int count = 0;
    int index = watch_next(&state->watch, &state->batch, &count);
    if (index < 0) return number(env, 0);
    state->turn[0] = index;
    return number(env, count);
}

/* close(index) */
static napi_value close_socket(napi_env env, napi_callback_info info) {
    int32_t index;
    if (!read_integers(env, info, 1, &index)) return number(env, -EINVAL);
    watch_close(&state_of(env)->watch, index);
    return number(env, 0);
}

static void export_number(napi_env env, napi_value exports, const char *name, int value) {
    napi_set_named_property(env, exports, name, number(env, value));
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok)
        napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
    struct thread_state *state = calloc(1, sizeof *state);
    if (state == NULL) return NULL;
    state->env = env;
    state->watch.on_ready = call_on_ready;
    state->watch.on_closed = end_when_closed;
    state->watch.context = state;
    if (napi_get_uv_event_loop(env, &state->watch.loop) != napi_ok ||
        napi_set_instance_data(env, state, NULL, NULL) != napi_ok ||
        napi_add_async_cleanup_hook(env, end, state, &state->cleanup) != napi_ok) {
        free(state);
        napi_throw_error(env, NULL, "the addon has no place in this thread");
        return NULL;
    }
    export_number(env, exports, "version", ADDON_VERSION);
    export_number(env, exports, "slots", SLOTS);
    export_number(env, exports, "packetOctets", PACKET_OCTETS);
    export_number(env, exports, "packetStride", PACKET_STRIDE);
    export_number(env, exports, "nameStride", NAME_STRIDE);
    export_function(env, exports, "start", start);
    export_function(env, exports, "open", open_socket);
    export_function(env, exports, "port", port_of);
    export_function(env, exports, "receive", receive);
    export_function(env, exports, "send", send_answers);
    export_function(env, exports, "next", next);
    export_function(env, exports, "close", close_socket);
    return exports;
}
