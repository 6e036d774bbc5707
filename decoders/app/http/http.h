// SPDX-License-Identifier: GPL-3.0-or-later
// HTTP/1: requests and their answers, read by libhtp; bodies decoded, kept up to a limit, and carried on as files.
//
// Life cycle   one http_tx per request and answer, made when its first byte is seen, freed by the driver
// Progress     each direction counts enum http_progress. A value is reached when that part is being read: the line is there
//              from HTTP_HEADERS on, headers from HTTP_BODY on; a message without body goes from headers to complete
// Memory       slab: transaction, bodies, raw headers, names. libhtp takes its own from malloc, bounded by the limits on field
//              length, header count and live transactions
// Threads      transaction of the worker of its flow
#pragma once
#include "decoders/app/app_parser.h"
#include "decoders/app/files/file.h"
#include "decoders/base/bytes.h"

enum http_progress {
	HTTP_NOT_STARTED,
	HTTP_LINE,
	HTTP_HEADERS,
	HTTP_BODY,
	HTTP_TRAILER,
	HTTP_COMPLETE,
};

// X(constant, name): app-layer-event names.
#define HTTP_EVENTS(X)                                                                                     \
	X(HTTP_EVENT_UNKNOWN_ERROR, "unknown_error")                                                       \
	X(HTTP_EVENT_GZIP_DECOMPRESSION_FAILED, "gzip_decompression_failed")                               \
	X(HTTP_EVENT_REQUEST_FIELD_MISSING_COLON, "request_field_missing_colon")                           \
	X(HTTP_EVENT_RESPONSE_FIELD_MISSING_COLON, "response_field_missing_colon")                         \
	X(HTTP_EVENT_INVALID_REQUEST_CHUNK_LEN, "invalid_request_chunk_len")                               \
	X(HTTP_EVENT_INVALID_RESPONSE_CHUNK_LEN, "invalid_response_chunk_len")                             \
	X(HTTP_EVENT_INVALID_TRANSFER_ENCODING_IN_REQUEST, "invalid_transfer_encoding_value_in_request")   \
	X(HTTP_EVENT_INVALID_TRANSFER_ENCODING_IN_RESPONSE, "invalid_transfer_encoding_value_in_response") \
	X(HTTP_EVENT_INVALID_CONTENT_LENGTH_IN_REQUEST, "invalid_content_length_field_in_request")         \
	X(HTTP_EVENT_INVALID_CONTENT_LENGTH_IN_RESPONSE, "invalid_content_length_field_in_response")       \
	X(HTTP_EVENT_DUPLICATE_CONTENT_LENGTH_IN_REQUEST, "duplicate_content_length_field_in_request")     \
	X(HTTP_EVENT_DUPLICATE_CONTENT_LENGTH_IN_RESPONSE, "duplicate_content_length_field_in_response")   \
	X(HTTP_EVENT_100_CONTINUE_ALREADY_SEEN, "100_continue_already_seen")                               \
	X(HTTP_EVENT_UNABLE_TO_MATCH_RESPONSE, "unable_to_match_response_to_request")                      \
	X(HTTP_EVENT_INVALID_SERVER_PORT, "invalid_server_port_in_request")                                \
	X(HTTP_EVENT_INVALID_AUTHORITY_PORT, "invalid_authority_port")                                     \
	X(HTTP_EVENT_REQUEST_HEADER_INVALID, "request_header_invalid")                                     \
	X(HTTP_EVENT_RESPONSE_HEADER_INVALID, "response_header_invalid")                                   \
	X(HTTP_EVENT_MISSING_HOST_HEADER, "missing_host_header")                                           \
	X(HTTP_EVENT_HOST_HEADER_AMBIGUOUS, "host_header_ambiguous")                                       \
	X(HTTP_EVENT_INVALID_REQUEST_FIELD_FOLDING, "invalid_request_field_folding")                       \
	X(HTTP_EVENT_INVALID_RESPONSE_FIELD_FOLDING, "invalid_response_field_folding")                     \
	X(HTTP_EVENT_REQUEST_FIELD_TOO_LONG, "request_field_too_long")                                     \
	X(HTTP_EVENT_RESPONSE_FIELD_TOO_LONG, "response_field_too_long")                                   \
	X(HTTP_EVENT_FILE_NAME_TOO_LONG, "file_name_too_long")                                             \
	X(HTTP_EVENT_REQUEST_LINE_INVALID, "request_line_invalid")                                         \
	X(HTTP_EVENT_REQUEST_BODY_UNEXPECTED, "request_body_unexpected")                                   \
	X(HTTP_EVENT_SERVER_PORT_MISMATCH, "request_server_port_tcp_port_mismatch")                        \
	X(HTTP_EVENT_URI_HOST_INVALID, "request_uri_host_invalid")                                         \
	X(HTTP_EVENT_HEADER_HOST_INVALID, "request_header_host_invalid")                                   \
	X(HTTP_EVENT_AUTH_UNRECOGNIZED, "request_auth_unrecognized")                                       \
	X(HTTP_EVENT_REQUEST_HEADER_REPETITION, "request_header_repetition")                               \
	X(HTTP_EVENT_RESPONSE_HEADER_REPETITION, "response_header_repetition")                             \
	X(HTTP_EVENT_DOUBLE_ENCODED_URI, "double_encoded_uri")                                             \
	X(HTTP_EVENT_URI_DELIM_NON_COMPLIANT, "uri_delim_non_compliant")                                   \
	X(HTTP_EVENT_METHOD_DELIM_NON_COMPLIANT, "method_delim_non_compliant")                             \
	X(HTTP_EVENT_REQUEST_LINE_LEADING_WHITESPACE, "request_line_leading_whitespace")                   \
	X(HTTP_EVENT_TOO_MANY_ENCODING_LAYERS, "too_many_encoding_layers")                                 \
	X(HTTP_EVENT_ABNORMAL_CE_HEADER, "abnormal_ce_header")                                             \
	X(HTTP_EVENT_RESPONSE_MULTIPART_BYTERANGES, "response_multipart_byteranges")                       \
	X(HTTP_EVENT_RESPONSE_ABNORMAL_TRANSFER_ENCODING, "response_abnormal_transfer_encoding")           \
	X(HTTP_EVENT_RESPONSE_CHUNKED_OLD_PROTO, "response_chunked_old_proto")                             \
	X(HTTP_EVENT_RESPONSE_INVALID_PROTOCOL, "response_invalid_protocol")                               \
	X(HTTP_EVENT_RESPONSE_INVALID_STATUS, "response_invalid_status")                                   \
	X(HTTP_EVENT_REQUEST_LINE_INCOMPLETE, "request_line_incomplete")                                   \
	X(HTTP_EVENT_REQUEST_LINE_MISSING_PROTOCOL, "request_line_missing_protocol")                       \
	X(HTTP_EVENT_LZMA_MEMLIMIT_REACHED, "lzma_memlimit_reached")                                       \
	X(HTTP_EVENT_COMPRESSION_BOMB, "compression_bomb")                                                 \
	X(HTTP_EVENT_COMPRESSION_BOMB_LIMIT_REACHED, "compression_bomb_limit_reached")                     \
	X(HTTP_EVENT_REQUEST_TOO_MANY_HEADERS, "request_too_many_headers")                                 \
	X(HTTP_EVENT_RESPONSE_TOO_MANY_HEADERS, "response_too_many_headers")                               \
	X(HTTP_EVENT_REQUEST_CHUNK_EXTENSION, "request_chunk_extension")                                   \
	X(HTTP_EVENT_RESPONSE_CHUNK_EXTENSION, "response_chunk_extension")                                 \
	X(HTTP_EVENT_MULTIPART_GENERIC_ERROR, "multipart_generic_error")                                   \
	X(HTTP_EVENT_MULTIPART_NO_FILEDATA, "multipart_no_filedata")                                       \
	X(HTTP_EVENT_MULTIPART_INVALID_HEADER, "multipart_invalid_header")                                 \
	X(HTTP_EVENT_TOO_MANY_WARNINGS, "too_many_warnings")                                               \
	X(HTTP_EVENT_RANGE_INVALID, "range_invalid")                                                       \
	X(HTTP_EVENT_FAILED_PROTOCOL_CHANGE, "failed_protocol_change")

