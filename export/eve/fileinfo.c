// SPDX-License-Identifier: GPL-3.0-or-later
// fileinfo: a file a protocol carried, with the application's object it came in.
#include "export/eve/eve_app.h"
#include "export/eve/eve_header.h"

#define LINE_RESERVE (16u << 10) // bytes of the line kept for the file, its name in the longest form among them

static const char *state_name(const struct file *file)
{
	switch ((enum file_state)file->state) {
	case FILE_CLOSED: return "CLOSED";
	case FILE_ERROR: return "ERROR";
	case FILE_OPEN: // told at its flow's end: nothing more comes
	case FILE_TRUNCATED: break;
	}
	return "TRUNCATED";
}

void eve_file(struct json *json, const char *key, const struct app_tx *tx, const struct file *file)
{
	json_put_object(json, key);
	json_put_span(json, "filename", bytes_span(&file->name));
	json_put_text(json, "magic", file->magic);
	json_put_bool(json, "gaps", file->has_gaps);
	json_put_text(json, "state", state_name(file));
	if (file->has_md5)
		json_put_hex(json, "md5", span_of(file->md5, sizeof file->md5), 0);
	if (file->has_sha1)
		json_put_hex(json, "sha1", span_of(file->sha1, sizeof file->sha1), 0);
	if (file->has_sha256)
		json_put_hex(json, "sha256", span_of(file->sha256, sizeof file->sha256), 0);
	json_put_bool(json, "stored", file->stored);
	if (file->stored)
		json_put_uint(json, "file_id", file->store_id);
	if (file->sid_count) {
		json_put_array(json, "sid");
		for (unsigned i = 0; i < file->sid_count; i++)
			json_put_uint(json, NULL, file->sids[i]);
		json_array_end(json);
	}
	json_put_uint(json, "size", file->size);
	if (file->range_end) {
		json_put_uint(json, "start", file->range_start);
		json_put_uint(json, "end", file->range_end);
	}
	json_put_uint(json, "tx_id", tx->id);
	json_object_end(json);
}

bool eve_fileinfo(struct eve_writer *writer, struct json *json, struct record *record, const struct packet *packet,
	const struct flow *flow, const struct app_tx *tx, const struct file *file)
{
	if (!writer->config->fileinfo)
		return false;
	const struct eve_event event = { .type = RECORD_FILEINFO,
		.name = "fileinfo",
		.view = file->direction == TO_CLIENT ? EVE_TO_CLIENT : EVE_TO_SERVER,
		.packet = packet,
		.flow = flow,
		.ts_ns = packet ? packet->ts_ns : flow->last_ns };
	eve_header(writer, json, record, &event);
	const struct eve_app *app = eve_app_of(flow->app.proto);
	struct json_mark mark = json_mark(json);
	if (app)
		app->write(json, writer->config, flow, tx, 0, true);
	json_keep_if_room(json, mark, LINE_RESERVE);
	eve_app_protos(json, flow);
	eve_file(json, "fileinfo", tx, file);
	return true;
}
