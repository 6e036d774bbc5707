// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/2 (RFC 9113) with prior knowledge or after an upgrade, HPACK (RFC 7541) by libnghttp2, and DNS inside it (RFC 8484).
//
// Life cycle   a transaction a stream, from its first frame until both sides ended it; each frame of stream 0 is one alone
// Progress     each direction counts enum http2_progress
// Memory       worker's slab, libnghttp2's tables included. Bounds: max-streams, max-table-size, max-reassembly-size, and those below
// Threads      worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/dns/dns_message.h"
#include "decoders/base/bytes.h"

enum http2_progress {
	HTTP2_IDLE,
	HTTP2_STARTED, // a frame came
	HTTP2_DATA,    // headers are there
	HTTP2_CLOSED,
};

enum http2_frame_type {
	HTTP2_FRAME_DATA,
	HTTP2_FRAME_HEADERS,
	HTTP2_FRAME_PRIORITY,
	HTTP2_FRAME_RST_STREAM,
	HTTP2_FRAME_SETTINGS,
	HTTP2_FRAME_PUSH_PROMISE,
	HTTP2_FRAME_PING,
	HTTP2_FRAME_GOAWAY,
	HTTP2_FRAME_WINDOW_UPDATE,
	HTTP2_FRAME_CONTINUATION,
};

// X(constant, name): app-layer-event names.
#define HTTP2_EVENTS(X)                                                     \
	X(HTTP2_EVENT_INVALID_FRAME_HEADER, "invalid_frame_header")         \
	X(HTTP2_EVENT_INVALID_CLIENT_MAGIC, "invalid_client_magic")         \
	X(HTTP2_EVENT_INVALID_FRAME_DATA, "invalid_frame_data")             \
	X(HTTP2_EVENT_INVALID_HEADER, "invalid_header")                     \
	X(HTTP2_EVENT_INVALID_FRAME_LENGTH, "invalid_frame_length")         \
	X(HTTP2_EVENT_EXTRA_HEADER_DATA, "extra_header_data")               \
	X(HTTP2_EVENT_LONG_FRAME_DATA, "long_frame_data")                   \
	X(HTTP2_EVENT_STREAM_ID_REUSE, "stream_id_reuse")                   \
	X(HTTP2_EVENT_INVALID_HTTP1_SETTINGS, "invalid_http1_settings")     \
	X(HTTP2_EVENT_FAILED_DECOMPRESSION, "failed_decompression")         \
	X(HTTP2_EVENT_INVALID_RANGE, "invalid_range")                       \
	X(HTTP2_EVENT_HEADER_INTEGER_OVERFLOW, "header_integer_overflow")   \
	X(HTTP2_EVENT_TOO_MANY_STREAMS, "too_many_streams")                 \
	X(HTTP2_EVENT_AUTHORITY_HOST_MISMATCH, "authority_host_mismatch")   \
	X(HTTP2_EVENT_USERINFO_IN_URI, "userinfo_in_uri")                   \
	X(HTTP2_EVENT_REASSEMBLY_LIMIT_REACHED, "reassembly_limit_reached") \
	X(HTTP2_EVENT_DNS_REQUEST_TOO_LONG, "dns_request_too_long")         \
	X(HTTP2_EVENT_DNS_RESPONSE_TOO_LONG, "dns_response_too_long")       \
	X(HTTP2_EVENT_DATA_STREAM_ZERO, "data_stream_zero")                 \
	X(HTTP2_EVENT_TOO_MANY_FRAMES, "too_many_frames")                   \
	X(HTTP2_EVENT_HEADER_TABLE_OVERFLOW, "header_table_overflow")       \
	X(HTTP2_EVENT_COMPRESSION_BOMB, "compression_bomb")
#define HTTP2_EVENT_CONSTANT(constant, name) constant,
enum http2_event { HTTP2_EVENTS(HTTP2_EVENT_CONSTANT) HTTP2_EVENTS_END };

#define HTTP2_FRAME_BYTES   16384u // of a frame other than DATA that are read; what is over is passed over, with an event
#define HTTP2_FRAMES_MAX    1024u        // told of a stream and direction
#define HTTP2_HEADERS_MAX   1024u        // kept of a stream and direction
#define HTTP2_HEADERS_BYTES (256u << 10) // their names and values
#define HTTP2_FLOW_HEADERS_BYTES \
	(2u << 20)             // of all open streams: a byte that names a large entry of the table makes a copy of it
#define HTTP2_DNS_BYTES 65535u // of a message of DNS inside

// A frame as it is remembered; DATA is told of once a direction.
struct http2_frame {
	uint8_t type; // enum http2_frame_type; others as they came
	bool has_priority;
	uint8_t weight;
	uint16_t settings; // how many
	uint32_t value;    // error code of RST_STREAM and GOAWAY, increment of WINDOW_UPDATE
};

struct http2_setting {
	uint16_t id;
	uint32_t value;
};

// A header field, or a change of the table's size between them.
struct http2_header {
	struct span name, value;
	bool is_update;
	uint64_t update; // the new size
};

struct http2_dns {
	struct dns_message message; // points behind it
	uint32_t size;              // of the block
};

struct file;
struct decompress;
struct http2_brotli;

struct http2_side {
	struct bytes frames;   // struct http2_frame
	struct bytes settings; // struct http2_setting
	struct bytes headers;  // struct http2_kept_header, the places in text
	struct bytes text;
	struct file *file; // the open one; owned by the transaction's list
	bool file_done;
	struct decompress *decoder;  // takes a content coding off; NULL: there is none
	struct http2_brotli *brotli; // likewise
	bool saw_data;
	bool carries_dns;
	struct bytes dns_bytes; // the body, while it may be a DNS message
	struct http2_dns *dns;
};

struct http2_tx {
	struct app_tx tx;
	uint32_t stream;
	struct http2_tx *next, **link; // in its bucket, and what points here; link NULL: in none
	struct http2_side sides[2];
};

extern const struct app_parser http2_parser;

static inline const struct http2_tx *http2_tx_of(const struct app_tx *tx)
{
	return (const struct http2_tx *)(const void *)tx;
}

// The index-th frame, setting or header of a direction; false past the last. Borrowed: until more of the flow is parsed.
bool http2_frame_at(const struct http2_tx *tx, enum direction direction, uint32_t index, struct http2_frame *out);
bool http2_setting_at(const struct http2_tx *tx, enum direction direction, uint32_t index, struct http2_setting *out);
bool http2_header_at(const struct http2_tx *tx, enum direction direction, uint32_t index, struct http2_header *out);
// The first of a name; names are compared without case.
bool http2_header_find(const struct http2_tx *tx, enum direction direction, const char *name, struct span *value);
// :authority, else Host.
bool http2_host(const struct http2_tx *tx, struct span *out);
// Host of an authority: without user and port, case as it came.
struct span http2_host_name(struct span authority);
// "PROTOCOLERROR"; NULL: no such code. "SETTINGSENABLEPUSH"; NULL likewise.
const char *http2_error_name(uint32_t code);
const char *http2_setting_name(uint16_t id);

static inline const struct dns_message *http2_dns(const struct http2_tx *tx, enum direction direction)
{
	return tx->sides[direction].dns ? &tx->sides[direction].dns->message : NULL;
}