#define HTTP_EVENT_CONSTANT(constant, name) constant,
enum http_event { HTTP_EVENTS(HTTP_EVENT_CONSTANT) HTTP_EVENTS_END };

// A decoded body as far as it is kept.
struct http_body {
	struct bytes data;
	uint64_t offset; // of data.data[0] in the body
	uint64_t seen;   // decoded bytes so far, kept or not
	bool has_body;
	bool complete; // no more comes
	bool limited;  // more came than is kept: the tail is missing
};

struct http_multipart;
struct decompress;

#define HTTP_FILES_MAX \
	256 // of a transaction; rules look at each again and again, so a form of thousands would cost more than it tells

struct http_tx {
	struct app_tx base;
	void *htp;        // libhtp's transaction
	struct bytes uri; // normalised
	struct bytes raw_headers[2];
	struct bytes raw_trailers[2];
	struct http_body body[2];
	struct file *file[2]; // the open one of a direction; owned by base.files
	struct http_multipart *multipart;
	struct decompress *decoder[2]; // takes content codings off while the body passes; NULL: there are none
	uint16_t file_count;           // opened so far
	bool file_done[2];             // a file of the direction was opened and closed, or could not be
};

extern const struct app_parser http_parser;

enum http_part {
	HTTP_PART_METHOD,
	HTTP_PART_URI, // normalised
	HTTP_PART_URI_RAW,
	HTTP_PART_PROTOCOL, // of the request
	HTTP_PART_REQUEST_LINE,
	HTTP_PART_HOST, // normalised: lower case, from the URI or the Host header
	HTTP_PART_HOST_RAW,
	HTTP_PART_RESPONSE_LINE,
	HTTP_PART_RESPONSE_PROTOCOL,
	HTTP_PART_STATUS,
	HTTP_PART_STATUS_MESSAGE,
	HTTP_PARTS_END,
};

// Borrowed: valid until more of the flow is parsed or the transaction is freed. False: not there.
bool http_part(const struct app_tx *tx, enum http_part part, struct span *out);

struct http_header {
	struct span name, value;
	bool repeated;
};

// The index-th header as it came, trailers after; false past the last. Borrowed as above.
bool http_header_at(const struct app_tx *tx, enum direction direction, uint32_t index, struct http_header *out);
// By name, case does not matter.
bool http_header_find(const struct app_tx *tx, enum direction direction, const char *name, struct span *value);

int http_status(const struct app_tx *tx);               // 0 or less: unknown or unreadable
int http_request_port(const struct app_tx *tx);         // named in the URI or Host header; -1 none
uint64_t http_response_length(const struct app_tx *tx); // bytes of body as transferred, before decompression
bool http_request_unseen(const struct app_tx *tx);      // an answer without its request
bool http_asks_first(const struct app_tx *tx);          // no request of the connection came before its own

struct http_range {
	int64_t start, end, size; // -1: not given
};

// Content-Range (RFC 9110 14.4): "bytes 0-499/1234", "bytes */1234". False: malformed.
bool http_range_parse(struct span value, struct http_range *out);
