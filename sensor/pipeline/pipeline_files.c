// SPDX-License-Identifier: GPL-3.0-or-later
// Files stage of the pipeline: hands carried files to the file store. A file's bytes go to the store as they come, since a rule may choose it at
// its end only; when it is whole it is kept or dropped.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "decoders/app/files/file.h"
#include "sensor/pipeline/pipeline_state.h"

#define RING_WAIT_NS 50000

bool pipeline_files_init(struct pipeline *pipeline, struct file_store *store, bool rules_choose)
{
	const struct file_store_config *config = &pipeline->config->file_store;
	struct pipeline_files *files = &pipeline->files;
	if (!store || (!config->force && !rules_choose))
		return true;
	files->store = store;
	files->ring = record_ring_new(config->queue);
	files->idle = calloc(config->open_max, sizeof(*files->idle));
	files->dying = calloc(config->open_max, sizeof(*files->dying));
	if (!files->ring || !files->idle || !files->dying)
		return false;
	for (uint64_t number = config->open_max; number > 0; number--)
		files->idle[files->idle_count++] = (uint16_t)number;
	return true;
}

void pipeline_files_fini(struct pipeline *pipeline)
{
	record_ring_free(pipeline->files.ring);
	free(pipeline->files.idle);
	free(pipeline->files.dying);
}

static bool send(struct pipeline *pipeline, const struct file_store_message *message, uint64_t ts_ns, struct span bytes)
{
	struct record *record;
	while (!(record = record_ring_reserve(pipeline->files.ring))) {
		if (!pipeline->lossless)
			return false;
		pipeline->counters[PIPELINE_COUNT_FILES_WAITS]++;
		nanosleep(&(struct timespec) { 0, RING_WAIT_NS }, NULL);
	}
	record->ts_ns = ts_ns;
	memcpy(record->line, message, sizeof(*message));
	if (bytes.len)
		memcpy(record->line + sizeof(*message), bytes.data, bytes.len);
	record_ring_commit(pipeline->files.ring, record, (uint32_t)sizeof(*message) + bytes.len);
	return true;
}

// The store forgets a file, and its number is free, as soon as there is room to say so.
static void drop(void *context, uint32_t number)
{
	struct pipeline *pipeline = context;
	struct pipeline_files *files = &pipeline->files;
	files->dying[files->dying_count++] = (uint16_t)number;
	while (files->dying_count) {
		uint16_t last = files->dying[files->dying_count - 1];
		struct file_store_message message = { .kind = FILE_STORE_DROP, .file = last };
		if (!send(pipeline, &message, 0, (struct span) { 0 }))
			return;
		files->dying_count--;
		files->idle[files->idle_count++] = last;
	}
}

static uint32_t open_file(void *context)
{
	struct pipeline *pipeline = context;
	struct pipeline_files *files = &pipeline->files;
	if (file_store_full(files->store)) {
		pipeline->counters[PIPELINE_COUNT_FILES_REFUSED]++;
		return 0;
	}
	if (files->idle_count == 0) {
		pipeline->counters[PIPELINE_COUNT_FILES_OPEN_MAX]++;
		return 0;
	}
	return files->idle[--files->idle_count];
}

static bool take_data(void *context, uint32_t number, struct span data)
{
	struct pipeline *pipeline = context;
	struct file_store_message message = { .kind = FILE_STORE_DATA, .file = number };
	while (data.len) {
		uint32_t part = data.len < FILE_STORE_CHUNK_BYTES ? data.len : FILE_STORE_CHUNK_BYTES;
		if (!send(pipeline, &message, 0, span_of(data.data, part))) {
			pipeline->counters[PIPELINE_COUNT_FILES_LOST]++;
			drop(context, number);
			return false;
		}
		data = span_from(data, part);
	}
	return true;
}

void pipeline_files_attach(struct pipeline *pipeline)
{
	if (!pipeline->files.ring)
		return;
	pipeline->files.keeper = (struct file_keeper) { pipeline, open_file, take_data, drop };
	file_tools_keep(app_layer_files(pipeline->apps), &pipeline->files.keeper);
}

static bool is_wanted(
	const struct pipeline *pipeline, const struct flow *flow, const struct app_tx *tx, const struct file *file)
{
	uint32_t flow_flag = file->direction == TO_SERVER ? APP_STORE_TS : APP_STORE_TC;
	return pipeline->config->file_store.force || file->wanted || tx->store_files >> file->direction & 1 ||
	       flow->app.flags & flow_flag;
}

void pipeline_files_settle(
	struct pipeline *pipeline, struct flow *flow, const struct app_tx *tx, struct file *file, bool flow_ended)
{
	struct file_store_message message = { .kind = FILE_STORE_KEEP, .file = file->kept_as };
	if (file->state == FILE_OPEN && flow_ended)
		file_close(app_layer_files(pipeline->apps), pipeline->slab, file, FILE_TRUNCATED);
	if (!file->kept_as || !is_wanted(pipeline, flow, tx, file))
		return;
	flow->app.flags |= APP_WHOLE_FILES;
	tcp_session_deepen(flow);
	if (file->state == FILE_OPEN || !file->has_sha256 || file->size == 0)
		return;
	memcpy(message.sha256, file->sha256, sizeof(message.sha256));
	if (!send(pipeline, &message, flow->last_ns, (struct span) { 0 })) {
		pipeline->counters[PIPELINE_COUNT_FILES_LOST]++;
		drop(pipeline, file->kept_as);
	} else {
		pipeline->files.idle[pipeline->files.idle_count++] = (uint16_t)file->kept_as;
		pipeline->counters[PIPELINE_COUNT_FILES_KEPT]++;
		file->stored = true;
		file->store_id = file_store_next_id(pipeline->files.store);
	}
	file->kept_as = 0;
}

void pipeline_files_note(struct pipeline *pipeline, const struct file *file, uint64_t ts_ns, struct span line)
{
	struct file_store_message message = { .kind = FILE_STORE_NOTE, .id = file->store_id };
	if (!file->stored || !pipeline->config->file_store.write_info || line.len > FILE_STORE_CHUNK_BYTES)
		return;
	memcpy(message.sha256, file->sha256, sizeof(message.sha256));
	if (!send(pipeline, &message, ts_ns, line))
		pipeline->counters[PIPELINE_COUNT_FILES_NOTES_LOST]++;
}

struct record_ring *pipeline_file_ring(struct pipeline *pipeline)
{
	return pipeline->files.ring;
}
