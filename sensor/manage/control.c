// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/manage/control.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "export/eve/json.h"
#include "sensor/manage/control_dataset.h"
#include "sensor/manage/request.h"
#include "sensor/process/signals.h"
#include "sensor/stats/stats.h"

#define ANSWER_MAX      (256u << 10)
#define POLL_MS         200 // between looks whether the end is asked for
#define SEND_S          2   // a client that does not read its answer is let go after this
#define OVER_BUDGET_MAX 20  // rules told of

struct client {
	int fd; // -1: free
	uint32_t used;
	char line[CONTROL_REQUEST_MAX];
};

struct control {
	struct control_options options;
	struct client clients[CONTROL_CLIENTS_MAX];
	int fd;
	time_t started_s;
	atomic_bool stopping;
	bool running;
	pthread_t thread;
	const struct control_request *request; // being served
	char answer[ANSWER_MAX];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static time_t uptime_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

// Answers -----------------------------------------------------------------------------------------------------------------------------

static void begin(struct control *control, struct json *json, bool good)
{
	json_begin(json, control->answer, sizeof(control->answer));
	json_put_text(json, "return", good ? "OK" : "NOK");
}

static void send_answer(struct control *control, struct json *json, struct client *client)
{
	size_t len = json_end(json), sent = 0;
	if (!len) {
		static const char too_long[] = "{\"return\":\"NOK\",\"message\":\"the answer is too long\"}\n";
		memcpy(control->answer, too_long, len = sizeof(too_long) - 1);
	}
	while (sent < len) {
		ssize_t now = send(client->fd, control->answer + sent, len - sent, MSG_NOSIGNAL);
		if (now <= 0)
			return; // gone, or not reading
		sent += (size_t)now;
	}
}

static void answer_text(struct control *control, struct client *client, bool good, const char *text)
{
	struct json json;
	begin(control, &json, good);
	json_put_text(&json, "message", text);
	send_answer(control, &json, client);
}

static void on_version(struct control *control, struct client *client)
{
	answer_text(control, client, true, "Sekisho " SEKISHO_VERSION);
}

static void on_uptime(struct control *control, struct client *client)
{
	struct json json;
	begin(control, &json, true);
	json_put_uint(&json, "message", (uint64_t)(uptime_clock() - control->started_s));
	send_answer(control, &json, client);
}

static void put_over_budget(void *context, const struct engine *engine)
{
	struct engine_over rows[OVER_BUDGET_MAX];
	struct json *json = context;
	uint32_t count = engine_over_budget(engine, rows, OVER_BUDGET_MAX);
	json_put_array(json, "detect.rules_over_budget");
	for (uint32_t i = 0; i < count && i < OVER_BUDGET_MAX; i++) {
		json_put_object(json, NULL);
		json_put_uint(json, "gid", rows[i].rule->gid);
		json_put_uint(json, "sid", rows[i].rule->sid);
		json_put_uint(json, "rev", rows[i].rule->rev);
		json_put_uint(json, "step_limit", rows[i].steps);
		json_put_uint(json, "pcre_limit", rows[i].pcre);
		json_object_end(json);
	}
	json_array_end(json);
}

static void put_counter(void *json, const char *name, uint64_t value)
{
	json_put_uint(json, name, value);
}

static void on_counters(struct control *control, struct client *client)
{
	const struct pipeline *first = control->options.pipelines[0];
	size_t rows = pipeline_counter_count(first);
	uint64_t *values = calloc(rows, sizeof(*values));
	if (!values) {
		answer_text(control, client, false, "out of memory");
		return;
	}
	stats_sum(control->options.pipelines, control->options.count, values);
	struct json json;
	begin(control, &json, true);
	json_put_object(&json, "message");
	for (size_t i = 0; i < rows; i++)
		json_put_uint(&json, pipeline_counter_name(first, i), values[i]);
	if (control->options.counters)
		control->options.counters(control->options.context, put_counter, &json);
	reload_use_engine(control->options.reload, put_over_budget, &json);
	json_object_end(&json);
	send_answer(control, &json, client);
	free(values);
}

static void refuse_reload(struct control *control, struct client *client, const struct reload_answer *answer)
{
	char text[sizeof(answer->reason) + 64];
	snprintf(text, sizeof(text), "%s; nothing was changed, the rules loaded before go on", answer->reason);
	answer_text(control, client, false, text);
}

static bool reload(struct control *control, struct client *client, struct reload_answer *answer)
{
	const char *mode = request_argument(control->request, "mode");
	bool indicators = mode && strcmp(mode, "indicators") == 0;
	if (mode && !indicators && strcmp(mode, "partial") != 0) {
		answer_text(control, client, false, "unknown mode of reload; expected none, partial or indicators");
		return false;
	}
	bool good = indicators ? reload_indicators(control->options.reload, answer)
			       : reload_rules(control->options.reload, mode != NULL, answer);
	if (!good)
		refuse_reload(control, client, answer);
	return good;
}

static void on_reload(struct control *control, struct client *client)
{
	struct reload_answer answer;
	if (!reload(control, client, &answer))
		return;
	struct json json;
	begin(control, &json, true);
	json_put_object(&json, "message");
	json_put_uint(&json, "generation", answer.generation);
	json_put_uint(&json, "loaded", answer.rules.count);
	json_put_uint(&json, "refused", answer.rules.failed);
	json_put_uint(&json, "skipped", answer.rules.skipped);
	json_put_uint(&json, "indicators", answer.indicators);
	json_put_uint(&json, "milliseconds", (uint64_t)(answer.seconds * 1000));
	json_object_end(&json);
	send_answer(control, &json, client);
}

// The same under the name and with the answer Suricata's clients know.
static void on_reload_rules(struct control *control, struct client *client)
{
	struct reload_answer answer;
	if (reload(control, client, &answer))
		answer_text(control, client, true, "done");
}

static void on_shutdown(struct control *control, struct client *client)
{
	answer_text(control, client, true, "closing");
	signals_ask_stop();
}

static const struct {
	const char *name;
	void (*run)(struct control *control, struct client *client);
} commands[] = {
	{ "version", on_version },
	{ "uptime", on_uptime },
	{ "dump-counters", on_counters },
	{ "reload", on_reload },
	{ "reload-rules", on_reload_rules },
	{ "shutdown", on_shutdown },
};

static void serve(struct control *control, struct client *client, const char *line, size_t len)
{
	struct control_request request;
	const char *reason;
	if (!request_read((struct span) { (const uint8_t *)line, (uint32_t)len }, &request, &reason)) {
		answer_text(control, client, false, reason);
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(request.command, commands[i].name) == 0) {
			control->request = &request;
			commands[i].run(control, client);
			return;
		}
	}
	bool good;
	char answer[CONTROL_DATASET_ANSWER];
	if (control_dataset(control->options.reload, &request, &good, answer)) {
		answer_text(control, client, good, answer);
		return;
	}
	bool greeting = !request.command[0] && request.version[0];
	answer_text(control, client, greeting,
		greeting ? "Sekisho " SEKISHO_VERSION
			 : "unknown command; expected version, uptime, dump-counters, reload, reload-rules, "
			   "dataset-add, "
			   "-remove, -lookup, -clear, -dump or shutdown");
}

