// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/sink/file_sink.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "decoders/base/log.h"
#include "decoders/base/write_all.h"

struct file_sink {
	int fd;
	uint32_t used, events; // in the buffer
	uint64_t delivered, lost;
	bool told; // of a write error
	char path[PATH_MAX];
	char buffer[FILE_SINK_BUFFER];
};

static bool file_wanted(const struct sink_config *config)
{
	return config->file_enabled;
}

void file_sink_path(const struct sink_config *config, char *path, size_t size)
{
	const char *name = config->file_name ? config->file_name : "eve.json";
	if (file_sink_is_stdout(config))
		snprintf(path, size, "standard output");
	else if (name[0] == '/' || !config->directory)
		snprintf(path, size, "%s", name);
	else
		snprintf(path, size, "%s/%s", config->directory, name);
}

bool file_sink_is_stdout(const struct sink_config *config)
{
	return config->file_name && strcmp(config->file_name, "-") == 0;
}

static void *file_open_sink(const struct sink_config *config)
{
	struct file_sink *sink = malloc(sizeof(*sink));
	if (!sink) {
		log_error("event file: out of memory");
		return NULL;
	}
	memset(sink, 0, offsetof(struct file_sink, buffer));
	file_sink_path(config, sink->path, sizeof(sink->path));
	if (file_sink_is_stdout(config))
		sink->fd = dup(STDOUT_FILENO);
	else
		sink->fd = open(sink->path,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (config->file_append ? 0 : O_TRUNC), 0640);
	if (sink->fd < 0) {
		log_error("%s: %s", sink->path, strerror(errno));
		free(sink);
		return NULL;
	}
	return sink;
}

static void flush(struct file_sink *sink)
{
	if (!sink->used)
		return;
	if (write_all(sink->fd, sink->buffer, sink->used)) {
		sink->delivered += sink->events;
	} else {
		sink->lost += sink->events;
		if (!sink->told)
			log_error("%s: %s; events are being lost", sink->path, strerror(errno));
		sink->told = true;
	}
	sink->used = sink->events = 0;
}

static bool file_write(void *state, const struct sink_event *event)
{
	struct file_sink *sink = state;
	uint32_t len = event->record->line_len;
	static_assert(RECORD_LINE_MAX <= FILE_SINK_BUFFER, "any line fits an empty buffer");
	if (len > FILE_SINK_BUFFER - sink->used)
		flush(sink);
	memcpy(sink->buffer + sink->used, event->record->line, len);
	sink->used += len;
	sink->events++;
	return true;
}

static void file_poll(void *state)
{
	flush(state);
}

static void file_counts(const void *state, uint64_t *delivered, uint64_t *lost)
{
	const struct file_sink *sink = state;
	*delivered = sink->delivered;
	*lost = sink->lost;
}

static bool file_close_sink(void *state)
{
	struct file_sink *sink = state;
	flush(sink);
	bool good = sink->lost == 0;
	if (close(sink->fd) < 0) {
		log_error("%s: %s", sink->path, strerror(errno));
		good = false;
	}
	if (sink->lost)
		log_error("%s: %llu events could not be written", sink->path, (unsigned long long)sink->lost);
	free(sink);
	return good;
}

const struct sink_kind file_sink_kind = {
	.name = "file",
	.wanted = file_wanted,
	.open = file_open_sink,
	.write = file_write,
	.poll = file_poll,
	.counts = file_counts,
	.close = file_close_sink,
};
