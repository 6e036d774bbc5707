// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/http2.h"
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

FIELD_NUMBER(field_http2_frametype, APP_HTTP2, "http2.frametype", NULL, 8, FIELD_MULTI, frame_names, FIELD_WAITING);
FIELD_NUMBER(field_http2_errorcode, APP_HTTP2, "http2.errorcode", NULL, 32, FIELD_MULTI, error_names, FIELD_WAITING);
FIELD_NUMBER(field_http2_priority, APP_HTTP2, "http2.priority", NULL, 8, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_NUMBER(field_http2_window, APP_HTTP2, "http2.window", NULL, 32, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_NUMBER(field_http2_size_update, APP_HTTP2, "http2.size_update", NULL, 64, FIELD_MULTI, NULL, FIELD_WAITING);
FIELD_TEST(field_http2_settings, APP_HTTP2, "http2.settings", NULL, parse_settings, FIELD_WAITING);
FIELD_BUFFER(
	field_http2_header_name, APP_HTTP2, "http2.header_name", NULL, "http2 header name", FIELD_MULTI, FIELD_WAITING);