// Connections -------------------------------------------------------------------------------------------------------------------------

static void let_go(struct client *client)
{
	close(client->fd);
	client->fd = -1;
	client->used = 0;
}

static void take_in(struct control *control)
{
	struct client extra = { .fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC) };
	if (extra.fd < 0)
		return;
	const struct timeval patience = { SEND_S, 0 };
	setsockopt(extra.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		if (control->clients[i].fd < 0) {
			control->clients[i].fd = extra.fd;
			return;
		}
	}
	answer_text(control, &extra, false, "too many connections");
	close(extra.fd);
}

static void hear(struct control *control, struct client *client)
{
	ssize_t got = recv(client->fd, client->line + client->used, sizeof(client->line) - client->used, MSG_DONTWAIT);
	if (got <= 0) {
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			let_go(client);
		return;
	}
	client->used += (uint32_t)got;
	char *end;
	while ((end = memchr(client->line, '\n', client->used))) {
		size_t len = (size_t)(end - client->line);
		serve(control, client, client->line, len);
		client->used -= (uint32_t)len + 1;
		memmove(client->line, end + 1, client->used);
	}
	if (client->used == sizeof(client->line)) {
		answer_text(control, client, false, "the request is too long");
		let_go(client);
	}
}

static void *control_thread(void *argument)
{
	struct control *control = argument;
	while (!atomic_load_explicit(&control->stopping, memory_order_relaxed)) {
		struct pollfd polled[CONTROL_CLIENTS_MAX + 1];
		for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
			polled[i] = (struct pollfd) { control->clients[i].fd, POLLIN, 0 };
		polled[CONTROL_CLIENTS_MAX] = (struct pollfd) { control->fd, POLLIN, 0 };
		if (poll(polled, CONTROL_CLIENTS_MAX + 1, POLL_MS) <= 0)
			continue;
		for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
			if (control->clients[i].fd >= 0 && polled[i].revents)
				hear(control, &control->clients[i]);
		if (polled[CONTROL_CLIENTS_MAX].revents)
			take_in(control);
	}
	return NULL;
}

// Socket ------------------------------------------------------------------------------------------------------------------------------

// Removes what an earlier run left. False: somebody listens there, or it is no socket.
static bool make_way(const struct sockaddr_un *address)
{
	struct stat about;
	if (lstat(address->sun_path, &about) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(about.st_mode)) {
		errno = EEXIST;
		return false;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers = fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	if (fd >= 0)
		close(fd);
	if (answers) {
		errno = EADDRINUSE;
		return false;
	}
	return unlink(address->sun_path) == 0;
}

static bool open_socket(struct control *control)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(control->options.path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(address.sun_path, control->options.path, strlen(control->options.path) + 1);
	memcpy(control->path, address.sun_path, sizeof(control->path));
	if (!make_way(&address))
		return false;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	// Nobody can connect before listen: by then the mode is set
	return control->fd >= 0 && bind(control->fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	       chmod(address.sun_path, 0600) == 0 && listen(control->fd, CONTROL_CLIENTS_MAX) == 0;
}

struct control *control_start(const struct control_options *options)
{
	struct control *control = calloc(1, sizeof(*control));
	if (!control)
		return NULL;
	control->options = *options;
	control->fd = -1;
	control->started_s = uptime_clock();
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i].fd = -1;
	control->running = open_socket(control);
	if (!control->running)
		log_error("unix-command.filename %s: %s", options->path, strerror(errno));
	else if (pthread_create(&control->thread, NULL, control_thread, control) != 0)
		control->running = false;
	if (control->running)
		return control;
	if (control->fd >= 0)
		close(control->fd);
	free(control);
	return NULL;
}

void control_stop(struct control *control)
{
	if (!control)
		return;
	atomic_store_explicit(&control->stopping, true, memory_order_relaxed);
	pthread_join(control->thread, NULL);
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].fd >= 0)
			close(control->clients[i].fd);
	close(control->fd);
	unlink(control->path);
	free(control);
}
