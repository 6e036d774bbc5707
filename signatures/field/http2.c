// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/http2.h"
#include "decoders/app/http2/http2.h"
#include "signatures/field/argument.h"

static const struct field_name frame_names[] = {
	{ "data", 0 },
	{ "headers", 1 },
	{ "priority", 2 },
	{ "rst_stream", 3 },
	{ "rststream", 3 },
	{ "settings", 4 },
	{ "push_promise", 5 },
	{ "pushpromise", 5 },
	{ "ping", 6 },
	{ "goaway", 7 },
	{ "window_update", 8 },
	{ "windowupdate", 8 },
	{ "continuation", 9 },
	{ NULL, 0 },
};

static const struct field_name error_names[] = {
	{ "no_error", 0 },
	{ "noerror", 0 },
	{ "protocol_error", 1 },
	{ "protocolerror", 1 },
	{ "internal_error", 2 },
	{ "internalerror", 2 },
	{ "flow_control_error", 3 },
	{ "flowcontrolerror", 3 },
	{ "settings_timeout", 4 },
	{ "settingstimeout", 4 },
	{ "stream_closed", 5 },
	{ "streamclosed", 5 },
	{ "frame_size_error", 6 },
	{ "framesizeerror", 6 },
	{ "refused_stream", 7 },
	{ "refusedstream", 7 },
	{ "cancel", 8 },
	{ "compression_error", 9 },
	{ "compressionerror", 9 },
	{ "connect_error", 10 },
	{ "connecterror", 10 },
	{ "enhance_your_calm", 11 },
	{ "enhanceyourcalm", 11 },
	{ "inadequate_security", 12 },
	{ "inadequatesecurity", 12 },
	{ "http_1_1_required", 13 },
	{ "http11required", 13 },
	{ NULL, 0 },
};

static const struct field_name setting_names[] = {
	{ "settings_header_table_size", 1 },
	{ "settingsheadertablesize", 1 },
	{ "settings_enable_push", 2 },
	{ "settingsenablepush", 2 },
	{ "settings_max_concurrent_streams", 3 },
	{ "settingsmaxconcurrentstreams", 3 },
	{ "settings_initial_window_size", 4 },
	{ "settingsinitialwindowsize", 4 },
	{ "settings_max_frame_size", 5 },
	{ "settingsmaxframesize", 5 },
	{ "settings_max_header_list_size", 6 },
	{ "settingsmaxheaderlistsize", 6 },
	{ NULL, 0 },
};

// http2.settings: "SETTINGS_MAX_CONCURRENT_STREAMS > 100"; without a comparison, that it is there.
struct settings_test {
	uint16_t id;
	bool compares;
	struct argument_compare compare;
};

static const char *parse_settings(const char *arguments, void *data)
{
	struct settings_test *test = data;
	struct span rest = span_trim(span_text(arguments));
	uint32_t len = 0;
	uint64_t id;
	while (len < rest.len && !memchr(" <>=!", rest.data[len], 5))
		len++;
	struct span name = span_slice(rest, 0, len);
	unsigned i = 0;
	while (setting_names[i].name && !span_is_nocase(name, setting_names[i].name))
		i++;
	if (setting_names[i].name)
		test->id = (uint16_t)setting_names[i].value;
	else if (argument_number(name, UINT16_MAX, &id))
		test->id = (uint16_t)id;
	else
		return "expected the name of a setting, such as SETTINGS_ENABLE_PUSH";
	rest = span_trim(span_from(rest, len));
	test->compares = rest.len != 0;
	return !test->compares || argument_compare_read(rest, UINT32_MAX, &test->compare)
		       ? NULL
		       : "expected a comparison after the setting: =N, !N, <N, <=N, >N, >=N, N-M";
}

// The index-th frame of a direction that has what is asked for.
static bool nth_frame(const struct field_source *source, unsigned index, bool (*has)(const struct http2_frame *frame),
	struct http2_frame *out)
{
	for (uint32_t i = 0; http2_frame_at(http2_tx_of(source->tx), source->direction, i, out); i++)
		if (has(out) && index-- == 0)
			return true;
	return false;
}

static bool has_error(const struct http2_frame *frame)
{
	return frame->type == HTTP2_FRAME_RST_STREAM || frame->type == HTTP2_FRAME_GOAWAY;
}

static bool has_priority(const struct http2_frame *frame)
{
	return frame->has_priority;
}

static bool has_window(const struct http2_frame *frame)
{
	return frame->type == HTTP2_FRAME_WINDOW_UPDATE;
}

static bool get_type(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct http2_frame frame;
	if (!http2_frame_at(http2_tx_of(source->tx), source->direction, index, &frame))
		return false;
	*value = frame.type;
	return true;
}

static bool get_error(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct http2_frame frame;
	if (!nth_frame(source, index, has_error, &frame))
		return false;
	*value = frame.value;
	return true;
}

static bool get_priority(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct http2_frame frame;
	if (!nth_frame(source, index, has_priority, &frame))
		return false;
	*value = frame.weight;
	return true;
}

static bool get_window(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct http2_frame frame;
	if (!nth_frame(source, index, has_window, &frame))
		return false;
	*value = frame.value;
	return true;
}

static bool get_size_update(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct http2_header header;
	for (uint32_t i = 0; http2_header_at(http2_tx_of(source->tx), source->direction, i, &header); i++)
		if (header.is_update && index-- == 0) {
			*value = header.update;
			return true;
		}
	return false;
}

static bool get_header_name(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct http2_header header;
	if (!http2_header_at(http2_tx_of(source->tx), source->direction, index, &header))
		return false;
	*value = (struct field_value) { .data = header.name, .first = true, .last = true };
	return true;
}

static bool match_settings(const struct field_source *source, const void *data)
{
	const struct settings_test *test = data;
	struct http2_setting setting;
	for (uint32_t i = 0; http2_setting_at(http2_tx_of(source->tx), source->direction, i, &setting); i++)
		if (setting.id == test->id &&
			(!test->compares || argument_compare_holds(&test->compare, setting.value)))
			return true;
	return false;
}

#define READ(progress, function)                         \
	{ APP_HTTP2, TO_SERVER, progress, function },    \
	{                                                \
		APP_HTTP2, TO_CLIENT, progress, function \
	}

FIELD_NUMBER(field_http2_frametype, APP_HTTP2, "http2.frametype", NULL, 8, FIELD_MULTI, frame_names,
	READ(HTTP2_STARTED, get_type));
FIELD_NUMBER(field_http2_errorcode, APP_HTTP2, "http2.errorcode", NULL, 32, FIELD_MULTI, error_names,
	READ(HTTP2_STARTED, get_error));
FIELD_NUMBER(field_http2_priority, APP_HTTP2, "http2.priority", NULL, 8, FIELD_MULTI, NULL,
	READ(HTTP2_STARTED, get_priority));
FIELD_NUMBER(
	field_http2_window, APP_HTTP2, "http2.window", NULL, 32, FIELD_MULTI, NULL, READ(HTTP2_STARTED, get_window));
FIELD_NUMBER(field_http2_size_update, APP_HTTP2, "http2.size_update", NULL, 64, FIELD_MULTI, NULL,
	READ(HTTP2_STARTED, get_size_update));
FIELD_TEST(
	field_http2_settings, APP_HTTP2, "http2.settings", NULL, parse_settings, READ(HTTP2_STARTED, match_settings));
FIELD_BUFFER(field_http2_header_name, APP_HTTP2, "http2.header_name", NULL, "http2 header name", FIELD_MULTI,
	READ(HTTP2_DATA, get_header_name));
